"""Both languages, from their catalogues as they are."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog

from datasets.language import Language
from lab_server import i18n
from lab_server.i18n import negotiate, translator

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_every_message_is_in_chinese_with_its_placeholders() -> None:
    assert i18n.check() == []


def test_both_catalogues_have_every_message() -> None:
    wanted = {str(message.id) for message in i18n.extracted() if message.id}
    for language in ("zh-CN", "en"):
        catalogue = i18n._read(i18n.catalogue_file(language), language)
        assert {str(message.id) for message in catalogue if message.id} == wanted, (
            "run: python -m lab_server.i18n extract"
        )


@pytest.mark.parametrize(
    ("string", "fuzzy", "fault"),
    [
        ("", False, "is not translated"),
        ("等待 {x}", False, "has other placeholders"),
        ("等待 {y} 次", True, "is marked fuzzy"),
        ("等待 {y} 次", False, None),
    ],
)
def test_check_finds(string: str, fuzzy: bool, fault: str | None) -> None:
    template, chinese = Catalog(), Catalog(locale="zh_CN")
    template.add("waited {y} times")
    chinese.add("waited {y} times", string, flags=["fuzzy"] if fuzzy else [])
    [message] = [message for message in template if message.id]
    faults = list(i18n._faults(message, chinese))
    assert len(faults) == (fault is not None)
    if fault:
        assert fault in faults[0]


def test_check_finds_a_message_that_is_not_there() -> None:
    template = Catalog()
    template.add("new")
    [message] = [message for message in template if message.id]
    assert "run python -m lab_server.i18n extract" in next(i18n._faults(message, Catalog(locale="zh_CN")))


def test_messages_are_read_without_a_compile_step() -> None:
    assert translator("zh-CN").gettext("Sessions") != "Sessions"
    assert translator("en").gettext("Sessions") == "Sessions"
    assert translator("zh-CN").gettext("never written") == "never written"
    assert translator("zh-CN") is translator("zh-CN")


def test_dates_and_numbers_are_written_as_each_language_does() -> None:
    chinese, english = translator("zh-CN"), translator("en")
    moment = datetime(2026, 11, 22, 16, 5, tzinfo=UTC)
    assert chinese.date(date(2026, 11, 22)) == "2026年11月22日"
    assert chinese.moment(moment, SHANGHAI) == "2026年11月23日 00:05"
    assert english.moment(moment, UTC) == "Nov 22, 2026 16:05"
    assert english.number(12345.678, 1) == "12,345.7"
    assert chinese.percent(0.8302, 1) == "83.0%"
    assert (english.seconds(65.4), english.seconds(3665)) == ("1:05", "1:01:05")
    assert chinese.time(moment, SHANGHAI) == "00:05:00"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("fr;q=0.9,zh-TW;q=0.5", "zh-CN"),
        ("en;q=0.2,zh;q=0.7", "zh-CN"),
        ("fr", "en"),
        ("", "en"),
        ("en;q=x,,;;q=1", "en"),
        ("*", "en"),
    ],
)
def test_a_browser_gets_the_language_it_asks_for(header: str, language: Language) -> None:
    assert negotiate(header, "en") == language
