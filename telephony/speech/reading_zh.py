"""Numbers, dates, amounts and signs in Mandarin text, put into characters."""

import re
from collections.abc import Callable
from re import Match

from telephony.speech.numerals import cardinal, decimal, digit_by_digit, mobile, year

_BY_DIGIT_AFTER = (
    "工号|坐席|座席|分机|订单号|订单|单号|编号|密码|电话|手机号|手机|号码|尾号|邮编|邮政编码|验证码|卡号|证号|房间|货号"
)
_COUNTED = "件个台套条双盒箱次位瓶包袋只天点块年份种本斤遍回家口"
_UNITS = "元块万亿件个人次名台套米升克斤吨公千"

Reading = Callable[[Match[str]], str]


def _date(found: Match[str]) -> str:
    day = f"{cardinal(int(found[3]))}日" if found[3] else ""
    return f"{year(found[1])}年{cardinal(int(found[2]))}月{day}"


def _time(found: Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    said = "两点" if hour == 2 else f"{cardinal(hour)}点"
    if minute == 0:
        return said
    return f"{said}{'零' if minute < 10 else ''}{cardinal(minute)}分"


def _long(found: Match[str]) -> str:
    return mobile(found[0]) if re.fullmatch(r"1\d{10}", found[0]) else digit_by_digit(found[0], 4)


def _dashed(found: Match[str]) -> str:
    return "，".join(digit_by_digit(part) for part in found[0].split("-"))


def _money(written: str) -> str:
    """`1,298.50` → `一千二百九十八点五`."""
    plain = written.replace(",", "")
    return decimal(plain.rstrip("0").rstrip(".") if "." in plain else plain)


def _amount(found: Match[str]) -> str:
    return f"{_money(found[1])}元"


# In this order: what an earlier rule has read holds no digits any more.
_RULES: tuple[tuple[re.Pattern[str], Reading], ...] = (
    (re.compile(r"(?<![\d.])(\d{4})[-/年](\d{1,2})(?:[-/月](\d{1,2})日?|月)(?![\d-])"), _date),
    (re.compile(r"(?<!\d)(\d{4})(?=年)"), lambda found: year(found[1])),
    (re.compile(r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?::[0-5]\d)?(?![\d:])"), _time),
    (re.compile(r"\+ ?86[ -]?(?=1\d{2})"), lambda found: ""),
    (
        re.compile(r"(?<!\d)(1\d{2})[- ](\d{4})[- ](\d{4})(?!\d)"),
        lambda found: mobile(found[1] + found[2] + found[3]),
    ),
    (re.compile(r"(?<!\d)(?:\d{3,}-)+\d{3,}(?!\d)"), _dashed),
    (re.compile(r"¥ ?(\d[\d,]*(?:\.\d+)?)(?: ?元)?"), _amount),
    (re.compile(r"\$ ?(\d[\d,]*(?:\.\d+)?)"), lambda found: f"{_money(found[1])}美元"),
    (re.compile(r"€ ?(\d[\d,]*(?:\.\d+)?)"), lambda found: f"{_money(found[1])}欧元"),
    (re.compile(r"£ ?(\d[\d,]*(?:\.\d+)?)"), lambda found: f"{_money(found[1])}英镑"),
    (re.compile(r"(\d+(?:\.\d+)?) ?%"), lambda found: f"百分之{decimal(found[1])}"),
    (re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d,])"), lambda found: cardinal(int(found[0].replace(",", "")))),
    (re.compile(rf"(?<![\d.])\d{{7,}}(?![\d.]|[{_UNITS}])"), _long),
    (re.compile(r"(?<![\d.])\d{3,}(?=(?:号|)(?:坐席|座席|分机|客服|话务|工号)|室|房)"), _long),
    (re.compile(rf"((?:{_BY_DIGIT_AFTER})(?:就是|是|为)?[:, ]*)(\d{{3,}})(?![\d.]|[元块件个])"), lambda found: found[1]
     + digit_by_digit(found[2])),
    (re.compile(r"(?<=[A-Za-z])\d{3,}"), lambda found: digit_by_digit(found[0])),
    (re.compile(r"(?<![\d.])0\d+(?![\d.])"), lambda found: digit_by_digit(found[0])),
    (re.compile(r"(\d+)/(\d+)"), lambda found: f"{cardinal(int(found[2]))}分之{cardinal(int(found[1]))}"),
    (re.compile(r"(?<=\d) ?- ?(?=\d)"), lambda found: "到"),
    (re.compile(r"(?<![\w-])-(?=\d)"), lambda found: "负"),
    (re.compile(r"\d+\.\d+"), lambda found: decimal(found[0])),
    (re.compile(rf"(?<!\d)2(?=[{_COUNTED}])"), lambda found: "两"),
    (re.compile(r"\d+"), lambda found: cardinal(int(found[0]))),
    (re.compile(r"° ?C"), lambda found: "摄氏度"),
    (re.compile(r"°"), lambda found: "度"),
    (re.compile(r"(?<=\w) ?[&] ?(?=\w)"), lambda found: "和"),
    (re.compile(r"(?<=\w) ?[+] ?(?=\w)"), lambda found: "加"),
    (re.compile(r"(?<=\w) ?[=] ?(?=\w)"), lambda found: "等于"),
    (re.compile(r"[$¥€£%°+=&@/]"), lambda found: " "),
)  # fmt: skip


def read_chinese(text: str) -> str:
    """No digit is left: phone, order and seat numbers digit by digit (with 幺), the rest as numbers."""
    for pattern, reading in _RULES:
        text = pattern.sub(reading, text)
    return text
