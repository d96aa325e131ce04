"""The day's pages: own calls, call-backs, mailbox, messages, announcements; what is shown to whom."""

import re
import wave
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from door_lab import DoorLab, door_lab, kept
from lab_rows import Lab

from lab_server.desk import callbacks, mailboxes
from lab_server.store.engine import writing
from lab_server.store.tables import Callback, Contact, User

NASTY = "<script>alert(1)</script>"


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path) as made:
        yield made


def student_of(door: DoorLab) -> str:
    """The lab's first student, who sits at 1001, can sign in; the login."""
    with writing(door.lab.engine) as session:
        student = session.get_one(User, door.lab.student.id)
        student.password, student.is_robot = kept(), False
        session.add(student)
        return student.login


def ordered(door: DoorLab) -> str:
    contact = door.lab.serve("order")
    with writing(door.lab.engine) as session:
        row = callbacks.order(
            session, door.lab.clock, contact_id=contact, number="13900000001", queue="order", since=door.lab.clock.utc()
        )
        return row.id


def row_of(door: DoorLab, callback_id: str) -> Callback:
    with writing(door.lab.engine) as session:
        return session.get_one(Callback, callback_id)


async def test_my_day_shows_own_calls_with_filters(door: DoorLab) -> None:
    login = student_of(door)
    contact = door.lab.serve("order")
    mine, other = await door.signed_in(login), door.person("other")
    others = await door.signed_in(other.login, "10.0.0.9")
    page = (await mine.get("/day")).text
    assert f"/desk?contact={contact}" in page
    assert f"/desk?contact={contact}" not in (await others.get("/day")).text
    for query, there in [
        ("way=in", True), ("way=out", False), ("kind=answered", True), ("kind=missed", False),
        ("queue=nowhere", False), ("on=2026-11-20", True), ("on=2026-11-19", False), ("on=99999-01-01", True),
        ("before=x", True),        ("q=%25", False), ("q=%00", True),
    ]:  # fmt: skip
        found = (await mine.get(f"/day?{query}")).text
        assert (f"/desk?contact={contact}" in found) is there, query
    part = (await mine.get("/day", **{"hx-request": "true"})).text
    assert "<html" not in part
    assert contact in part


async def test_a_call_back_is_taken_postponed_settled_and_undone(door: DoorLab) -> None:
    login, one = student_of(door), ordered(door)
    student = await door.signed_in(login)
    assert "13900000001" in (await student.get("/callbacks")).text
    await student.post("/desk/sit")
    # No floor answers here: whoever wants to ring is told so, and the call-back waits for anybody again.
    rung = await student.post(f"/callbacks/{one}/ring")
    assert rung.headers["location"] == "/callbacks?told=floor_away"
    assert (row_of(door, one).state, row_of(door, one).seat) == ("waiting", "")
    assert (await student.post(f"/callbacks/{one}/postpone", when="at", at="yesterday")).status_code == 422
    assert (await student.post(f"/callbacks/{one}/postpone", when="1h")).status_code == 303
    assert row_of(door, one).next_try_at == door.lab.clock.utc() + timedelta(hours=1)
    done = await student.post(f"/callbacks/{one}/settle", reached="1")
    assert row_of(door, one).state == "done"
    page = (await student.get(done.headers["location"])).text
    assert f"/callbacks/{one}/unsettle" in page
    await student.post(f"/callbacks/{one}/unsettle")
    assert row_of(door, one).state == "waiting"
    assert (await student.post(f"/callbacks/{one}/cancel")).status_code == 403
    door.person("boss", "supervisor")
    boss = await door.signed_in("boss", "10.0.0.8")
    cancelled = await boss.post(f"/callbacks/{one}/cancel")
    assert row_of(door, one).state == "cancelled"
    assert f"/callbacks/{one}/reopen" in (await boss.get(cancelled.headers["location"])).text
    await boss.post(f"/callbacks/{one}/reopen")
    assert row_of(door, one).state == "waiting"


def test_whom_another_has_taken_nobody_else_is_offered(lab: Lab) -> None:
    contact = lab.serve("order")
    with writing(lab.engine) as session:
        one = callbacks.order(
            session, lab.clock, contact_id=contact, number="13900000001", queue="order", since=lab.clock.utc()
        ).id
    with lab.desk(lab.student) as desk:
        callbacks.take(desk, one, "1001")
    for work in (
        lambda desk: callbacks.take(desk, one, "1002"),
        lambda desk: callbacks.settle(desk, one, "1002", reached=True),
        lambda desk: callbacks.offer(desk.session, lab.clock, one, "1002"),
    ):
        with lab.desk(lab.other) as desk:
            refused = None
            try:
                work(desk)
            except Exception as error:  # which of the desk's errors it is, is not the point
                refused = error
            assert refused is not None
    lab.clock.forward(callbacks.TAKEN_S + 1)  # whoever took it is gone
    with lab.desk(lab.other) as desk:
        assert callbacks.offer(desk.session, lab.clock, one, "1002").seat == "1002"
        callbacks.put_back(desk.session, lab.clock, one)
    with lab.desk(lab.student) as desk:
        callbacks.take(desk, one, "1001")
        assert callbacks.rung(desk, one, "1001", contact).state == "dialling"


