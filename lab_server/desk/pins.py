"""PINs that are given out: six digits by chance, none that everybody tries first."""

import itertools
import secrets

LENGTH = 6


def fresh() -> str:
    """A PIN nobody can guess better than by trying."""
    while True:
        pin = f"{secrets.randbelow(10**LENGTH):0{LENGTH}}"
        if not _is_plain(pin):
            return pin


def _is_plain(pin: str) -> bool:
    """At most two different digits, or digits in a row: 111112, 123456, 987654."""
    steps = {int(after) - int(before) for before, after in itertools.pairwise(pin)}
    return len(set(pin)) < 3 or steps in ({1}, {-1})
