"""A class list's way in by the page: looked at, then all of it or nothing; and the command for people."""

import html
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from door_lab import DoorLab, door_lab
from lab_rows import Lab
from sqlmodel import select
from typer.testing import CliRunner

from lab_server.cli import command
from lab_server.store.engine import reading
from lab_server.store.tables import KlassMember, User

LIST = "学号,姓名\n20260101,王小明\n20260102,<img src=x onerror=alert(1)>\n20260103,=1+1\n"


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path) as made:
        yield made


def users(door: DoorLab) -> dict[str, str]:
    """Students by login, with the hash of their PIN."""
    with reading(door.lab.engine) as session:
        asked = select(User).where(User.role == "student", User.is_robot == False)  # noqa: E712 (SQL)
        return {user.login: user.password for user in session.exec(asked)}


def lines_of(page: str) -> str:
    found = re.search(r'name="lines" value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


async def test_a_list_becomes_a_class_with_pins_that_work(door: DoorLab) -> None:
    door.person("teacher", "instructor")
    teacher = await door.signed_in("teacher")
    made = await teacher.post("/classes", name="实训一班", course="客服")
    klass = made.headers["location"]
    seen = await teacher.post(f"{klass}/import", file=("名单.csv", LIST.encode("gb18030")))
    assert seen.status_code == 200
    assert "3 students, 3 of them new" in seen.text
    assert "<img" not in seen.text
    assert users(door) == {}  # looking changes nothing
    slips = await teacher.post(f"{klass}/import/take", lines=lines_of(seen.text))
    pins = re.findall(r"<strong>(\d{6})</strong>", slips.text)
    assert len(pins) == len(set(pins)) == 3
    assert "<img" not in slips.text
    student = await door.browser("10.0.0.7")
    assert (await student.sign_in("20260101", pins[0])).status_code == 303
    assert "王小明" in (await student.get("/")).text
    again = await teacher.post(f"{klass}/import", file=("名单.csv", LIST.encode()))
    assert "3 students, 0 of them new" in again.text
    before = users(door)
    more = await teacher.post(f"{klass}/import/take", lines=lines_of(again.text))
    assert "nobody needs a new PIN" in more.text
    assert users(door) == before


async def test_one_faulty_row_keeps_all_of_them_out(door: DoorLab) -> None:
    klass = door.klass()
    door.person("20260101", name="张三", klass=klass)
    door.person("staff1", "grader")
    door.person("teacher", "instructor")
    teacher, path = await door.signed_in("teacher"), f"/classes/{klass.id}/import"
    text = "学号,姓名\n1,甲\n,乙\n20260101,李四\nstaff1,丙\n1,丁\n"
    seen = await teacher.post(path, file=("x.csv", text.encode()))
    rows = re.findall(r'<tr class="faulty"><td class="figure">(\d+)</td>.*?class="fault">([^<]+)<', seen.text)
    assert [row for row, _ in rows] == ["3", "4", "5", "6"]
    assert [why for _, why in rows] == [
        "The number is missing.", "This number is another student&#39;s: 张三.",
        "This number is the login of a member of staff.", "The same number is in row 2.",
    ]  # fmt: skip
    assert 'name="lines"' not in seen.text
    for lines in (
        json.dumps([[2, "1", "甲"], [3, "", "乙"]]), json.dumps([[2, "staff1", "甲"]]), "[", "[]", "{}", "[[1]]", "",
        json.dumps([[2, 1, "甲"]]), "[" * 5000, json.dumps([[2, f"{at}", "甲"] for at in range(1001)]),
    ):  # fmt: skip
        assert (await teacher.post(f"{path}/take", lines=lines)).status_code in {400, 422}, lines[:50]
    assert set(users(door)) == {"20260101"}
    with reading(door.lab.engine) as session:
        assert len(session.exec(select(KlassMember)).all()) == 1
    assert "Choose a file first." in (await teacher.post(path)).text
    refused = await teacher.post(path, file=("x.xlsx", b"PK\x03\x04rubbish"))
    assert (refused.status_code, "save it as .xlsx again" in refused.text) == (422, True)


def test_the_command_gives_the_first_link_and_new_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("RINGSIDE_VAR", str(tmp_path / "v"))
    monkeypatch.setenv("RINGSIDE_LANGUAGE", "en")

    def run(*arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(command(), ["user", *arguments])
        assert result.exit_code == status, result.output
        return result.stdout if status == 0 else result.stderr

    assert "/first?key=" in run("reset", "admin")
    assert "/first?key=" in run("create", "li.hua", "--name", "Li Hua", "--role", "grader")
    assert "admin\tadmin\tadmin\tno password yet\nli.hua\tgrader\tLi Hua\tno password yet\n" in run("list")
    assert "ringside user reset li.hua" in run("create", "li.hua", status=2)
    assert "there is no role 'boss'" in run("create", "x", "--role", "boss", status=2)
    assert "there is no user 'nobody'" in run("reset", "nobody", status=2)
