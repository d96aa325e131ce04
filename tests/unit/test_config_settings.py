"""Where settings come from, and what is said of a wrong one."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from lab_server.config import ConfigError, Settings, load


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder and an environment without settings."""
    for name in ("RINGSIDE_CONFIG", "DATABASE_URL", *(f"RINGSIDE_{field.upper()}" for field in Settings.model_fields)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_anything_given_all_is_below_var(folder: Path) -> None:
    settings = load()
    assert settings.var == folder / "var"
    assert settings.database == f"sqlite:///{folder}/var/db/ringside.sqlite"
    assert settings.bus_address == f"ipc://{folder}/var/run/bus"
    assert settings.seat_numbers[0] == "1001"
    assert len(settings.seat_numbers) == 50
    assert not (folder / "var").exists()


def test_argument_before_environment_before_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ringside.toml").write_text("seats = 3\nweb_port = 9001\nami_port = 9002\n[menu_keys]\n5 = 'order'\n")
    monkeypatch.setenv("RINGSIDE_WEB_PORT", "9003")
    monkeypatch.setenv("RINGSIDE_AMI_PORT", "9004")
    settings = load(ami_port=9005, seats=None)
    assert (settings.seats, settings.web_port, settings.ami_port) == (3, 9003, 9005)
    assert settings.menu_keys == {"5": "order"}


def test_database_url_is_honoured_but_ours_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://u:p@h/one")
    assert load().database == "postgresql+psycopg://u:p@h/one"
    monkeypatch.setenv("RINGSIDE_DATABASE_URL", "postgresql://u:p@h/two")
    assert load().database == "postgresql+psycopg://u:p@h/two"


def test_a_child_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(language="en", queues=("a", "b"), menu_keys={"1": "b"}, seats=4)
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load() == settings


def test_a_misspelt_variable_is_refused_with_the_one_it_may_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGSIDE_TEST_POSTGRES", "/usr/lib/postgresql")
    load()
    monkeypatch.setenv("RINGSIDE_SIPPORT", "5170")
    with pytest.raises(ConfigError, match=r"RINGSIDE_SIPPORT is no setting.*did you mean RINGSIDE_SIP_PORT"):
        load()


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:", "mysql://u:p@h/d", "nonsense"])
def test_a_database_that_other_processes_cannot_share_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(
        ConfigError, match=r"environment variable DATABASE_URL.*expected sqlite:///<file> or postgresql"
    ):
        load()


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("RINGSIDE_SEATS", "many", "seats='many' (from environment variable RINGSIDE_SEATS): expected a valid integer"),
        ("RINGSIDE_SEATS", "0", "expected greater than or equal to 1"),
        ("RINGSIDE_LANGUAGE", "fr", "expected 'zh-CN' or 'en'"),
        ("RINGSIDE_TIME_ZONE", "Mars", "time_zone='Mars' (from environment variable RINGSIDE_TIME_ZONE)"),
        ("RINGSIDE_QUEUES", "a,b", "expected JSON such as"),
        ("RINGSIDE_MENU_KEYS", '{"12": "order"}', "one telephone key"),
        ("RINGSIDE_NUMBER_PREFIXES", '["263"]', "3 to 7 digits that begin with 1"),
        ("RINGSIDE_NUMBER_PREFIXES", '["1"]', "3 to 7 digits that begin with 1"),
        ("DATABASE_URL", "mysql://u:secret@h/x", "(from environment variable DATABASE_URL): expected sqlite:///"),
        ("RINGSIDE_VAR", "/" + "x" * 90, "at most 80 characters"),
        ("RINGSIDE_WEB_PORT", "8188", "web_port=8188: expected a port of its own, http_port has the same"),
        ("RINGSIDE_CONFIG", "/nowhere.toml", "names /nowhere.toml, which does not exist"),
    ],
)
def test_a_wrong_value_is_named_with_its_origin(
    variable: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError) as refused:
        load()
    assert sentence in str(refused.value)
    assert "secret" not in str(refused.value)


def test_every_fault_of_the_file_is_told_at_once(folder: Path) -> None:
    file = folder / "ringside.toml"
    file.write_text("web_prot = 1\nseats = 0\n")
    with pytest.raises(ConfigError) as refused:
        load()
    assert f"seats=0 (from {file})" in str(refused.value)
    assert f"web_prot (from {file}) is no setting of Ringside; did you mean web_port?" in str(refused.value)
    file.write_text("seats = ")
    with pytest.raises(ConfigError, match="not a readable TOML file"):
        load()


def test_settings_that_do_not_agree_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"key 1 leads to 'nowhere'.*from the command line"):
        load(menu_keys={"1": "nowhere"})
    with pytest.raises(ConfigError, match="a port above rtp_from"):
        load(rtp_from=20000, rtp_to=20001)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        load().seats = 3  # type: ignore[misc]
