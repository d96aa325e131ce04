"""Numbers to be dialled: one spelling for each, and why one may not be dialled."""

import re
import unicodedata
from typing import ClassVar

_SEPARATORS = frozenset(" -.()/\u00a0\u2010\u2011\u2012\u2013\u2014\u2212\t")
_DIALLED = re.compile(r"\+?[0-9*#]{1,32}")


class NumberError(Exception):
    """A number that cannot be dialled; `number` is as it was given."""

    error_id: ClassVar[str] = "number_error"

    def __init__(self, number: str, reason: str) -> None:
        self.number = number
        super().__init__(f"{number!r:.60}: {reason}")


class NumberMalformed(NumberError):  # noqa: N818 - says what is wrong
    """Not a telephone number."""

    error_id = "number_malformed"


class NumberVirtual(NumberError):  # noqa: N818
    """A virtual customer's number: it exists in class only."""

    error_id = "number_is_virtual"


def spelled(number: str) -> str:
    """The number as it is dialled: ASCII digits, `*` and `#`, perhaps a leading `+` (also for a leading `00`).

    Full-width and other scripts' digits become ASCII; spaces, dashes, dots, slashes and brackets go. Anything else
    (letters, `@`, `;`, invisible characters, …) raises `NumberMalformed`: what is dialled is what was checked.
    """
    kept = "".join(_plain(c) for c in unicodedata.normalize("NFKC", number) if c not in _SEPARATORS)
    if not _DIALLED.fullmatch(kept):
        raise NumberMalformed(number, "a number has 1 to 32 digits, * or #, and may begin with +")
    return "+" + kept[2:] if len(kept) > 2 and kept.startswith("00") else kept


def _plain(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
