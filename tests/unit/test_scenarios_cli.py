"""`ringside scenario`: what an author and an instructor see."""

import json
from pathlib import Path

from typer.testing import CliRunner

from lab_server.cli.scenario import app
from scenarios.load import LIBRARY

RUN = CliRunner()


def test_a_good_file_is_summed_up() -> None:
    result = RUN.invoke(app, ["check", str(LIBRARY / "survey.yaml")])
    assert result.exit_code == 0
    assert "survey version 1: 13 lines, 5 facts" in result.stdout
    assert "zh-CN: 问卷调查: a call takes about" in result.stdout


def test_a_wrong_file_is_refused_line_by_line(tmp_path: Path) -> None:
    text = (LIBRARY / "survey.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("direction: out", "direction: up").replace("form: survey", "form: diary"), "utf-8")
    result = RUN.invoke(app, ["check", str(path)])
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{path}:5", f"{path}:7"]
    assert "direction: Input should be 'in' or 'out', not 'up'" in lines[0]


def test_the_library_is_listed() -> None:
    lines = RUN.invoke(app, ["list"]).stdout.splitlines()
    assert [line.split("\t")[:2] for line in lines] == [["complaint", "in"], ["order", "in"], ["survey", "out"]]


def test_a_drawn_case_is_shown_with_what_is_said() -> None:
    result = RUN.invoke(app, ["show", "order", "--seed", "7", "--lang", "en", "--day", "2026-03-06"])
    assert result.exit_code == 0
    assert "order-en-7-0 (TV shopping order), 2026-03-06" in result.stdout
    assert "caller  The neck massager, send me three!" in result.stdout
    case = RUN.invoke(app, ["show", "order", "--lang", "en", "--day", "2026-03-06", "--json"])
    assert json.loads(case.stdout)["id"] == "order-en-7-0"


def test_what_is_not_there_is_said_in_one_sentence() -> None:
    result = RUN.invoke(app, ["show", "fax", "--day", "2026-03-06"])
    assert result.exit_code == 1
    assert result.stderr == "ringside scenario: there is no scenario 'fax'; the library has: complaint, order, survey\n"
    assert RUN.invoke(app, ["show", "order", "--index", "-1"]).exit_code == 1
    assert RUN.invoke(app, ["show", "order", "--lang", "de"]).exit_code == 2
