"""Phone numbers that reach nobody: mainland mobile numbers (11 digits) from ranges that no operator has in service.

Virtual callers of both languages have such numbers, so that no drawn number can ever ring at a real person's.
"""

import random
import re
import unicodedata

from pydantic import BaseModel, ConfigDict, field_validator

from datasets.language import DatasetError

_LENGTH = 11
_COUNTRY = "86"
_ABROAD = re.compile(r"^(?:\+|00)86")


class BadNumberError(DatasetError):
    """A text or prefix that cannot be a phone number."""

    error_id = "bad_number"


def normalise(number: str) -> str:
    """The bare digits of a number as people write it: `+86 163-0000 0001`, `0086163…`, `１６３…` → `16300000001`.

    A number of another country keeps its `+`. Raises `BadNumberError` for what is no number.
    """
    written = unicodedata.normalize("NFKC", number)
    bare = re.sub(r"[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff()\-.·/\u2010-\u2015]", "", written)
    bare = _ABROAD.sub("", bare, count=1)
    if len(bare) == _LENGTH + 2 and bare.startswith("861"):
        bare = bare[2:]
    if not re.fullmatch(r"\+?[0-9]{1,20}", bare):
        raise BadNumberError(
            f"{number!r} is not a phone number: write digits, with + and the country's code if it is abroad"
        )
    return bare


class NumberRanges(BaseModel):
    """The prefixes virtual customers' numbers are drawn from; 3 to 7 digits each, every number has 11."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prefixes: tuple[str, ...] = ("163", "164")

    @field_validator("prefixes")
    @classmethod
    def _usable(cls, prefixes: tuple[str, ...]) -> tuple[str, ...]:
        if not prefixes:
            raise ValueError("name at least one prefix, such as 163")
        for prefix in prefixes:
            if not re.fullmatch(r"1[0-9]{2,6}", prefix):
                raise ValueError(f"the prefix {prefix!r} must be 3 to 7 ASCII digits beginning with 1, such as 163")
        return prefixes

    def draw(self, rng: random.Random) -> str:
        """One number of 11 digits."""
        prefix = rng.choice(self.prefixes)
        rest = _LENGTH - len(prefix)
        return prefix + str(rng.randrange(10**rest)).zfill(rest)

    def is_virtual(self, number: str) -> bool:
        """Whether a number, however it is spelled, is exactly a virtual customer's; what is no number at all is not."""
        try:
            bare = normalise(number)
        except BadNumberError:
            return False
        return len(bare) == _LENGTH and bare.startswith(self.prefixes)

    def hold(self, dialled: str) -> bool:
        """Could dialling this (ASCII digits, `*`, `#`, perhaps a leading `+`) reach one of these numbers?

        Careful on purpose, for what leaves by a carrier: access codes, a trunk zero, the country code with or without
        `+`, surplus digits at the end. Only a number written with `+` and another country's code is left alone; where
        that looks the same (`+1 631 …`, should a gateway drop the `+`) it is refused too.
        """
        digits = re.sub(r"[^0-9]", "", dialled)
        if dialled.startswith("+") and not digits.startswith((_COUNTRY, "0", *self.prefixes)):
            return False
        windows = (digits[at : at + _LENGTH] for at in range(max(1, len(digits) - _LENGTH + 1)))
        return any(window.startswith(self.prefixes) for window in windows) or _national(digits).startswith(
            self.prefixes
        )


def _national(digits: str) -> str:
    bare = digits.lstrip("0")
    while bare.startswith(_COUNTRY) and len(bare) > len(_COUNTRY):
        bare = bare.removeprefix(_COUNTRY).lstrip("0")
    return bare


DEFAULT = NumberRanges()
