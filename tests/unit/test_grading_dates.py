# ruff: noqa: E501 (tables of spellings)
"""Today is Friday, 20 November 2026."""

from datetime import date

import pytest

from grading.normalise import dates

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        *[
            ("2026-11-03", written)
            for written in (
                "2026-11-03", "2026-11-3", "2026/11/3", "2026.11.03", "20261103", "2026年11月3日", "2026年11月3号",
                "二〇二六年十一月三日", "11月3号", "11月3日", "十一月三号", "11-03", "11/3", "11.3", "11月3", "这个月3号", "本月3日",
                "3号", "２０２６－１１－０３", "11月3号下午", "11月3日 14:30", "大概11月3号左右", "11月3号（周二）", "2026-11-03 09:15",
                "今年11月3号",
            )
        ],
        *[("2026-11-19", written) for written in ("昨天", "昨晚", "昨天晚上", "昨日", "11月19号", "一天前", "1天前", "周四")],
        *[("2026-11-18", written) for written in ("前天", "前天下午", "两天前", "2天以前", "周三", "星期三", "礼拜三", "这周三", "本周三")],
        *[("2026-11-17", written) for written in ("大前天", "三天前", "3天之前")],
        *[("2026-11-20", written) for written in ("今天", "今天上午", "今早", "11月20日")],
        *[("2026-11-21", written) for written in ("明天", "周六", "星期六", "这周六", "一天后")],
        *[("2026-11-22", written) for written in ("后天", "周日", "星期天", "这周日")],
        *[("2026-11-11", written) for written in ("上周三", "上星期三", "上礼拜三", "上个星期三", "双十一", "双11")],
        *[("2026-11-04", written) for written in ("上上周三",)],
        *[("2026-11-25", written) for written in ("下周三", "下个星期三", "5天后")],
        *[("2026-10-03", written) for written in ("上个月3号", "上月3日", "10月3号")],
        ("2026-10-01", "国庆节"),
        ("2026-11-06", "两周前"),
        ("2027-01-01", "元旦"),
        ("2025-12-30", "去年12月30号"),
    ],
)  # fmt: skip
def test_dates_in_chinese(expected: str, written: str) -> None:
    assert dates.compare(expected, written, TODAY, "zh-CN").right


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        *[
            ("2026-11-03", written)
            for written in (
                "2026-11-03", "11/3/2026", "11/03/26", "11/3", "Nov 3", "Nov. 3rd", "November 3", "November 3, 2026",
                "nov 3 2026", "3 November 2026", "3rd of November", "3 Nov", "the 3rd", "November third",
                "the third of November", "NOVEMBER 3RD", "Tuesday, Nov 3", "on Nov 3 in the morning", "Nov 3 at 2:30 pm",
            )
        ],
        *[("2026-11-19", written) for written in ("yesterday", "Yesterday evening", "a day ago", "one day ago", "Thursday", "last Thursday")],
        *[("2026-11-18", written) for written in ("the day before yesterday", "two days ago", "2 days ago", "Wednesday", "last Wednesday", "Wed")],
        *[("2026-11-11", written) for written in ("last Wednesday", "Wednesday last week", "last week's Wednesday", "last week Wednesday")],
        *[("2026-11-13", written) for written in ("a week ago", "last Friday", "one week ago")],
        *[("2026-11-21", written) for written in ("tomorrow", "Saturday", "in one day", "this Saturday")],
        *[("2026-11-25", written) for written in ("next Wednesday", "in 5 days", "five days from now")],
        ("2026-11-22", "the day after tomorrow"),
        ("2026-12-25", "25/12"),
        ("2026-12-25", "25/12/2026"),
        ("2026-12-25", "Christmas Day"),
        ("2027-01-02", "Jan 2"),
        ("2026-10-20", "a month ago"),
    ],
)  # fmt: skip
def test_dates_in_english(expected: str, written: str) -> None:
    assert dates.compare(expected, written, TODAY, "en").right


@pytest.mark.parametrize(
    ("written", "language", "reason"),
    [
        ("11月4号", "zh-CN", "different"),
        ("10月3号", "zh-CN", "different"),
        ("2025-11-03", "zh-CN", "different"),
        ("上周三", "zh-CN", "different"),
        ("昨天", "zh-CN", "different"),
        ("去年11月3号", "zh-CN", "different"),
        ("2月30号", "zh-CN", "unreadable"),
        ("13月3号", "zh-CN", "unreadable"),
        ("前一阵子", "zh-CN", "unreadable"),
        ("不记得", "zh-CN", "unreadable"),
        ("3/11/2026", "en", "different"),
        ("Nov 4", "en", "different"),
        ("last Wednesday", "en", "different"),
        ("next Tuesday", "en", "different"),
        ("some time ago", "en", "unreadable"),
        ("soon", "en", "unreadable"),
        ("99/99/9999", "en", "unreadable"),
    ],
)
def test_other_dates(written: str, language: str, reason: str) -> None:
    match = dates.compare("2026-11-03", written, TODAY, language)
    assert (match.share, match.reason) == (0, reason)


def test_a_date_without_a_year_is_the_nearest() -> None:
    new_year = date(2026, 1, 2)
    assert dates.readings("12月30号", new_year, "zh-CN") == (date(2025, 12, 30),)
    assert dates.readings("Dec 30", new_year, "en") == (date(2025, 12, 30),)
    assert dates.readings("30号", new_year, "zh-CN") == (date(2025, 12, 30), date(2026, 1, 30))
    assert dates.readings("2月29号", date(2027, 12, 1), "zh-CN") == (date(2028, 2, 29),)


def test_last_wednesday_has_two_readings_and_no_third() -> None:
    assert dates.readings("last Wednesday", TODAY, "en") == (date(2026, 11, 18), date(2026, 11, 11))


@pytest.mark.parametrize(
    "text",
    [
        "2026年99999999999999999999月1日",
        "99999999999999999999号",
        "99999999999天前",
        "in 99999999999 weeks",
        "9" * 60 + "个月前",
    ],
)
def test_digits_without_end_are_no_date_and_stop_no_grading(text: str) -> None:
    assert dates.readings(text, TODAY, "zh-CN") == ()
