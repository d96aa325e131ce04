"""Sentences with figures, as people say them on the telephone."""

from datetime import date, datetime, time

import pytest

from datasets import figures, sayings
from datasets.figures import FigureError
from datasets.language import LANGUAGES, Language
from datasets.phrases import TOPICS
from datasets.prompts import AGENT_PROMPT, PROMPTS, TONES, prompt_texts
from telephony.speech import numerals
from telephony.speech.reading import read_aloud

NOW = datetime(2026, 11, 22, 10, 0)  # noqa: DTZ001 - the site's own time


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (0, "零", "zero"),
        (12, "十二", "twelve"),
        (20, "二十", "twenty"),
        (102, "一百零二", "one hundred and two"),
        (2210, "两千二百一十", "two thousand, two hundred and ten"),
        (20_003, "两万零三", "twenty thousand and three"),
        (1_000_010, "一百万零一十", "one million and ten"),
        (-7, "负七", "minus seven"),
    ],
)
def test_whole_numbers(value: int, chinese: str, english: str) -> None:
    assert figures.number(value, "zh-CN") == chinese
    assert figures.number(value, "en") == english


def test_what_is_said_and_what_is_read_are_the_same_numbers() -> None:
    for value in [*range(3000), *range(9_990, 110_000, 17), 10**8 + 1, figures.LARGEST]:
        assert figures.number(value, "zh-CN") == numerals.cardinal(value)


@pytest.mark.parametrize("wrong", ["", "12a", "１２", "-1", "+86"])
def test_only_digits_are_said_digit_by_digit(wrong: str) -> None:
    with pytest.raises(FigureError, match="digits only"):
        figures.digits(wrong, "en")


def test_a_number_too_large_to_say_is_refused() -> None:
    with pytest.raises(FigureError, match="too large"):
        figures.number(10**12, "zh-CN")


@pytest.mark.parametrize(
    ("cents", "chinese", "english"),
    [
        (12050, "一百二十元五角", "one hundred and twenty yuan fifty"),
        (12005, "一百二十元零五分", "one hundred and twenty yuan oh five"),
        (200, "两元", "two yuan"),
        (22, "两角两分", "twenty-two fen"),
        (0, "零元", "zero yuan"),
        (-150, "负一元五角", "minus one yuan fifty"),
    ],
)
def test_money(cents: int, chinese: str, english: str) -> None:
    assert sayings.money(cents, "zh-CN") == chinese
    assert sayings.money(cents, "en") == english


def test_dollars() -> None:
    assert sayings.money(101, "en", "USD") == "one dollar and one cent"
    assert sayings.money(12050, "zh-CN", "USD") == "一百二十美元零五十美分"
    assert sayings.balance(-5, "en") == "You owe five fen."


@pytest.mark.parametrize(
    ("place", "chinese", "english"),
    [
        (1, "您现在排在第一位，马上就轮到您了。", "You're next in line."),
        (2, "您前面还有一位，您现在排在第二位。", "There is one person ahead of you. You're number two in line."),
        (3, "您前面还有两位，您现在排在第三位。", "There are two people ahead of you. You're number three in line."),
    ],
)
def test_the_place_in_the_queue(place: int, chinese: str, english: str) -> None:
    assert sayings.queue_position(place, "zh-CN") == chinese
    assert sayings.queue_position(place, "en") == english


def test_the_expected_wait() -> None:
    assert sayings.expected_wait("minutes", 0, "en") == "Your wait should be less than a minute."
    assert sayings.expected_wait("minutes", 2, "zh-CN") == "预计还需要等候大约两分钟。"
    assert sayings.expected_wait("hours", 1, "en") == "Your wait will be about one hour."
    assert sayings.expected_wait("hours", 2, "zh-CN") == "预计还需要等候大约两个小时。"
    with pytest.raises(FigureError, match="-1"):
        sayings.expected_wait("minutes", -1, "en")


@pytest.mark.parametrize(
    ("at", "chinese", "english"),
    [
        (time(0, 0), "凌晨零点", "midnight"),
        (time(2, 30), "凌晨两点半", "two thirty in the morning"),
        (time(9, 0), "上午九点", "nine o'clock in the morning"),
        (time(12, 0), "中午十二点", "noon"),
        (time(14, 5), "下午两点零五分", "two oh five in the afternoon"),
        (time(22, 45), "晚上十点四十五分", "ten forty-five in the evening"),
    ],
)
def test_the_time_of_day(at: time, chinese: str, english: str) -> None:
    assert sayings.time_of_day(at, "zh-CN") == chinese
    assert sayings.time_of_day(at, "en") == english


def test_days() -> None:
    ordinals = [sayings.day(date(2026, 10, number), "en").removeprefix("October ") for number in (1, 2, 3, 4, 9, 12)]
    assert ordinals == ["first", "second", "third", "fourth", "ninth", "twelfth"]
    assert sayings.day(date(2026, 10, 20), "en") == "October twentieth"
    assert sayings.day(date(2026, 10, 31), "en") == "October thirty-first"
    assert sayings.day(date(2026, 10, 31), "zh-CN") == "十月三十一日"


def test_a_message_says_when_it_came_and_from_whom() -> None:
    yesterday = datetime(2026, 11, 21, 23, 59)  # noqa: DTZ001
    assert sayings.message_header(2, yesterday, NOW, "zh-CN", "16312345678") == (
        "第二条留言，昨天晚上十一点五十九分收到，来自幺六三，幺二三四，五六七八。"
    )
    assert sayings.message_header(1, NOW, NOW, "en", '"><script>') == (
        "Message one, received today at ten o'clock in the morning."
    )


def test_seats_slots_and_numbers_go_digit_by_digit() -> None:
    assert sayings.seat("1003", "zh-CN") == "幺零零三号坐席"
    assert "seven zero one" in sayings.slot(701, "en")
    assert sayings.confirm_number("+8616312345678", "en").startswith("You entered eight six one six")
    assert sayings.confirm_number("1003", "zh-CN") == "您输入的号码是幺零零三。"
    assert sayings.follow_me(("1003", "16312345678"), "zh-CN").endswith("幺零零三，再拨幺六三，幺二三四，五六七八。")
    with pytest.raises(FigureError):
        sayings.follow_me((), "en")


def test_counts() -> None:
    assert sayings.new_messages(0, "en") == "You have no new messages."
    assert sayings.new_messages(1, "en") == "You have one new message."
    assert sayings.new_messages(2, "zh-CN") == "您有两条新留言。"
    assert sayings.conference_size(2, "en") == "There are two people in the conference."


def test_an_order_is_named_by_its_last_digits() -> None:
    assert sayings.order_state("shipped", "en", "0410") == "Your order, ending in zero four one zero, is on its way."
    assert sayings.order_state("confirmed", "zh-CN") == "您的订单已经确认，正在备货。"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_and_common_saying_is_spoken_in_its_own_language(language: Language) -> None:
    """A Chinese word in an English text, or the other way round, would change the voice in mid-sentence."""
    for text in (*prompt_texts(language).values(), *sayings.common(language)):
        assert {part.language for part in read_aloud(text, language)} == {language}, text


def test_no_prompt_is_there_twice_and_none_looks_like_a_seats_announcement() -> None:
    ids = [prompt for topic in TOPICS for prompt in topic]
    assert len(ids) == len(set(ids))
    assert [prompt for prompt, *_ in PROMPTS if prompt.startswith("agent-")] == [AGENT_PROMPT] * 2
    assert not set(TONES) & set(prompt_texts("en"))
    assert all((prompt, language, 1) in PROMPTS for prompt in TONES for language in LANGUAGES)
