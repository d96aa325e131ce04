"""The addresses that commands print: whoever opens one must get a page."""

from pathlib import Path

import pytest
import typer

from lab_server.cli import addresses
from lab_server.cli.seat import seat
from lab_server.cli.user import _address
from lab_server.config import Settings
from lab_server.tls.names import machine_names


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"https": "always"}, "https://127.0.0.1:8443"),
        ({"web_address": "192.0.2.7"}, "https://192.0.2.7:8443"),
        ({"web_address": "192.0.2.7", "web_open": True}, "https://192.0.2.7:8443"),
        ({"web_address": "::1"}, "http://[::1]:8080"),
    ],
)
def test_a_link_for_a_password_leads_to_where_the_pages_are(
    tmp_path: Path, given: dict[str, object], origin: str
) -> None:
    settings = Settings(var=tmp_path / "v", **given)  # type: ignore[arg-type]
    assert addresses.pages(settings) == f"{origin}/"
    assert _address(settings, "k3y") == f"{origin}/first?key=k3y"


def test_where_every_address_is_served_the_link_names_one_that_others_can_open(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path / "v", web_address="0.0.0.0")
    assert addresses.pages(settings) == f"https://{machine_names().hosts[-1]}:8443/"
    assert addresses.plain(settings).startswith("http://")


def test_a_seats_link_opens_on_this_machine_or_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RINGSIDE_VAR", str(tmp_path / "v"))
    monkeypatch.setenv("RINGSIDE_WEB_ADDRESS", "0.0.0.0")
    seat("1001")
    assert capsys.readouterr().out.startswith("http://localhost:8080/phone/open?pass=")
    monkeypatch.setenv("RINGSIDE_WEB_ADDRESS", "192.0.2.7")  # from there it would be sent on to https, and refused
    with pytest.raises(typer.Exit):
        seat("1001")
    told = capsys.readouterr()
    assert told.out == "" and "web_address=192.0.2.7" in told.err
