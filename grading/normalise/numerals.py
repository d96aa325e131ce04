"""Numbers as people write them: `1,299`, `一千二百九十九`, `壹仟`, `两百五`, `twelve hundred`, `3.5万`."""

import re
from decimal import Decimal

from grading.normalise.text import fold
from grading.normalise.text import words as word_list

_HAN_DIGITS = {
    c: n
    for n, row in enumerate(("零〇", "一壹幺", "二贰两俩", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for c in row
}
_HAN_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_HAN_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8}
HAN = "".join(_HAN_DIGITS) + "".join(_HAN_UNITS) + "".join(_HAN_MYRIADS)
HAN_DIGITS = "".join(_HAN_DIGITS)

_UNITS_EN = word_list(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS_EN = word_list("twenty thirty forty fifty sixty seventy eighty ninety")
_ORDINALS_EN = word_list(
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_TENTHS_EN = word_list("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth")
_SMALL = (
    {word: n for n, word in enumerate(_UNITS_EN)}
    | {word: n for n, word in enumerate(_ORDINALS_EN)}
    | {word: 10 * n for n, word in enumerate(_TENS_EN, 2)}
    | {word: 10 * n for n, word in enumerate(_TENTHS_EN, 2)}
)
_BIG = {"hundred": 100, "thousand": 1000, "million": 10**6}
_ONE_WORD = "|".join(sorted({*_SMALL, *_BIG}, key=len, reverse=True))
_WORDS = re.compile(rf"(?:\ba )?\b(?:{_ONE_WORD})\b(?:(?:[\s-]+(?:and )?)(?:{_ONE_WORD})\b)*")
_ARABIC = re.compile(
    rf"(?P<sign>(?<![\w.])[-−])?(?P<digits>\d{{1,3}}(?:[,，]\d{{3}})+(?!\d)|\d+)(?P<fraction>\.\d+)?"
    rf"(?P<scale>[{''.join(_HAN_MYRIADS)}千百]|k\b)?"
)
_HAN_RUN = re.compile(rf"[{HAN}]+(?:点[{HAN_DIGITS}]+)?")


def han_value(run: str) -> Decimal | None:
    """The value of a Chinese numeral: `一千二百九十九`, `二〇二六`, `十五`, `三百五` (350), `三点五`."""
    whole, _, fraction = run.partition("点")
    if fraction and not all(c in _HAN_DIGITS for c in fraction):
        return None
    tail = Decimal("0." + "".join(str(_HAN_DIGITS[c]) for c in fraction)) if fraction else Decimal(0)
    if whole and all(c in _HAN_DIGITS for c in whole):
        return Decimal("".join(str(_HAN_DIGITS[c]) for c in whole)) + tail
    value = _by_units(whole)
    return None if value is None else value + tail


def _by_units(run: str) -> Decimal | None:
    total = section = digit = 0
    last_unit, digits_in_row = 1, 0
    for char in run:
        if char in _HAN_DIGITS:
            digit = _HAN_DIGITS[char]
            digits_in_row = 0 if char in "零〇" else digits_in_row + 1
            if digits_in_row > 1:
                return None
            if char in "零〇":
                last_unit = 1
            continue
        digits_in_row = 0
        if char in _HAN_UNITS:
            last_unit = _HAN_UNITS[char]
            section += (digit or 1) * last_unit
        elif char in _HAN_MYRIADS:
            last_unit = _HAN_MYRIADS[char]
            total = (
                (total + section + digit) * last_unit if last_unit > 10**4 else total + (section + digit) * last_unit
            )
            section = 0
        else:
            return None
        digit = 0
    # 三百五 is 350, 一万二 is 12000, but 三百零五 is 305 and 十五 is 15
    return Decimal(total + section + digit * (last_unit // 10 if last_unit > 10 else 1))


def english_value(words: str) -> Decimal | None:
    """`one thousand two hundred and ninety-nine` → 1299; `twenty third` → 23; `twelve ninety-nine` is none."""
    total = section = 0
    room = 10**9  # what the next small number must stay under: after "twenty" only 1 to 9 may follow
    for word in re.split(r"[\s-]+", words):
        if word in ("and", "a", ""):
            continue
        if word in _SMALL:
            value = _SMALL[word]
            if value >= room:
                return None
            section += value
            room = 10 if value >= 20 else 0
        elif word == "hundred":
            section, room = (section or 1) * 100, 100
        elif word in _BIG:
            total, section, room = total + (section or 1) * _BIG[word], 0, 1000
        else:
            return None
    return Decimal(total + section)


def find_numbers(text: str) -> list[Decimal]:
    """Every number of a text, in order of kind: digits with their scale, Chinese numerals, English words."""
    return [value for _, _, value in spans(text)]


def spans(text: str) -> list[tuple[int, int, Decimal]]:
    """(begin, end, value) of every number in the folded `text`, from left to right, not overlapping."""
    folded = fold(text)
    found = [(match.start(), match.end(), _arabic_value(match)) for match in _ARABIC.finditer(folded)]
    for pattern, read in ((_HAN_RUN, han_value), (_WORDS, english_value)):
        for match in pattern.finditer(folded):
            value = read(match.group())
            inside = any(begin < match.end() and match.start() < end for begin, end, _ in found)
            if value is not None and not inside:
                found.append((match.start(), match.end(), value))
    return sorted(found)


def _arabic_value(match: re.Match[str]) -> Decimal:
    value = Decimal(re.sub(r"[,，]", "", match["digits"]) + (match["fraction"] or ""))
    scale = match["scale"]
    if scale:
        value *= {"k": 1000, **_HAN_UNITS, **_HAN_MYRIADS}[scale]
    return -value if match["sign"] else value
