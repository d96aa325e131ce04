"""Phone numbers: the same digits, whatever stands between them."""

import re

from grading.normalise.match import DIFFERENT, SAME, Match, unreadable
from grading.normalise.numerals import HAN_DIGITS, han_value
from grading.normalise.text import fold

_EXTENSION = re.compile(r"(?:转|分机号?|ext(?:ension|n)?\.?|(?<=\d)\s*x|#)\s*[:.]?\s*(\d{1,6})\D*$")
_CHINESE = re.compile(f"[{HAN_DIGITS}]")
_MOBILE = re.compile(r"1\d{10}")
_SHORTEST = 3


def parse(text: str) -> tuple[str, str] | None:
    """(number without the country's code and trunk zero, extension); None if it has under three digits."""
    number, extension = _split(text)
    digits = re.sub(r"\D", "", number)
    return (_national(digits, abroad="+" in number), extension) if len(digits) >= _SHORTEST else None


def _split(text: str) -> tuple[str, str]:
    folded = _CHINESE.sub(lambda match: str(han_value(match.group())), fold(text))
    match = _EXTENSION.search(folded)
    return (folded[: match.start()], match[1]) if match else (folded, "")


def _national(digits: str, *, abroad: bool) -> str:
    if digits.startswith("00"):
        digits, abroad = digits[2:], True
    if digits.startswith("86") and (abroad or _MOBILE.fullmatch(digits[2:])):
        digits = digits[2:]
    elif abroad and digits.startswith("1") and len(digits) == 11:
        digits = digits[1:]
    if digits.startswith("01") and _MOBILE.fullmatch(digits[1:]):
        return digits[1:]
    return digits.removeprefix("0")


def compare(expected: str, found: str) -> Match:
    """Right if number and extension are equal; a number one digit off is as wrong as any other."""
    meant, written = parse(expected), parse(found)
    if written is None:
        return unreadable(found)
    if meant == written or _all_digits(expected) == _all_digits(found):
        return SAME
    if meant is not None and meant[0] == written[0]:
        return Match(share=0, reason="extension_differs", params={"expected": meant[1], "found": written[1]})
    if meant is not None and len(written[0]) != len(meant[0]):
        params = {"expected": str(len(meant[0])), "found": str(len(written[0]))}
        return Match(share=0, reason="digits_count", params=params)
    return DIFFERENT


def _all_digits(text: str) -> tuple[str, str]:
    number, extension = _split(text)
    return re.sub(r"\D", "", number), extension
