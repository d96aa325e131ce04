"""`ringside plan`: check, draw and walk through a plan."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lab_server.cli import command
from lab_server.routing.plan_file import PLANS

SCHOOL = str(PLANS / "school.yaml")


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RINGSIDE_LANGUAGE", "en")
    monkeypatch.setenv("RINGSIDE_VAR", str(tmp_path / "v"))


def said(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(command(), ["plan", *arguments])
    assert result.exit_code == status, result.output
    return result.output


def test_check_says_what_is_in_the_plan() -> None:
    assert "3 lines, 4 menus with 43 nodes, 5 queues, 10 seats" in said("check", SCHOOL)


def test_check_says_all_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    text = Path(SCHOOL).read_text(encoding="utf-8")
    file.write_text(
        text.replace("operator: queue:reception", "operator: queue:x").replace("ask: menu:who", "ask: menu:y")
    )
    wrong = said("check", str(file), status=1)
    assert f"{file}:6: operator: there is no queue 'x'" in wrong
    assert "screening.anonymous.ask" in wrong
    assert "cannot be read" in said("check", str(tmp_path / "none.yaml"), status=1)


def test_draw_writes_the_picture(tmp_path: Path) -> None:
    said("draw", SCHOOL, "-o", str(tmp_path / "menu.svg"), "--lang", "zh-CN")
    assert (tmp_path / "menu.svg").read_text(encoding="utf-8").startswith("<svg ")
    assert "expected both or one of zh-CN, en" in said("draw", SCHOOL, "--lang", "fr", status=2)
    assert "No such file" in said("draw", SCHOOL, "-o", str(tmp_path / "no" / "menu.svg"), status=1)


def test_show_walks_through_the_menu_and_hides_the_pin() -> None:
    walked = said("show", SCHOOL, "--at", "2026-11-24T09:00", "--from", "13711112222", "--to", "95001",
                  "--keys", "2,20260101,135790,1,0")  # fmt: skip
    assert "hours office: morning" in walked
    assert "[main/top] For courses and exams, press 1." in walked
    assert "PIN of 20260101: right" in walked
    assert "135790" not in walked
    assert "<balance: member 20260101>" in walked
    assert walked.rstrip().endswith("→ queue:money")


def test_show_stops_where_keys_are_wanted_and_takes_silence() -> None:
    assert said("show", SCHOOL, "--at", "2026-11-24T09:00", "--from", "137").rstrip().endswith("(waits for a key)")
    silent = said("show", SCHOOL, "--at", "2026-11-24T09:00", "--from", "137", "--keys", ",,,")
    assert silent.rstrip().endswith("→ operator")


def test_show_tells_who_is_refused_and_who_goes_first() -> None:
    assert "busy tone" in said("show", SCHOOL, "--from", "13900000013")
    board = said("show", SCHOOL, "--at", "2026-10-01T12:30", "--from", "13800000001")
    assert "priority 9 (the school board)" in board
    assert "→ queue:reception" in board
    wrong = said("show", SCHOOL, "--at", "2026-11-24T09:00", "--from", "137", "--to", "95001", "--wrong-pin",
                 "--keys", "2,20260101,111111,20260101,111111,20260101,111111")  # fmt: skip
    assert "[main/not_checked]" in wrong
