"""Numbers as people say them, in words. Pure; `telephony.speech` reads written text, this makes text to be spoken.

`num2words` has no Chinese, `cn2an` says 二千 and knows no 两: both languages together are these few lines.
"""

from datasets.language import DatasetError, Language

_DIGITS = "零一二三四五六七八九"
_TELEPHONE: dict[Language, tuple[str, ...]] = {
    "zh-CN": tuple("零幺二三四五六七八九"),  # 幺, so that nobody hears 七
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_BELOW_TWENTY = (
    *_TELEPHONE["en"], "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

LARGEST = 10**12 - 1


class FigureError(DatasetError, ValueError):
    """A figure nobody could say, or that makes no sense where it stands."""

    error_id = "figure"


def number(value: int, language: Language) -> str:
    """A whole number: `一百二十`, `one hundred and twenty`. Raises `FigureError` beyond `LARGEST`."""
    if abs(value) > LARGEST:
        raise FigureError(f"{value} is too large to be said: at most {LARGEST}")
    if value < 0:
        return ("负" if language == "zh-CN" else "minus ") + number(-value, language)
    return _chinese(value) if language == "zh-CN" else _english(value)


def counted(value: int, measure: str) -> str:
    """A number before a Chinese measure word: `两位`, but `十二位`."""
    return ("两" if value == 2 else number(value, "zh-CN")) + measure


def one_or_many(value: int, one: str, many: str = "") -> str:
    """`one minute`, `two minutes`; `many` where the plural is not made with s."""
    return f"{number(value, 'en')} {one if value == 1 else many or one + 's'}"


def digits(written: str, language: Language) -> str:
    """Digit by digit, as on the telephone: `1003` → `幺零零三`. Raises `FigureError` for anything but digits."""
    if not (written.isascii() and written.isdigit()):
        raise FigureError(f"{written[:40]!r} cannot be said digit by digit: expected digits only")
    return ("" if language == "zh-CN" else " ").join(_TELEPHONE[language][int(digit)] for digit in written)


def telephone(written: str, language: Language) -> str:
    """A telephone number with its usual pauses: 3, 4, 4 for eleven digits, else fours. A `+` in front is left out."""
    plain = written.removeprefix("+")
    first = 3 if len(plain) == 11 else 4 if len(plain) > 6 else len(plain)
    groups = [plain[:first], *(plain[at : at + 4] for at in range(first, len(plain), 4))]
    return ("，" if language == "zh-CN" else ", ").join(digits(group, language) for group in groups)


def _chinese(value: int) -> str:
    """Groups of four digits; 零 stands for a gap between two parts, and 一十 is 十 in front."""
    if not value:
        return _DIGITS[0]
    said, gap = "", False
    for unit, size in (("亿", 10**8), ("万", 10**4), ("", 1)):
        part, value = divmod(value, size)
        if part:
            said += "零" if said and (gap or part < 1000) else ""
            said += ("两" if part == 2 and unit else _four_digits(part)) + unit
        gap = bool(said) and not part
    return said.removeprefix("一") if said.startswith("一十") else said


def _four_digits(value: int) -> str:
    said, gap = "", False
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, value = divmod(value, size)
        if digit:
            said += ("零" if gap else "") + ("两" if digit == 2 and unit == "千" else _DIGITS[digit]) + unit
        gap = bool(said) and not digit
    return said


def _english(value: int) -> str:
    if value < 20:
        return _BELOW_TWENTY[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return _TENS[tens] + (f"-{_BELOW_TWENTY[ones]}" if ones else "")
    for word, size in (("billion", 10**9), ("million", 10**6), ("thousand", 1000), ("hundred", 100)):
        if value >= size:
            whole, rest = divmod(value, size)
            joined = "" if not rest else " and " if rest < 100 else ", "
            return f"{_english(whole)} {word}{joined}{_english(rest) if rest else ''}"
    raise AssertionError("unreachable")
