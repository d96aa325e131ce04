"""What a menu says of queues, members and the clock, in both languages."""

from datetime import time

import pytest

from datasets import sayings
from datasets.figures import FigureError
from datasets.language import LANGUAGES, Language
from lab_server.floor.figures import wait_said


@pytest.mark.parametrize(
    ("wait_s", "english", "chinese"),
    [
        (0.0, "Your wait should be less than a minute.", "预计等候不到一分钟。"),
        (61.0, "Your wait will be about two minutes.", "预计还需要等候大约两分钟。"),
        (400.0, "Your wait will be about ten minutes.", "预计还需要等候大约十分钟。"),
        (3601.0, "Your wait will be about one hour.", "预计还需要等候大约一个小时。"),
        (1e9, "Your wait will be about one hour.", "预计还需要等候大约一个小时。"),
        (-3.0, "Your wait should be less than a minute.", "预计等候不到一分钟。"),
    ],
)
def test_a_wait_is_said_as_people_say_it(wait_s: float, english: str, chinese: str) -> None:
    assert (wait_said(wait_s, "en"), wait_said(wait_s, "zh-CN")) == (english, chinese)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wait_nobody_knows_is_not_said(language: Language) -> None:
    assert wait_said(None, language) is None


def test_points_and_queues_and_the_time() -> None:
    assert sayings.points(1, "en") == "You have one point."
    assert sayings.points(200, "zh-CN") == "您现在有二百个积分。"
    assert [sayings.queue_length(count, "en") for count in (0, 1, 2)] == [
        "Nobody is waiting.", "There is one caller waiting.", "There are two callers waiting.",
    ]  # fmt: skip
    assert [sayings.queue_length(count, "zh-CN") for count in (0, 2)] == ["现在没有人排队。", "现在有两位客户在排队。"]
    assert sayings.time_now(time(14, 5), "en") == "It is two oh five in the afternoon."
    assert sayings.time_now(time(14, 5), "zh-CN") == "现在是下午两点零五分。"
    with pytest.raises(FigureError):
        sayings.queue_length(-1, "en")
