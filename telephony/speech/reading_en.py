"""Numbers, dates, amounts and signs in English text. What every engine reads well by itself (`128`) is left to it."""

import re
from collections.abc import Callable
from re import Match

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_BY_DIGIT_AFTER = "agent|extension|ext|seat|order|number|room|apartment|phone|code|zip|no|call|dial|account"

Reading = Callable[[Match[str]], str]


def _date(year: str, month: str, day: str, written: str) -> str:
    return f"{_MONTHS[int(month) - 1]} {int(day)}, {year}" if 1 <= int(month) <= 12 else written


def _time(found: Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    if minute == 0:
        return str(hour) if re.match(r" ?[ap]\.?m", found.string[found.end() :], re.I) else f"{hour} o'clock"
    return f"{hour} {'oh ' if minute < 10 else ''}{minute}"


def _money(found: Match[str]) -> str:
    unit, part_unit = {"$": ("dollar", "cent"), "€": ("euro", "cent"), "£": ("pound", "penny"), "¥": ("yuan", "")}[
        found[1]
    ]
    whole, part = found[2].replace(",", ""), found[3]
    if not part_unit:
        return f"{whole}.{part} {unit}" if part else f"{whole} {unit}"
    said = f"{int(whole)} {unit}{'' if int(whole) == 1 else 's'}"
    cents = int(part.ljust(2, "0")[:2]) if part else 0
    if not cents:
        return said
    plural = part_unit if cents == 1 else "pence" if part_unit == "penny" else f"{part_unit}s"
    return f"{said} and {cents} {plural}"


def _digits(digits: str) -> str:
    """`16300221234` → `1 6 3, 0 0 2 2, 1 2 3 4`."""
    if re.fullmatch(r"1\d{10}", digits):
        groups = [digits[:3], digits[3:7], digits[7:]]
    elif len(digits) > 6:
        groups = [digits[start : start + 4] for start in range(0, len(digits), 4)]
    else:
        groups = [digits]
    return ", ".join(" ".join(group) for group in groups)


# In this order.
_RULES: tuple[tuple[re.Pattern[str], Reading], ...] = (
    (re.compile(r"(?<!\d)(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)"), lambda m: _date(m[1], m[2], m[3], m[0])),
    (re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)"), lambda m: _date(m[3], m[1], m[2], m[0])),
    (re.compile(r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?::[0-5]\d)?(?![\d:])"), _time),
    (re.compile(r"([$€£¥]) ?(\d[\d,]*)(?:\.(\d+))?"), _money),
    (re.compile(r"\+ ?86[ -]?(?=1\d{2})"), lambda m: ""),
    (re.compile(r"(?<!\d)(1\d{2})[- ](\d{4})[- ](\d{4})(?!\d)"), lambda m: _digits(m[1] + m[2] + m[3])),
    (re.compile(r"(?<!\d)(?:\d{3,}-)+\d{3,}(?!\d)"), lambda m: ", ".join(" ".join(g) for g in m[0].split("-"))),
    (re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d,])"), lambda m: m[0].replace(",", "")),
    (
        re.compile(rf"\b((?:{_BY_DIGIT_AFTER})\.? (?:number |no\.? )?(?:is )?)(\d{{3,}})(?![\d.]\d)", re.IGNORECASE),
        lambda m: m[1] + _digits(m[2]),
    ),
    (re.compile(r"(?<![\d.])\d{5,}(?!\d)(?!\.\d)(?! (?:dollars|yuan|cents|euros|pounds))"), lambda m: _digits(m[0])),
    (re.compile(r"(?<=[A-Za-z])\d{3,}"), lambda m: " " + _digits(m[0])),
    (re.compile(r"(?<![\d.])0\d+(?![\d.])"), lambda m: _digits(m[0])),
    (re.compile(r"(?<=\d) ?- ?(?=\d)"), lambda m: " to "),
    (re.compile(r"(?<![\w-])-(?=\d)"), lambda m: "minus "),
    (re.compile(r"(?<=\d) ?%"), lambda m: " percent"),
    (re.compile(r"° ?([CF])\b"), lambda m: " degrees " + {"C": "Celsius", "F": "Fahrenheit"}[m[1]]),
    (re.compile(r"°"), lambda m: " degrees "),
    (re.compile(r"\bMrs\.?(?=\s|$)"), lambda m: "Missus"),
    (re.compile(r"\bMr\.?(?=\s|$)"), lambda m: "Mister"),
    (re.compile(r"\bMs\.?(?=\s|$)"), lambda m: "Miss"),
    (re.compile(r"\bDr\.(?=\s)"), lambda m: "Doctor"),
    (re.compile(r"(?<=\w) ?& ?(?=\w)"), lambda m: " and "),
    (re.compile(r"(?<=\w) ?\+ ?(?=\w)"), lambda m: " plus "),
    (re.compile(r"(?<=\w) ?= ?(?=\w)"), lambda m: " equals "),
    (re.compile(r"(?<=\w)@(?=\w)"), lambda m: " at "),
    (re.compile(r"[$¥€£%°+=&@]"), lambda m: " "),
)


def read_english(text: str) -> str:
    """Phone, order, seat and zip numbers digit by digit, amounts and dates in words."""
    for pattern, reading in _RULES:
        text = pattern.sub(reading, text)
    return text
