"""How values are said aloud."""

from datetime import date, timedelta

import pytest

from datasets.language import Language
from grading.normalise import dates
from scenarios.spoken import say_count, say_day, say_digits

FRIDAY = date(2026, 3, 6)


@pytest.mark.parametrize(
    ("digits", "language", "said"),
    [
        ("16312340001", "zh-CN", "幺六三，幺二三四，零零零幺"),
        ("16312340001", "en", "one six three, one two three four, oh oh oh one"),
        ("4821", "zh-CN", "四八二幺"),
        ("12345678", "en", "one two three four, five six seven eight"),
    ],
)
def test_digits_are_said_one_by_one_in_groups(digits: str, language: Language, said: str) -> None:
    assert say_digits(digits, language) == said


def test_two_things_are_liang_in_chinese() -> None:
    assert say_count(2, "zh-CN") + "件" == "两件"
    assert say_count(2, "en") == "two"
    assert say_count(40, "en") == "40"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("today", [FRIDAY + timedelta(days=days) for days in range(7)], ids=str)
def test_who_writes_down_a_day_as_it_was_said_is_graded_right(language: Language, today: date) -> None:
    for ago in range(1, 8):
        day = today - timedelta(days=ago)
        assert day in dates.readings(say_day(day, today, language), today, language)


def test_days_have_their_everyday_names() -> None:
    said = [say_day(FRIDAY - timedelta(days=ago), FRIDAY, "zh-CN") for ago in (1, 2, 3, 6)]
    assert said == ["昨天", "前天", "三天前", "上周六"]
    assert say_day(FRIDAY - timedelta(days=6), FRIDAY, "en") == "last Saturday"
