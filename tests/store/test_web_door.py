"""Signing in and what protects it, as browsers do it and as attackers try to."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from door_lab import ORIGIN, SECRET, DoorLab, door_lab
from lab_rows import Lab
from sqlmodel import select

from lab_server.desk import links, reach, tokens, web_sessions
from lab_server.desk.users import at_seat, seat_of
from lab_server.store.engine import reading, writing
from lab_server.store.tables import AuditEntry, Contact, KlassMember, LabSession, User, WebSession
from web.access import Visitor, csrf_of
from web.paths import local


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path) as made:
        yield made


def scrypt(password: str) -> str:
    """A hash as earlier versions kept it."""
    salt = os.urandom(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
    return "$".join(("scrypt", "16384", "8", "1", salt.hex(), digest.hex()))


# -- signing in -------------------------------------------------------------------------------------------------------


async def test_nobody_learns_which_users_there_are(door: DoorLab) -> None:
    door.person("wang")
    browser = await door.browser()
    answers = [await browser.sign_in(login, "wrong") for login in ("wang", "nobody", "robot-1001", "admin")]
    assert {answer.status_code for answer in answers} == {401}
    bodies = {
        answer.text.replace(login, "-")
        for answer, login in zip(answers, ("wang", "nobody", "robot-1001", "admin"), strict=True)
    }
    assert len(bodies) == 1
    for login in ("wang", "nobody"):
        for _ in range(4):
            locked = await browser.sign_in(login, "wrong")
        assert "in 30 seconds" in locked.text, login
        assert (await browser.sign_in(login)).status_code == 429, login


async def test_a_lock_holds_where_the_wrong_ones_came_from_and_nowhere_else(door: DoorLab) -> None:
    klass = door.klass()
    victim = door.person("victim", klass=klass)
    door.person("teacher", "instructor")
    classmate = await door.browser("10.0.0.66")
    for _ in range(5):
        await classmate.sign_in("victim", "000000")
    assert (await classmate.sign_in("victim")).status_code == 429  # even with the right one
    own = await door.browser("10.0.0.7")
    assert (await own.sign_in("victim")).status_code == 303
    door.lab.clock.forward(31)
    for expected in (60, 120):
        assert f"in {expected} seconds" in (await classmate.sign_in("victim", "000000")).text
        door.lab.clock.forward(expected + 1)
    await classmate.sign_in("victim", "000000")
    teacher = await door.signed_in("teacher", "10.0.0.1")
    page = await teacher.get(f"/classes/{klass.id}")
    assert "locked until" in page.text
    done = await teacher.post(f"/people/{victim.id}/unlock", next=f"/classes/{klass.id}")
    assert done.headers["location"] == f"/classes/{klass.id}?done=unlocked"
    assert (await classmate.sign_in("victim")).status_code == 303


async def test_many_tries_at_once_are_all_counted(door: DoorLab) -> None:
    door.person("wang")
    browsers = [await door.browser("10.0.0.9") for _ in range(20)]
    answers = await asyncio.gather(*(browser.sign_in("wang", f"{pin}") for pin, browser in enumerate(browsers)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 15


async def test_one_who_tries_names_out_has_to_wait(door: DoorLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab_server.desk.tries.NAMES_A_SOURCE", 3)
    door.person("wang")
    browser = await door.browser()
    assert [(await browser.sign_in(f"name{at}", "x")).status_code for at in range(5)] == [401, 401, 401, 429, 429]


async def test_a_hash_of_an_earlier_version_is_replaced_when_its_user_comes(door: DoorLab) -> None:
    user = door.person("wang")
    with writing(door.lab.engine) as session:
        row = session.get_one(User, user.id)
        row.password = scrypt(SECRET)
        session.add(row)
    await door.signed_in("wang")
    with reading(door.lab.engine) as session:
        assert session.get_one(User, user.id).password.startswith("$argon2id$")
    await door.signed_in("wang")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "https://127.0.0.1:8080", "http://127.0.0.1"])
async def test_nobody_is_signed_in_by_another_sites_form(door: DoorLab, origin: str) -> None:
    door.person("wang")
    browser = await door.browser()
    answer = await browser.client.post(
        "/signin", data={"login": "wang", "secret": SECRET}, headers={"origin": origin} if origin else {}
    )
    assert answer.status_code == 403
    assert not answer.cookies


REDIRECTS = [
    "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/\tevil", "javascript:alert(1)",
    "/ok\r\nSet-Cookie: a=b", "http:evil", " //evil.example", "/" + "a" * 400, "", "/中",
]  # fmt: skip


@pytest.mark.parametrize("wanted", REDIRECTS)
async def test_signing_in_leads_to_our_own_pages_only(door: DoorLab, wanted: str) -> None:
    door.person("wang")
    browser = await door.browser()
    answer = await browser.sign_in("wang", next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "a=b" not in str(answer.headers.raw)
    assert local("/classes?x=1") == "/classes?x=1"


# -- sessions ---------------------------------------------------------------------------------------------------------


async def test_a_cookie_opens_nothing_once_its_session_is_over(door: DoorLab) -> None:
    door.person("wang")
    browser = await door.signed_in("wang")
    stolen = dict(browser.client.cookies)
    thief = await door.browser("10.9.9.9")
    thief.client.cookies.update(stolen)
    assert await thief.inside()  # a bearer's secret: hence HttpOnly, and the end below
    assert (await browser.post("/signout")).headers["location"] == "/signin"
    assert not await thief.inside()
    assert not await browser.inside()


async def test_a_cookie_that_was_changed_or_made_up_opens_nothing(door: DoorLab) -> None:
    door.person("wang")
    browser = await door.signed_in("wang")
    value = browser.client.cookies["ringside"]
    secret, _, signature = value.rpartition(".")
    thief = await door.browser("10.9.9.9")
    for forged in (value[:-1], value + "a", f"{secret}x.{signature}", secret, "x.y", "." * 50, "a" * 5000, signature):
        thief.client.cookies.set("ringside", forged, domain="127.0.0.1")
        assert not await thief.inside(), forged
        thief.client.cookies.clear()


async def test_the_cookie_is_out_of_scripts_reach_and_bound_to_https_where_there_is_any(door: DoorLab) -> None:
    door.person("wang")
    plain = await (await door.browser()).sign_in("wang")
    [set_cookie] = plain.headers.get_list("set-cookie")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in set_cookie.split(";")}
    transport = httpx.ASGITransport(door.app, client=("10.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="https://127.0.0.1:8443") as client:
        form = {"login": "wang", "secret": SECRET}
        secure = await client.post("/signin", data=form, headers={"origin": "https://127.0.0.1:8443"})
    assert secure.headers["set-cookie"].startswith("__Host-ringside=")
    assert "Secure" in secure.headers["set-cookie"]


async def test_a_session_ends_by_itself(door: DoorLab) -> None:
    door.person("wang")
    browser = await door.signed_in("wang")
    door.lab.clock.forward(12 * 3600 - 1)
    assert await browser.inside()
    door.lab.clock.forward(1)
    assert not await browser.inside()


async def test_a_new_password_signs_out_every_other_browser(door: DoorLab) -> None:
    door.person("wang")
    here, there = await door.signed_in("wang"), await door.signed_in("wang", "10.0.0.2")
    fields = {"present": "wrong one", "password": "a new sentence", "again": "a new sentence"}
    assert "another one" in (await here.post("/profile/password", **fields)).text
    assert "not the same" in (await here.post("/profile/password", **(fields | {"again": "x"}))).text
    assert "8 to 200" in (await here.post("/profile/password", **(fields | {"password": "x", "again": "x"}))).text
    assert (await here.post("/profile/password", **(fields | {"present": SECRET}))).status_code == 303
    assert await here.inside()
    assert not await there.inside()
    assert (await there.sign_in("wang")).status_code == 401
    assert (await there.sign_in("wang", "a new sentence")).status_code == 303


async def test_who_has_left_is_out_at_once_with_tokens_and_all(door: DoorLab) -> None:
    grader = door.person("grader", "grader")
    door.person("boss", "admin")
    with writing(door.lab.engine) as session:
        _, text = tokens.create(session, door.lab.clock, session.get_one(User, grader.id))
    browser, boss = await door.signed_in("grader"), await door.signed_in("boss", "10.0.0.2")
    program = {"authorization": f"Bearer {text}"}
    outside = await door.browser("10.0.0.3")
    assert (await outside.client.get("/api/sessions", headers=program)).status_code == 200
    assert (await outside.client.get("/audit", headers=program)).status_code == 303  # a token is for programs only
    assert (await boss.post(f"/people/{grader.id}/disable", next="/staff")).status_code == 303
    assert not await browser.inside()
    assert (await outside.client.get("/api/sessions", headers=program)).status_code == 401
    assert (await browser.sign_in("grader")).status_code == 401


async def test_a_stream_ends_with_its_session(door: DoorLab) -> None:
    user = door.person("wang")
    await door.signed_in("wang")
    access = door.app.state.access
    with reading(door.lab.engine) as session:
        row = session.exec(select(WebSession).where(WebSession.user_id == user.id)).one()

    async def endless() -> AsyncIterator[str]:
        while True:
            yield "data: x\n\n"
            await asyncio.sleep(0)

    visitor = Visitor(user, None, row.id, csrf_of("x"))
    heard = []
    async for told in access.while_signed_in(visitor, endless()):
        heard.append(told)
        if len(heard) == 3:
            access.ended([row.id])
    assert heard[:3] == ["data: x\n\n"] * 3
    assert heard[-1].startswith("event: signed-out")
    assert len(heard) < 10


# -- seats ------------------------------------------------------------------------------------------------------------


async def test_two_share_a_pc_and_one_moves_on(door: DoorLab) -> None:
    klass = door.klass()
    wang, li = door.person("wang", klass=klass), door.person("li", klass=klass)
    door.person("teacher", "instructor")
    pc = await door.signed_in("teacher", "10.0.0.3")
    assert (await pc.post("/seat/pc", seat="1003")).status_code == 303
    await pc.post("/signout")
    assert (await pc.sign_in("wang", klass=klass.id)).status_code == 303
    assert "Seat 1003" in (await pc.get("/profile")).text
    door.lab.clock.forward(60)
    await pc.sign_in("li", klass=klass.id)  # over wang's session: nobody has to sign out first
    page = (await pc.get("/signin")).text
    assert page.index("Lately at this seat") < page.index(li.id) < page.index(wang.id)

    def sits(user: User) -> str | None:
        with reading(door.lab.engine) as session:
            return seat_of(session, user)

    assert (sits(wang), sits(li)) == (None, "1003")
    other = await door.signed_in("li", "10.0.0.4")
    assert (await other.post("/seat", seat="4444")).status_code == 404
    assert "Somebody sits there" in (await (await door.signed_in("wang", "10.0.0.5")).post("/seat", seat="1003")).text


async def test_who_moves_takes_the_seat_along_and_robots_keep_theirs(door: DoorLab) -> None:
    wang = door.person("wang")
    first = await door.signed_in("wang", "10.0.0.3")
    assert (await first.post("/seat", seat="1001")).status_code == 409  # a robot works there while the class is running
    assert (await first.post("/seat", seat="1003")).status_code == 303
    with writing(door.lab.engine) as session:
        session.get_one(LabSession, door.lab.session_id).status = "ended"
    second = await door.signed_in("wang", "10.0.0.4")
    assert (await second.post("/seat", seat="1001")).status_code == 303
    assert not await first.inside()  # the browser of the old seat is nobody's
    with reading(door.lab.engine) as session:
        assert seat_of(session, wang) == "1001"
        assert at_seat(session, door.lab.site.id, "1003") is None
    await second.post("/seat/leave")
    with reading(door.lab.engine) as session:
        assert seat_of(session, wang) is None


async def test_a_seat_in_another_browser_is_not_this_ones(door: DoorLab) -> None:
    door.person("wang")
    at_desk, at_home = await door.signed_in("wang", "10.0.0.3"), await door.signed_in("wang", "10.0.0.4")
    await at_desk.post("/seat", seat="1003")
    assert "Seat 1003" in (await at_desk.get("/profile")).text
    assert "Seat 1003" not in (await at_home.get("/profile")).text


async def test_at_the_bell_everybody_is_signed_out_and_the_seats_are_free(door: DoorLab) -> None:
    klass = door.klass()
    door.person("wang", klass=klass)
    door.person("teacher", "instructor")
    wang, teacher = await door.signed_in("wang", "10.0.0.3"), await door.signed_in("teacher")
    await wang.post("/seat", seat="1003")
    assert (await teacher.post(f"/classes/{klass.id}/bell", at="25:99")).status_code == 422
    # It is noon in the lab's time zone: the lesson ends in half an hour.
    assert (await teacher.post(f"/classes/{klass.id}/bell", at="12:30")).status_code == 303
    door.lab.clock.forward(1799)
    assert await wang.inside()
    late = await door.signed_in("wang", "10.0.0.5")
    door.lab.clock.forward(2)
    assert not await wang.inside()
    assert not await late.inside()
    assert await teacher.inside()
    with writing(door.lab.engine) as session:
        assert web_sessions.sweep(session, door.lab.clock, door.lab.site.id) == 2
        assert at_seat(session, door.lab.site.id, "1003") is None
    again = await door.signed_in("wang", "10.0.0.3")
    assert await again.inside()  # a bell that has rung is over
    assert (await teacher.post(f"/classes/{klass.id}/ring")).status_code == 303
    assert not await again.inside()


# -- links, fragments, bodies -----------------------------------------------------------------------------------------


async def test_a_link_sets_a_password_once(door: DoorLab) -> None:
    admin = door.lab.staff("admin")
    with writing(door.lab.engine) as session:
        key = links.make(session, door.lab.clock, session.get_one(User, admin.id))
    browser = await door.browser()
    for _ in range(2):  # looking at it, as a mail program's preview does, uses nothing up
        assert "A password for" in (await browser.get(f"/first?key={key}")).text
    fields = {"key": key, "password": "a new sentence", "again": "a new sentence"}
    assert (await browser.post("/first", **(fields | {"again": "x"}))).status_code == 422
    assert (await browser.post("/first", **fields)).status_code == 303
    assert await browser.inside()
    assert (await browser.post("/first", **fields)).status_code == 410
    assert (await browser.get(f"/first?key={key}")).status_code == 410
    with writing(door.lab.engine) as session:
        late = links.make(session, door.lab.clock, session.get_one(User, admin.id))
    door.lab.clock.forward(86400)
    assert (await browser.get(f"/first?key={late}")).status_code == 410


async def test_a_page_for_htmx_is_its_part_alone(door: DoorLab) -> None:
    klass = door.klass()
    door.person("wang", klass=klass, name='"><script>alert(1)</script>')
    door.person("teacher", "instructor")
    teacher = await door.signed_in("teacher")
    for path, part in ((f"/classes/{klass.id}", 'id="members"'), ("/audit", 'id="rows"')):
        page, fragment = await teacher.get(path), await teacher.get(path, **{"hx-request": "true"})
        assert "<html" in page.text
        assert part in page.text
        assert "<html" not in fragment.text
        assert fragment.text.strip().startswith(f"<div {part}")
        assert "<script>alert" not in page.text + fragment.text
    outside = await door.browser("10.0.0.2")
    told = await outside.get("/audit", **{"hx-request": "true"})
    assert (told.status_code, told.headers["hx-redirect"]) == (401, "/signin?next=%2Faudit")


async def test_a_body_that_is_too_large_is_refused_however_it_is_sent(door: DoorLab) -> None:
    browser = await door.browser()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(60):
            yield b"x" * 100_000

    headers = {"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded"}
    told = await browser.client.post("/signin", content=b"x" * 5_000_000, headers=headers)
    assert told.status_code == 413
    told = await browser.client.post("/signin", content=endless(), headers=headers)
    assert told.status_code in {400, 413}  # a field that long is refused before the body is
    told = await browser.client.post("/api/v1/floor", content=endless(), headers={"content-type": "application/json"})
    assert told.status_code == 401, "who is nobody is told so before anything is read"


# -- who sees what ----------------------------------------------------------------------------------------------------


async def test_a_supervisor_looks_after_the_own_group_only(door: DoorLab) -> None:
    mine, other = door.klass("mine"), door.klass("other")
    door.person("boss", "supervisor", klass=mine)
    own, foreign = door.person("wang", klass=mine), door.person("li", klass=other)
    boss = await door.signed_in("boss")
    listing = (await boss.get("/classes")).text
    assert "mine" in listing
    assert "other" not in listing
    assert (await boss.get(f"/classes/{other.id}")).status_code == 404
    assert (await boss.post(f"/people/{own.id}/signout", next=f"/classes/{mine.id}")).status_code == 303
    for act in ("unlock", "signout", "pin"):
        assert (await boss.post(f"/people/{foreign.id}/{act}")).status_code == 404, act
        assert (await boss.post(f"/people/{door.lab.staff('admin').id}/{act}")).status_code in {403, 404}, act
    assert (await boss.post(f"/classes/{mine.id}/ring")).status_code == 403


async def test_everybody_reaches_the_own_records_only(door: DoorLab) -> None:
    lab, klass = door.lab, door.klass()
    contact = lab.serve("complaint")
    student, other = lab.student, lab.other
    boss, stranger = door.person("boss", "supervisor", klass=klass), door.person("boss2", "supervisor")
    with writing(lab.engine) as session:
        session.add(KlassMember(site_id=lab.site.id, klass_id=klass.id, user_id=student.id, joined_at=lab.clock.utc()))
    with reading(lab.engine) as session:
        reached = {
            user.login: reach.has_contact(session, user, contact)
            for user in (student, other, boss, stranger, lab.staff("grader"), lab.stranger())
        }
        assert len(list(session.exec(reach.contacts(student)))) == 1
        assert list(session.exec(reach.customers(stranger))) == []
    assert reached == {
        "robot-1001": True,
        "robot-1002": False,
        "boss": True,
        "boss2": False,
        "grader": True,
        "admin": False,
    }
    with reading(lab.engine) as session:
        assert session.exec(select(Contact)).first() is not None


async def test_the_trail_tells_who_did_what_and_no_secret(door: DoorLab) -> None:
    klass = door.klass()
    victim = door.person("victim", klass=klass)
    door.person("teacher", "instructor")
    teacher = await door.signed_in("teacher")
    await (await door.browser("10.0.0.9")).sign_in("victim", "my wrong password")
    slips = await teacher.post(f"/people/{victim.id}/pin")
    pin = slips.text.split("<strong>")[1][:6]
    assert pin.isdigit()
    assert slips.headers["cache-control"] == "no-store"
    assert (await (await door.browser()).sign_in("victim", pin)).status_code == 303
    with reading(door.lab.engine) as session:
        entries = session.exec(select(AuditEntry).order_by(AuditEntry.id)).all()  # type: ignore[arg-type]
    assert [(one.action, one.login) for one in entries] == [
        ("sign_in", "teacher"), ("sign_in.failed", "victim"), ("user.pin_given", "teacher"), ("sign_in", "victim"),
    ]  # fmt: skip
    written = " ".join(str(one.model_dump()) for one in entries)
    assert pin not in written
    assert "wrong password" not in written
    assert entries[1].source == "10.0.0.9"
    assert timedelta(0) <= entries[-1].at - entries[0].at
    page = await teacher.get("/audit?action=user.pin_given")
    assert page.text.count("<tr>") == 2  # with its head
