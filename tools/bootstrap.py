"""What `make` runs: from a bare clone to a running class. Standard library only; any Python from 3.8 can start it."""

import os
import sys


def _right_python() -> None:
    """Go on in a Python that Ringside runs on, if this one is not."""
    if sys.version_info[:2] in ((3, 11), (3, 12)):
        return
    import shutil  # noqa: PLC0415 - needed only here
    import subprocess  # noqa: PLC0415

    for name in ("python3.12", "python3.11"):
        path = shutil.which(name)
        if path and subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            os.execv(path, [path, *sys.argv])  # noqa: S606 - no shell is what we want
    here = "%d.%d" % sys.version_info[:2]  # noqa: UP031 - read by old Pythons
    sys.exit(f"setup: Ringside needs Python 3.11 or 3.12, this machine has {here}; install python3.12 or python3.11")


if __name__ == "__main__":
    _right_python()
    from pathlib import Path

    root = Path(__file__).resolve().parents[1]
    sys.path.insert(0, str(root))
    from tools.commands import main

    sys.exit(main(root, sys.argv[1:]))