async def test_messages_left_are_heard_in_parts_by_who_may(door: DoorLab, tmp_path: Path) -> None:
    login = student_of(door)
    contact = door.lab.serve("order")
    folder = tmp_path / "v" / "recordings" / "m"
    folder.mkdir(parents=True)
    with wave.open(str(folder / "one.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\x01\x00" * 8000)
    (tmp_path / "v" / "secret.wav").write_bytes(b"secret")
    with writing(door.lab.engine) as session:
        session.get_one(Contact, contact).caller_dialled = NASTY
        keep = {"contact_id": contact, "duration_s": 1.0}
        own = mailboxes.leave(session, door.lab.clock, mailbox="1001", path="m/one.wav", **keep).id
        away = mailboxes.leave(session, door.lab.clock, mailbox="1001", path="../secret.wav", **keep).id
        theirs = mailboxes.leave(session, door.lab.clock, mailbox="1002", path="m/two.wav", **keep).id
    student = await door.signed_in(login)
    page = (await student.get("/mailbox?box=1001")).text
    assert f"/mailbox/{own}/sound" in page
    assert NASTY not in page
    assert (await student.get("/mailbox?box=1002")).status_code == 403
    whole = await student.get(f"/mailbox/{own}/sound")
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    part = await student.get(f"/mailbox/{own}/sound", range="bytes=44-143")
    assert (part.status_code, len(part.content)) == (206, 100)
    assert (await student.get(f"/mailbox/{own}/sound", range="bytes=99999999-")).status_code == 416
    assert (await student.get(f"/mailbox/{away}/sound")).status_code == 404
    assert (await student.get(f"/mailbox/{theirs}/sound")).status_code == 403
    assert (await student.post(f"/mailbox/{theirs}/delete")).status_code == 403
    await student.post(f"/mailbox/{own}/heard")
    assert f"/mailbox/{own}/new" in (await student.get("/mailbox?box=1001")).text
    await student.post(f"/mailbox/{own}/new")
    assert f"/mailbox/{own}/heard" in (await student.get("/mailbox?box=1001")).text
    gone = await student.post(f"/mailbox/{own}/delete")
    after = (await student.get(gone.headers["location"])).text
    assert f"/mailbox/{own}/sound" not in after
    assert f"/mailbox/{own}/back" in after
    await student.post(f"/mailbox/{own}/back")
    assert f"/mailbox/{own}/sound" in (await student.get("/mailbox?box=1001")).text


async def test_colleagues_write_each_other_and_see_what_waits(door: DoorLab) -> None:
    klass = door.klass()
    one, two = door.person("one", klass=klass, name="王芳"), door.person("two", klass=klass, name="李雷")
    door.person("else", name="外人")
    mine, theirs = await door.signed_in("one"), await door.signed_in("two", "10.0.0.9")
    page = (await mine.get("/messages")).text
    assert "李雷" in page
    assert "外人" not in page
    assert (await mine.post(f"/messages/{two.id}", text=f"下班吗？{NASTY}", key="k")).status_code == 303
    assert (
        await mine.post(f"/messages/{two.id}", text=f"下班吗？{NASTY}", key="k")
    ).status_code == 303  # pressed twice
    assert (await theirs.client.get("/messages/unread")).json() == {"unread": 1}
    assert re.search(r'class="count" data-part="unread">1<', (await theirs.get("/profile")).text)
    read = (await theirs.get(f"/messages/{one.id}")).text
    assert "下班吗？&lt;script&gt;" in read
    assert read.count("下班吗？&lt;") >= 1
    assert (await theirs.client.get("/messages/unread")).json() == {"unread": 0}
    empty = await mine.post(f"/messages/{two.id}", text=" ")
    assert empty.status_code == 422
    long = await mine.post(f"/messages/{two.id}", text="字" * 2001)
    assert long.status_code == 422
    assert "字" * 2000 in long.text  # what was typed is kept
    assert (await mine.get(f"/messages/{door.lab.session_id}")).status_code == 404


async def test_announcements_are_for_whom_and_until_when_they_say(door: DoorLab) -> None:
    klass = door.klass()
    door.person("teacher", "instructor")
    door.person("one", klass=klass)
    door.person("else")
    teacher, student = await door.signed_in("teacher"), await door.signed_in("one", "10.0.0.9")
    other = await door.signed_in("else", "10.0.0.7")
    assert (await student.post("/announcements", title="x")).status_code == 403
    assert (await teacher.post("/announcements", title=" ", text="kept")).status_code == 422
    bad = await teacher.post("/announcements", title="停电通知", until="gestern")
    assert bad.status_code == 422
    assert 'value="停电通知"' in bad.text
    assert (await teacher.post("/announcements", title="停电通知", until="2020-01-01T10:00")).status_code == 422
    made = await teacher.post("/announcements", title="停电通知", text=NASTY, klass=klass.id, until="2026-11-21T10:00")
    assert made.status_code == 303
    page = (await student.get("/announcements")).text
    assert "停电通知" in page
    assert NASTY not in page
    assert "停电通知" not in (await other.get("/announcements")).text
    found = re.search(r"/announcements/(\w{26})/read", page)
    assert found is not None
    await student.post(f"/announcements/{found[1]}/read")
    assert "/read" not in (await student.get("/announcements")).text
    gone = await teacher.post(f"/announcements/{found[1]}/withdraw")
    assert "停电通知" not in (await student.get("/announcements")).text
    assert f"/announcements/{found[1]}/back" in (await teacher.get(gone.headers["location"])).text
    await teacher.post(f"/announcements/{found[1]}/back")
    assert "停电通知" in (await student.get("/announcements")).text
    door.lab.clock.forward(2 * 86400)
    assert "停电通知" not in (await (await door.signed_in("one", "10.0.0.5")).get("/announcements")).text
