"""How a caller says a value aloud: digits one by one, days as people name them, small numbers as words."""

from datetime import date

from datasets.language import Language

_ZH_DIGITS = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))
_EN_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_EN_DIGITS = dict(zip("0123456789", ["oh", *_EN_WORDS], strict=True))
_ZH_COUNTS = ["零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十"]
_EN_COUNTS = ["none", *_EN_WORDS, "ten"]
_ZH_DAYS = "一二三四五六日"
_EN_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_ZH_AGO = {0: "今天", 1: "昨天", 2: "前天"}
_EN_AGO = {0: "today", 1: "yesterday"}


def say_digits(digits: str, language: Language) -> str:
    """Digits one by one, in the groups in which people say them: 幺六三，零零二四，……"""
    table, join = (_ZH_DIGITS, "") if language == "zh-CN" else (_EN_DIGITS, " ")
    comma = "，" if language == "zh-CN" else ", "
    return comma.join(join.join(table.get(digit, digit) for digit in group) for group in _groups(digits))


def _groups(digits: str) -> list[str]:
    if len(digits) <= 4:
        return [digits]
    head = len(digits) % 4 or 4
    return [digits[:head], *(digits[at : at + 4] for at in range(head, len(digits), 4))]


def say_count(count: int, language: Language) -> str:
    """A number of things: 两 (before a measure word), two. Past ten as digits."""
    table = _ZH_COUNTS if language == "zh-CN" else _EN_COUNTS
    return table[count] if 0 <= count < len(table) else str(count)


def say_day(day: date, today: date, language: Language) -> str:
    """A day of the last week as people name it: 前天, 上周三, yesterday, last Wednesday, three days ago."""
    ago = (today - day).days
    near = (_ZH_AGO if language == "zh-CN" else _EN_AGO).get(ago)
    if near is not None:
        return near
    last_week = day.isocalendar()[:2] != today.isocalendar()[:2]
    if last_week and ago < 7 + today.weekday():
        return f"上周{_ZH_DAYS[day.weekday()]}" if language == "zh-CN" else f"last {_EN_DAYS[day.weekday()]}"
    return f"{say_count(ago, language)}天前" if language == "zh-CN" else f"{say_count(ago, language)} days ago"
