"""New ULIDs without a system call for each, which in a process with threads would give another one its turn."""

import os
from datetime import datetime

from ulid import ULIDGenerator

RANDOM_BYTES = 10
"""Of each ULID, as the specification has it."""
AT_ONCE = 256


class RandomBytes:
    """The system's randomness, fetched for many ids at once. A forked process fetches its own."""

    def __init__(self) -> None:
        self._left: list[bytes] = []
        self._process = 0

    def __call__(self, _at_ms: int) -> bytes:
        if not self._left or self._process != os.getpid():
            fetched = os.urandom(RANDOM_BYTES * AT_ONCE)
            self._left = [fetched[at : at + RANDOM_BYTES] for at in range(0, len(fetched), RANDOM_BYTES)]
            self._process = os.getpid()
        return self._left.pop()


_generator = ULIDGenerator(randomness=RandomBytes())


def new_ulid(at: datetime | None = None) -> str:
    """Of now, or of that time, in its canonical upper-case spelling; in order also within a millisecond."""
    return str(_generator.generate(at))
