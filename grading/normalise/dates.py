"""Dates made absolute: `上周三`, `last Wednesday`, `前天`, `11月3号`, `Nov 3rd`, `3/11/2026`, `2026.11.03`.

People's dates have more than one reading (`last Wednesday` said on a Friday; `11月30号` without a year). `readings`
gives all that a careful colleague would accept; a record is right if what was meant is among them.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta

from grading.normalise.match import Match, same_if, unreadable
from grading.normalise.numerals import HAN, find_numbers
from grading.normalise.text import fold

_N = rf"[0-9{HAN}]+"
_DAYS_FROM_TODAY = {
    "大前天": -3,
    "前天": -2,
    "昨天": -1,
    "昨日": -1,
    "昨晚": -1,
    "今天": 0,
    "今日": 0,
    "今早": 0,
    "今晚": 0,
    "大后天": 3,
    "后天": 2,
    "明天": 1,
    "明日": 1,
    "the day before yesterday": -2,
    "day before yesterday": -2,
    "yesterday": -1,
    "today": 0,
    "tonight": 0,
    "the day after tomorrow": 2,
    "day after tomorrow": 2,
    "tomorrow": 1,
}
_WEEKDAYS_ZH = {c: n for n, row in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天七7")) for c in row}
_WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS_EN = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS_EN)})[a-z]*\.?"
_DAY_EN = r"(?P<day>\d{1,2}(?:st|nd|rd|th)?\b|[a-z]+(?:-[a-z]+)?)"
_YEAR_EN = r"(?:,?\s*(?P<year>\d{4}))?"

_NOISE = re.compile(
    r"\d{1,2}[:：]\d{2}(?::\d{2})?\s*(?:am|pm)?|\d{1,2}\s*(?:am|pm|点半?钟?)"
    r"|上午|下午|中午|早上|晚上|凌晨|傍晚|左右|大概|大约|约|好像|可能|应该|是|在|的|那天|当天"
    r"|\b(?:about|around|on|in the|morning|afternoon|evening|the)\b"
    r"|[(（]?(?:周|星期|礼拜)[一二三四五六日天][)）]?(?=.*\d|$)(?<=\d.{4})"
)
_YMD = re.compile(rf"(?P<year>\d{{4}}|[{HAN}]{{4}})\s*[-/.年]\s*(?P<month>{_N})\s*[-/.月]\s*(?P<day>{_N})\s*[日号]?")
_COMPACT = re.compile(r"(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_DMY = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<year>\d{4}|\d{2})")
_TWO = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})")
_MD_ZH = re.compile(rf"(?P<which>今年|去年|明年)?(?P<month>{_N})月(?P<day>{_N})[日号]?")
_MONTH_DAY_ZH = re.compile(rf"(?P<which>上上?|这|本|下)个?月的?(?P<day>{_N})[日号]?")
_DAY_ZH = re.compile(rf"(?<!月)(?<![0-9{HAN}])(?P<day>{_N})[日号]")
_WEEK_ZH = re.compile(r"(?P<which>上上|上|这|本|下下|下)?个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天七1-7])")
_AGO_ZH = re.compile(rf"(?P<n>{_N}|半)个?(?P<unit>天|日|周|星期|礼拜|月)(?P<side>之?以?前|之?以?后)")
_MD_EN = re.compile(rf"{_MONTH}\s+(?:the\s+)?{_DAY_EN}{_YEAR_EN}")
_DM_EN = re.compile(rf"{_DAY_EN}\s+(?:of\s+)?{_MONTH}{_YEAR_EN}")
_DAY_ONLY_EN = re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)")
_WEEK_EN = re.compile(
    rf"(?P<which>last|this|next|past)?\s*(?:week'?s?\s+)?(?P<day>{'|'.join(_WEEKDAYS_EN)})[a-z]*(?P<tail>\s+(?:last|next|this)\s+week)?"
)
_AGO_EN = re.compile(
    r"(?P<n>\d+|[a-z]+(?:-[a-z]+)?)\s+(?P<unit>day|week|month)s?\s+(?P<side>ago|before|back|from now|later)"
)
_IN_EN = re.compile(r"in\s+(?P<n>\d+|[a-z]+)\s+(?P<unit>day|week)s?")
_FEASTS = {
    "元旦": (1, 1),
    "国庆": (10, 1),
    "双十一": (11, 11),
    "双11": (11, 11),
    "双十二": (12, 12),
    "christmas day": (12, 25),
}


def readings(text: str, today: date, language: str) -> tuple[date, ...]:
    """Every date `text` may mean, said on `today`; empty if it is no date. The first is the likeliest.

    Two bare numbers are month and day; in English also day and month, if only that makes a date (`25/12`).
    """
    cleaned = re.sub(r"\s+", " ", _NOISE.sub(" ", fold(text))).strip(" ,.;。，")
    for read in (_fixed, _relative):
        found = tuple(dict.fromkeys(read(cleaned, today, language)))
        if found:
            return found
    return ()


def compare(expected_iso: str, found: str, today: date, language: str) -> Match:
    """Right if the date meant is one that the record may mean."""
    found_dates = readings(found, today, language)
    return same_if(date.fromisoformat(expected_iso) in found_dates) if found_dates else unreadable(found)


def _number(text: str) -> int:
    if text == "半":
        return 0
    if text in ("a", "an"):
        return 1
    numbers = find_numbers(re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", text))
    return int(numbers[0]) if len(numbers) == 1 and numbers[0] == int(numbers[0]) else 0


def _date(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year + 2000 if year < 100 else year, month, day)
    except (ValueError, OverflowError):  # no such day, or digits without end
        return


def _nearest_year(month: int, day: int, today: date) -> Iterator[date]:
    around = [one for year in (today.year - 1, today.year, today.year + 1) for one in _date(year, month, day)]
    if around:
        yield min(around, key=lambda one: abs((one - today).days))


def _fixed(text: str, today: date, language: str) -> Iterator[date]:
    if (match := _YMD.search(text)) or (match := _COMPACT.fullmatch(text)):
        yield from _date(*(_number(match[part]) for part in ("year", "month", "day")))
    elif match := _DMY.search(text):
        yield from _two(int(match["a"]), int(match["b"]), int(match["year"]), today, language)
    elif match := _MD_ZH.search(text):
        year = {"去年": -1, "今年": 0, "明年": 1}.get(match["which"] or "")
        month, day = _number(match["month"]), _number(match["day"])
        yield from _nearest_year(month, day, today) if year is None else _date(today.year + year, month, day)
    elif (match := _MD_EN.search(text)) or (match := _DM_EN.search(text)):
        month, day = _MONTHS_EN.index(match["month"]) + 1, _number(match["day"])
        yield from _date(int(match["year"]), month, day) if match["year"] else _nearest_year(month, day, today)
    elif match := _TWO.fullmatch(text):
        yield from _two(int(match["a"]), int(match["b"]), None, today, language)
    else:
        for feast, (month, day) in _FEASTS.items():
            if feast in text:
                yield from _nearest_year(month, day, today)


def _two(first: int, second: int, year: int | None, today: date, language: str) -> Iterator[date]:
    orders = [(first, second)] if first <= 12 or language != "en" else [(second, first)]
    for month, day in orders:
        yield from _nearest_year(month, day, today) if year is None else _date(year, month, day)


def _relative(text: str, today: date, language: str) -> Iterator[date]:
    for word, days in _DAYS_FROM_TODAY.items():
        if word in text:
            yield today + timedelta(days=days)
            return
    if match := _AGO_ZH.search(text) or _AGO_EN.search(text):
        sign = 1 if re.search(r"后|from now|later", match["side"]) else -1
        yield from _away(_number(match["n"]), match["unit"], sign, today)
    elif match := _IN_EN.search(text):
        yield from _away(_number(match["n"]), match["unit"], 1, today)
    elif match := _MONTH_DAY_ZH.search(text):
        yield from _in_month(today, {"上上": -2, "上": -1, "下": 1}.get(match["which"], 0), _number(match["day"]))
    elif match := _WEEK_ZH.search(text):
        week = {"上上": -2, "上": -1, "下": 1, "下下": 2}.get(match["which"] or "", 0)
        yield from _weekday(today, _WEEKDAYS_ZH[match["day"]], week, named=bool(match["which"]))
    elif match := _WEEK_EN.search(text):
        yield from _english_weekday(match, today)
    elif match := _DAY_ZH.search(text) or _DAY_ONLY_EN.search(text):
        near = [one for months in (-1, 0, 1) for one in _in_month(today, months, _number(match["day"]))]
        yield from sorted(near, key=lambda one: abs((one - today).days))[:2]


def _away(count: int, unit: str, sign: int, today: date) -> Iterator[date]:
    if count == 0:
        return
    if unit in ("月", "month"):
        yield from _in_month(today, sign * count, today.day)
        return
    with suppress(OverflowError):  # further than dates go
        yield today + timedelta(days=sign * count * (1 if unit in ("天", "日", "day") else 7))


def _in_month(today: date, months: int, day: int) -> Iterator[date]:
    index = today.year * 12 + today.month - 1 + months
    yield from _date(index // 12, index % 12 + 1, day)


def _weekday(today: date, weekday: int, week: int, *, named: bool) -> Iterator[date]:
    monday = today - timedelta(days=today.weekday())
    yield monday + timedelta(days=7 * week + weekday)
    if not named:  # a bare 周三 is the one just past or just coming
        yield today - timedelta(days=(today.weekday() - weekday) % 7)
        yield today + timedelta(days=(weekday - today.weekday()) % 7)


def _english_weekday(match: re.Match[str], today: date) -> Iterator[date]:
    weekday = _WEEKDAYS_EN.index(match["day"])
    which = match["which"] or (match["tail"] or "").strip().split(" ")[0]
    before = today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    after = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    if which in ("last", "past"):  # either the one just past, or that of the week before this one
        yield before
        yield from _weekday(today, weekday, -1, named=True)
    elif which == "next":
        yield after
        yield from _weekday(today, weekday, 1, named=True)
    else:
        yield from _weekday(today, weekday, 0, named=which == "this")
