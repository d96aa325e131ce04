"""Numbers to be dialled: one spelling for each, and which ones are only ours.

Virtual customers have numbers from ranges that no carrier has in service (163 and 164 in China by default). They must
never leave by a carrier: should a range be opened one day, a class would phone strangers.
"""

import re
import unicodedata
from dataclasses import dataclass
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
    return "+" + kept[2:] if kept.startswith("00") else kept


def _plain(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


@dataclass(frozen=True, slots=True)
class NumberRanges:
    """Numbers of `length` digits in one country that begin with one of `prefixes`."""

    prefixes: tuple[str, ...] = ("163", "164")
    country: str = "86"
    length: int = 11

    def __post_init__(self) -> None:
        for prefix in self.prefixes:
            if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= self.length):
                raise ValueError(f"number range {prefix!r} should be the first digits of a national number")

    def hold(self, dialled: str) -> bool:
        """Could this (as `spelled` gives it) reach one of these numbers, whatever is put before or after it?

        Careful on purpose: access codes, a trunk zero, the country code with or without `+`, surplus digits at the end.
        Only a number written with `+` and another country's code is left alone; where that looks the same (`+1 631 …`,
        should a gateway drop the `+`) it is refused too.
        """
        digits = re.sub(r"[^0-9]", "", dialled)
        if dialled.startswith("+") and not digits.startswith((self.country, "0", *self.prefixes)):
            return False
        windows = (digits[at : at + self.length] for at in range(max(1, len(digits) - self.length + 1)))
        return any(window.startswith(self.prefixes) for window in windows) or self._national(digits).startswith(
            self.prefixes
        )

    def _national(self, digits: str) -> str:
        bare = digits.lstrip("0")
        while bare.startswith(self.country) and len(bare) > len(self.country):
            bare = bare.removeprefix(self.country).lstrip("0")
        return bare
