"""Tokens of outside programs, and alerts."""

from datetime import timedelta
from pathlib import Path

import pytest
from lab_rows import Lab
from sqlmodel import select
from typer.testing import CliRunner

from lab_server.cli import command
from lab_server.desk import alerts, tokens
from lab_server.desk.errors import NoRightError, TokenError, UnknownAlertError
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Alert, ApiToken, User


def created(lab: Lab, days: int | None = None) -> tuple[ApiToken, str]:
    until = lab.clock.utc() + timedelta(days=days) if days is not None else None
    user = lab.staff("supervisor")
    with writing(lab.engine) as session:
        return tokens.create(session, lab.clock, user, name="wallboard", expires_at=until)


def user_of(lab: Lab, text: str) -> User | None:
    with reading(lab.engine) as session:
        return tokens.user_of(session, lab.clock, text)


def test_a_token_opens_its_users_door_until_it_is_revoked(lab: Lab) -> None:
    token, text = created(lab)
    assert user_of(lab, text).login == "supervisor"  # type: ignore[union-attr]
    for wrong in ("", "rs_", text[:-1], text + "x", "x" * 10_000, text.upper(), "\ud800"):
        assert user_of(lab, wrong) is None
    with writing(lab.engine) as session:
        tokens.revoke(session, lab.clock, lab.site.id, token.id)
        tokens.revoke(session, lab.clock, lab.site.id, token.id)
    assert user_of(lab, text) is None


def test_a_token_expires(lab: Lab) -> None:
    _, text = created(lab, days=1)
    lab.clock.forward(86399)
    assert user_of(lab, text) is not None
    lab.clock.forward(1)
    assert user_of(lab, text) is None
    with pytest.raises(TokenError, match="expired already"):
        created(lab, days=-1)


def test_the_database_does_not_hold_its_text(lab: Lab) -> None:
    token, text = created(lab)
    with reading(lab.engine) as session:
        row = session.get_one(ApiToken, token.id)
        assert text.removeprefix("rs_") not in str(row.model_dump())
        assert [(one.id, user.login) for one, user in tokens.listed(session, lab.site.id)] == [(token.id, "supervisor")]


def test_no_robot_and_no_other_site(lab: Lab) -> None:
    token, _ = created(lab)
    with writing(lab.engine) as session, pytest.raises(TokenError, match="is a robot"):
        tokens.create(session, lab.clock, lab.student)
    elsewhere = lab.stranger().site_id
    with writing(lab.engine) as session, pytest.raises(TokenError, match="there is no token"):
        tokens.revoke(session, lab.clock, elsewhere, token.id)
    with reading(lab.engine) as session:
        assert tokens.listed(session, elsewhere) == []


def test_the_command_makes_lists_and_revokes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("RINGSIDE_VAR", str(tmp_path / "v"))

    def run(*arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(command(), ["token", *arguments])
        assert result.exit_code == status, result.output
        return result.stdout if status == 0 else result.stderr

    assert run("create", "--user", "admin", "--name", "wallboard").startswith("rs_")
    line = run("list").strip().split("\t")
    assert (line[1], line[3], line[4]) == ("admin", "有效", "wallboard")
    assert "已失效" in run("revoke", line[0])
    assert "已吊销" in run("list")
    assert run("create", "--user", "nobody", status=2) == "ringside token: there is no user 'nobody'\n"
    assert "there is no token 'x'" in run("revoke", "x", status=2)


def test_an_alert_is_raised_once_while_it_lasts(lab: Lab) -> None:
    def raise_disk(left: int, subject: str = "/var") -> None:
        with writing(lab.engine) as session:
            args = {"left_mb": left, "pin": "1234"}
            alerts.raise_alert(session, lab.clock, lab.site.id, "disk_full", args, subject)

    raise_disk(100)
    raise_disk(50)
    raise_disk(70, "/home")
    with lab.desk(lab.staff("admin")) as desk:
        known = {one.subject: one.args for one in alerts.open_alerts(desk)}
        assert known == {"/var": {"left_mb": 50, "pin": "***"}, "/home": {"left_mb": 70, "pin": "***"}}
    with writing(lab.engine) as session:
        assert alerts.clear_alert(session, lab.clock, lab.site.id, "disk_full", "/var")
        assert not alerts.clear_alert(session, lab.clock, lab.site.id, "disk_full", "/var")
    raise_disk(20)
    with reading(lab.engine) as session:
        assert len(session.exec(select(Alert)).all()) == 3
    with lab.desk(lab.staff("admin")) as desk:
        newest = next(one for one in alerts.open_alerts(desk) if one.subject == "/var")
        alerts.dismiss(desk, newest.id)
        alerts.dismiss(desk, newest.id)
        with pytest.raises(UnknownAlertError):
            alerts.dismiss(desk, "nothing")
        assert [one.subject for one in alerts.open_alerts(desk)] == ["/home"]
    with lab.desk(lab.stranger()) as desk:
        assert alerts.open_alerts(desk) == []
    with lab.desk(lab.student) as desk, pytest.raises(NoRightError):
        alerts.open_alerts(desk)
