"""A process that has a program loaded and waits: told to begin, it is that program at once.

`python -m lab_server.standby lab_server.brain`. Loading takes a second or two of a core, and callers would wait for it.
One byte on standard input is the word to begin; the end of the input means that nobody will say it.
"""

import importlib
import os
import runpy
import sys

from lab_server.process import go_with_parent


def wait_and_run(module: str, word: int = 0) -> None:
    """Load `module`, wait for a byte on the file descriptor `word`, run the module as `python -m` would."""
    importlib.import_module(module)
    if not os.read(word, 1):
        return
    del sys.modules[module]  # what it imported stays; its own few lines run once more, as the main module's
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    go_with_parent()
    wait_and_run(sys.argv[1])
