# ruff: noqa: E501 (tables of spellings)
from decimal import Decimal

import pytest

from grading.normalise import amounts, counts
from grading.normalise.numerals import english_value, find_numbers, han_value


@pytest.mark.parametrize(
    ("run", "value"),
    [
        ("一千二百九十九", 1299),
        ("壹仟贰佰玖拾玖", 1299),
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("一百零五", 105),
        ("三百五", 350),
        ("三百五十", 350),
        ("两千零三", 2003),
        ("一万二", 12000),
        ("一万零二百", 10200),
        ("三万五千", 35000),
        ("两亿三千万", 230000000),
        ("二〇二六", 2026),
        ("一二三", 123),
        ("三点五", Decimal("3.5")),
    ],
)
def test_chinese_numerals(run: str, value: int | Decimal) -> None:
    assert han_value(run) == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("twelve", 12),
        ("twenty-three", 23),
        ("one hundred", 100),
        ("a hundred and five", 105),
        ("twelve hundred", 1200),
        ("one thousand two hundred and ninety-nine", 1299),
        ("two million", 2000000),
        ("third", 3),
        ("twenty first", 21),
    ],
)
def test_english_numerals(words: str, value: int) -> None:
    assert english_value(words) == value


@pytest.mark.parametrize("words", ["twelve ninety", "one two", "twenty eleven", "cat"])
def test_words_that_are_no_one_number(words: str) -> None:
    assert english_value(words) is None


def test_numbers_of_a_text_in_their_order() -> None:
    assert find_numbers("买了三台,共1,299.00元 and two more, 3.5万") == [3, Decimal("1299.00"), 2, 35000]


@pytest.mark.parametrize(
    "written",
    [
        "1299",
        "1299.00",
        "1,299.00",
        "1，299",
        "¥1,299.00",
        "￥1299",
        "1299元",
        "1299 元整",
        "１２９９元",
        "人民币1299元",
        "RMB 1,299",
        "CNY1299.0",
        "1299块",
        "1299块钱",
        "一千二百九十九块",
        "一千二百九十九元整",
        "壹仟贰佰玖拾玖元整",
        "一千二百九十九",
        "1299圆",
        "约1299元",
    ],
)
def test_yuan(written: str) -> None:
    assert amounts.compare("129900", written, "zh-CN").right


@pytest.mark.parametrize(
    ("minor", "written"),
    [
        ("1250", "12块5"),
        ("1250", "12.5"),
        ("1250", "十二块五"),
        ("1250", "12元5角"),
        ("1250", "十二块五毛"),
        ("1255", "12元5角5分"),
        ("50", "5毛"),
        ("50", "0.5元"),
        ("35000", "三百五"),
        ("35000", "350"),
        ("1200000", "1.2万"),
        ("1200000", "一万二"),
        ("0", "0"),
    ],
)
def test_yuan_jiao_and_fen(minor: str, written: str) -> None:
    assert amounts.compare(minor, written, "zh-CN").right


@pytest.mark.parametrize(
    ("minor", "written"),
    [
        ("2995", "$29.95"),
        ("2995", "29.95"),
        ("2995", "29.95 USD"),
        ("2995", "US$ 29.95"),
        ("2995", "29 dollars 95 cents"),
        ("2995", "29 dollars and 95 cents"),
        ("2995", "twenty-nine dollars and ninety-five cents"),
        ("2995", "twenty-nine dollars ninety-five"),
        ("50", "50 cents"),
        ("120000", "1.2k"),
        ("129900", "$1,299"),
        ("129900", "one thousand two hundred ninety-nine dollars"),
    ],
)
def test_dollars_and_cents(minor: str, written: str) -> None:
    assert amounts.compare(minor, written, "en").right


@pytest.mark.parametrize(
    ("language", "written", "reason"),
    [
        ("zh-CN", "1298", "different"),
        ("zh-CN", "129900", "different"),
        ("zh-CN", "1299.01", "different"),
        ("zh-CN", "12.99", "different"),
        ("zh-CN", "-1299", "different"),
        ("zh-CN", "$1299", "currency"),
        ("zh-CN", "1299-1399", "unreadable"),
        ("zh-CN", "1299.005", "unreadable"),
        ("zh-CN", "很贵", "unreadable"),
        ("en", "¥1299", "currency"),
        ("en", "a lot", "unreadable"),
    ],
)
def test_another_amount(language: str, written: str, reason: str) -> None:
    match = amounts.compare("129900", written, language)
    assert (match.share, match.reason) == (0, reason)


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        *[("3", written) for written in ("3", "３", "三", "三台", "3台", "3 pcs", "three", "Three units", "x3", "03", "叁", "3.0", "仨", "3（已确认）")],
        *[("2", written) for written in ("两个", "俩", "二", "2", "two", "一双", "一对", "a couple", "a pair", "贰")],
        *[("12", written) for written in ("十二", "12", "twelve", "一打", "a dozen")],
        *[("1", written) for written in ("1", "一", "one", "一台", "a", "single")],
        *[("0", written) for written in ("0", "零", "none", "没有")],
    ],
)  # fmt: skip
def test_counts(expected: str, written: str) -> None:
    assert counts.compare(expected, written).right


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2", "different"),
        ("33", "different"),
        ("thirteen", "different"),
        ("2或3", "unreadable"),
        ("some", "unreadable"),
    ],
)
def test_other_counts(written: str, reason: str) -> None:
    assert counts.compare("3", written).reason == reason
