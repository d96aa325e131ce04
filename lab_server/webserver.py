"""The web process's entry point for the supervisor: it becomes `python -m web`, which alone may serve HTTP."""

import os
import sys

if __name__ == "__main__":
    os.execv(sys.executable, [sys.executable, "-m", "web", *sys.argv[1:]])  # noqa: S606 (our own interpreter)
