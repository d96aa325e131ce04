"""Generated passwords: made once, stable, private."""

from pathlib import Path

import pytest

from telephony.asterisk.errors import SecretsUnreadableError
from telephony.asterisk.secrets import load_secrets


def test_they_are_made_once_and_stay(tmp_path: Path) -> None:
    file = tmp_path / "secrets/pbx.json"
    first = load_secrets(file, ["ari", "ami"])
    again = load_secrets(file, ["ami", "ari", "seat-1001"])
    assert first.items() <= again.items()
    assert len({*again.values()}) == 3
    assert all(len(value) >= 20 and value.isalnum() for value in again.values())


def test_only_their_owner_can_read_them(tmp_path: Path) -> None:
    file = tmp_path / "pbx.json"
    load_secrets(file, ["ari"])
    assert file.stat().st_mode & 0o777 == 0o600


def test_only_those_asked_for_are_told(tmp_path: Path) -> None:
    load_secrets(tmp_path / "pbx.json", ["ari", "ami"])
    assert list(load_secrets(tmp_path / "pbx.json", ["ari"])) == ["ari"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"ari": 7}'])
def test_a_damaged_file_is_reported_not_replaced(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "pbx.json"
    file.write_text(damage)
    with pytest.raises(SecretsUnreadableError, match=r"pbx\.json"):
        load_secrets(file, ["ari"])
    assert file.read_text() == damage
