"""The floor plan that is at work: from the settings, or from the owner's file, whose faults are told at the start."""

from pathlib import Path

import pytest

from lab_server.config import ConfigError, Settings
from lab_server.floor_plan import floor_plan
from lab_server.routing.plan_file import PLANS
from lab_server.routing.target import Target


def test_without_a_file_the_settings_make_a_plan() -> None:
    plan = floor_plan(Settings(language="en", queues=("sales", "help"), menu_keys={"4": "help"}, seats=3))
    assert list(plan.queues) == ["sales", "help"]
    assert list(plan.seats) == ["1001", "1002", "1003"]
    assert plan.menus["main"].nodes["start"].keys == {"4": "key_4"}  # type: ignore[union-attr]
    assert (plan.language, plan.operator) == ("en", Target.parse("queue:sales"))


def test_a_file_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.yaml").write_text((PLANS / "school.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    settings = Settings(plan="own.yaml")
    assert settings.plan == str(tmp_path / "own.yaml"), "children work in other folders"
    assert "study" in floor_plan(settings).queues


def test_a_settings_environment_carries_the_plan_to_the_children(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    assert Settings(plan=str(file)).environment()["RINGSIDE_PLAN"] == str(file)
    assert Settings().environment()["RINGSIDE_PLAN"] == ""


def test_everything_wrong_with_a_file_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        """
operator: queue:order
at_last: queue:nowhere
lines: {main: {numbers: ["*"], to: "menu:main"}}
queues: {order: }
menus:
  main:
    nodes:
      start: {kind: keys, prompt: menu, keys: {"1": away}, failed: start}
""",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as wrong:
        floor_plan(Settings(plan=str(file)))
    for told in (str(file), "at_last", "nowhere", "menus.main.nodes.start", "away"):
        assert told in str(wrong.value)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"plan": "/no/such/plan.yaml"}, "/no/such/plan.yaml"),
        ({"plan": str(PLANS / "school.yaml"), "seats": 4}, "1005"),
        ({"queues": ("no spaces please",), "menu_keys": {}}, "queues"),
    ],
    ids=["no such file", "seats without a phone", "a queue's name"],
)
def test_a_plan_that_cannot_be_put_to_work_is_refused(settings: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        floor_plan(Settings(**settings))  # type: ignore[arg-type]
