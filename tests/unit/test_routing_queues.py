"""A queue's rules as they are read, and waits as they are said."""

import pytest
from pydantic import ValidationError

from lab_server.routing.queues import QueueRules
from lab_server.routing.target import Kind, Target
from lab_server.routing.waits import Unit, as_said


def test_targets_are_read_from_text_and_written_as_text():
    rules = QueueRules.model_validate({"name": "order", "when_full": "callback:order", "when_late": "mailbox:main"})
    assert rules.when_full == Target(Kind.CALLBACK, "order")
    assert rules.model_dump(mode="json")["when_late"] == "mailbox:main"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"strategy": "loudest"}, "longest_idle"),
        ({"level": 3}, "need a skill"),
        ({"skill": "fax", "level": 10}, "less than or equal to 9"),
        ({"ageing_s": 0}, "greater than 0"),
        ({"ageing_s": float("inf")}, "finite"),
        ({"when_full": "queue:order"}, "itself"),
        ({"when_late": "moon"}, "no target"),
        ({"callback_key": "12"}, "pattern"),
        ({"max_waiting": 0}, "greater than or equal to 1"),
        ({"colour": "red"}, "Extra inputs"),
        ({"name": "a queue"}, "pattern"),
    ],
)
def test_wrong_rules_are_refused_with_the_reason(wrong: dict[str, object], said: str):
    with pytest.raises(ValidationError, match=said):
        QueueRules.model_validate({"name": "order"} | wrong)


def test_the_demanded_level_falls_by_one_each_time_and_never_below_one():
    rules = QueueRules(name="order", skill="fax", level=3, relax_after_s=10.0)
    assert [rules.level_after(waited_s) for waited_s in (0.0, 9.9, 10.0, 20.0, 500.0)] == [3, 3, 2, 1, 1]
    assert [rules.falls_after_s(level) for level in (9, 3, 2, 1)] == [0.0, 0.0, 10.0, 20.0]
    assert QueueRules(name="order", skill="fax", level=3).falls_after_s(2) is None


@pytest.mark.parametrize(
    ("wait_s", "said"),
    [
        (0.0, (Unit.LESS_THAN_A_MINUTE, 0)),
        (59.9, (Unit.LESS_THAN_A_MINUTE, 0)),
        (60.0, (Unit.MINUTES, 2)),
        (121.0, (Unit.MINUTES, 3)),
        (301.0, (Unit.MINUTES, 10)),
        (620.0, (Unit.MINUTES, 15)),
        (3600.0, (Unit.MINUTES, 60)),
        (3601.0, (Unit.MORE_THAN_AN_HOUR, 60)),
    ],
)
def test_waits_are_said_as_people_say_them(wait_s: float, said: tuple[Unit, int]):
    assert as_said(wait_s) == said


@pytest.mark.parametrize("wait_s", [-1.0, float("nan")])
def test_a_wait_that_is_none_is_refused(wait_s: float):
    with pytest.raises(ValueError, match="expected 0 or more"):
        as_said(wait_s)
