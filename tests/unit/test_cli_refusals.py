"""What the command line refuses: one sentence each, before anything has been made."""

import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lab_server.cli import command
from lab_server.config import PREFIX


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nothing has been made yet."""
    for name in [name for name in os.environ if name.startswith(PREFIX) or name == "DATABASE_URL"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RINGSIDE_VAR", str(tmp_path / "v"))
    return tmp_path / "v"


def refused(*arguments: str) -> str:
    """What is said on standard error, as one line; exit status 2, no traceback."""
    result = CliRunner().invoke(command(), arguments)
    assert result.exit_code == 2, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return re.sub(r"[\s│]+", " ", result.stderr)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--agents", "0"], "0 agents: there are seats for 1 to 50"),
        (["--agents", "999"], "999 agents: there are seats for 1 to 50"),
        (["--calls", "0"], "0 calls: expected 1 to 5000"),
        (["--seed", "9" * 26], "Invalid value for '--seed'"),
        (["--seed", "-1"], "Invalid value for '--seed'"),
        (["--lang", "fr"], "language='fr' (from the command line): expected 'zh-CN' or 'en'"),
        (["--scenario", "tea"], "there is no scenario tea; there are complaint, order, survey"),
        (["--json", "/proc/none/x.json"], "--json /proc/none/x.json cannot be written"),
        (["--json", "/tmp"], "--json /tmp cannot be written (Is a directory)"),
    ],
)
def test_a_class_that_cannot_be_is_refused_at_once(var: Path, arguments: list[str], sentence: str) -> None:
    assert sentence in refused("demo", *arguments)
    assert not var.exists()


def test_a_folder_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGSIDE_VAR", "/proc/none")
    assert "/proc/none: No such file or directory: see that it may be written" in refused("demo")


def test_a_database_that_is_away_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:geheim@127.0.0.1:1/x")
    said = refused("report", "01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert "u:***@127.0.0.1:1/x cannot be used" in said
    assert "geheim" not in said


def test_an_unknown_session_has_no_report(var: Path) -> None:
    assert "there is no session ../../etc" in refused("report", "../../etc")
    assert not (var / "reports").exists()


def test_a_config_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "ringside.toml").write_text("sip_port = [")
    assert "ringside.toml: not a readable TOML file" in refused("demo")
    (tmp_path / "ringside.toml").write_text("sip_prt = 3")
    assert "is no setting of Ringside; did you mean sip_port?" in refused("demo")
