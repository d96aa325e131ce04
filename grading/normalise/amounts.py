"""Amounts of money: `¥1,299.00`, `一千二百九十九块`, `12块5`, `$12.50`, `twelve dollars fifty`, `三百五`."""

import re
from decimal import Decimal

from grading.normalise.match import Match, same_if, unreadable
from grading.normalise.numerals import HAN_DIGITS, find_numbers, spans
from grading.normalise.text import fold

_MINOR_PER_MAJOR = 100
_FIRST_TENTH = rf"(?P<tenth>[0-9]|[{HAN_DIGITS}])"
_YUAN = re.compile(r"(?:元|圆|块钱?|rmb|cny|人民币|¥|￥)")
_DOLLAR = re.compile(r"\$|\bdollars?\b|\bbucks?\b|\busd\b|美元|美金")
_JIAO = re.compile(
    rf"(?:元|圆|块){_FIRST_TENTH}(?:[角毛](?P<fen>[0-9]|[{HAN_DIGITS}])分?)?(?:[角毛])?(?![0-9{HAN_DIGITS}])"
)
_JIAO_ALONE = re.compile(r"^(?P<n>[^元圆块]+)[角毛]$")
_CENTS = re.compile(r"\bcents?\b|¢")


def parse(text: str) -> tuple[int, str] | None:  # noqa: PLR0911 (a way of writing each)
    """(minor units, currency or empty if none is written); None if it is not one amount.

    A second number is read only as the part after the point: `12块5`, `twelve dollars (and) fifty (cents)`: 1250.
    """
    folded = fold(text).replace("整", "").replace("正", "")
    currency = "CNY" if _YUAN.search(folded) else "USD" if _DOLLAR.search(folded) else ""
    if match := _JIAO_ALONE.match(folded.strip()):
        return _minor(find_numbers(match["n"]), Decimal(10)), "CNY"
    if match := _JIAO.search(folded):
        return _with_jiao(folded, match, currency)
    numbers = [value for _, _, value in spans(folded)]
    if len(numbers) == 2 and numbers[1] == numbers[1].to_integral_value() and 0 <= numbers[1] < _MINOR_PER_MAJOR:
        if _DOLLAR.search(folded):
            return int(numbers[0] * _MINOR_PER_MAJOR + numbers[1]), currency
        return None
    if len(numbers) != 1:
        return None
    if _CENTS.search(folded):
        return int(numbers[0]), "USD"
    exact = numbers[0] * _MINOR_PER_MAJOR
    return (int(exact), currency) if exact == exact.to_integral_value() else None


def _minor(numbers: list[Decimal], times: Decimal) -> int:
    return int(numbers[0] * times) if numbers else -1


def _with_jiao(folded: str, match: re.Match[str], currency: str) -> tuple[int, str] | None:
    whole = find_numbers(folded[: match.start()])
    tenth = find_numbers(match["tenth"])
    fen = find_numbers(match["fen"]) if match["fen"] else [Decimal(0)]
    if len(whole) != 1:
        return None
    return int(whole[0] * _MINOR_PER_MAJOR + tenth[0] * 10 + fen[0]), currency or "CNY"


def compare(expected_minor: str, found: str, language: str) -> Match:
    """`expected_minor`: fen or cents. Right to the last of them; no currency written means that of the class."""
    written = parse(found)
    if written is None:
        return unreadable(found)
    minor, currency = written
    meant = "CNY" if language == "zh-CN" else "USD"
    if currency and currency != meant:
        return Match(share=0, reason="currency", params={"found": currency, "expected": meant})
    return same_if(minor == int(expected_minor))
