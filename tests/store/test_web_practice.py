"""The scorecard on the desk, its sounds, the guest's link and the button: who may, and who may not."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from door_lab import ORIGIN, DoorLab, door_lab, kept
from lab_rows import Lab
from sqlmodel import select

from grading.scorecard import grade
from lab_server import evidence
from lab_server.classroom import practice
from lab_server.config import Settings
from lab_server.desk import entries, guests
from lab_server.desk.scorecards import inside
from lab_server.store.engine import reading, writing
from lab_server.store.tables import LabSession, Leg, Scorecard, ScorecardLine, User
from scenarios.load import library
from telephony.recordings.header import RATE
from web.practice.call import desk_that_takes, takes

SPOKEN_S = 40
CLIP = (12.0, 14.5)


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path) as made:
        yield made


def settings_of(folder: Path) -> Settings:
    return Settings(var=folder / "v", site_name="School")


def speak(folder: Path, name: str) -> Path:
    file = settings_of(folder).recordings / name
    file.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(file, np.ones(SPOKEN_S * RATE, dtype=np.int16) * 500, RATE, subtype="PCM_16")
    return file


def graded(lab: Lab, folder: Path, *, login: bool = True) -> tuple[str, str]:
    """A call of the lab's student with recordings and a scorecard; its id and the student's login."""
    contact = lab.serve("order")
    lab.tell_all("order", contact)
    with writing(lab.engine) as session:
        student = session.get_one(User, lab.student.id)
        student.password, student.is_robot, name = kept() if login else "", False, student.login
        session.add(student)
        for leg in session.exec(select(Leg).where(Leg.contact_id == contact)).all():
            leg.recording = f"2026-11-20/{contact}/{leg.name}.wav"
            leg.offset_s = 10.0 if leg.role == "agent" else 0.0
            session.add(leg)
            speak(folder, leg.recording)
    with lab.desk(lab.student) as desk:
        entries.save_entry(desk, contact, "order", {"product": "<b>something else</b>"}, f"key-{contact}")
        entries.finish_wrap_up(desk, contact)
    grade_now(lab, contact)
    return contact, name


def grade_now(lab: Lab, contact: str) -> None:
    with writing(lab.engine) as session:
        bundle = evidence.gather(session, contact)
        assert bundle is not None
        evidence.store(session, lab.clock, bundle, grade(bundle.evidence, bundle.rubric))


def mark_with_clip(lab: Lab, contact: str) -> int:
    """The number of a lost mark, whose clip it sets."""
    with writing(lab.engine) as session:
        card = session.exec(select(Scorecard).where(Scorecard.contact_id == contact)).one()
        lost = [line for line in evidence.lines_of(session, card.id) if line.points < line.of]
        lost[0].clip_from_s, lost[0].clip_to_s = CLIP
        session.add(lost[0])
        return lost[0].position


# -- the scorecard ----------------------------------------------------------------------------------------------------


async def test_a_student_reads_and_hears_the_own_call_and_nobody_elses(door: DoorLab, tmp_path: Path) -> None:
    contact, login = graded(door.lab, tmp_path)
    mark = mark_with_clip(door.lab, contact)
    door.person("other")
    door.person("grader", "grader")
    mine, other = await door.signed_in(login, "10.0.3.1"), await door.signed_in("other", "10.0.3.2")
    grader = await door.signed_in("grader", "10.0.3.3")
    page = f"/desk/score/{contact}"
    for one in (mine, grader):
        text = (await one.get(page)).text
        assert 'data-state="graded"' in text
        assert "&lt;b&gt;something else&lt;/b&gt;" in text
        assert "<b>something" not in text
        assert f"{page}/sound?mark={mark}" in text
        assert (await one.get(f"{page}/sound?mark={mark}")).status_code == 200
    assert (await mine.get(page, **{"hx-request": "true"})).text.lstrip().startswith("<section")
    for path in (page, f"{page}/sound", f"{page}/sound?mark={mark}"):
        assert (await other.get(path)).status_code == 404, path
    assert (await mine.get("/")).text.count(page) == 1


async def test_who_handed_a_call_on_does_not_read_the_others_marks(door: DoorLab, tmp_path: Path) -> None:
    contact, _ = graded(door.lab, tmp_path)
    door.person("former")
    with writing(door.lab.engine) as session:
        former = session.exec(select(User).where(User.login == "former")).one()
        served = session.exec(select(Leg).where(Leg.contact_id == contact, Leg.role == "agent")).one()
        session.add(
            Leg(
                site_id=served.site_id, contact_id=contact, name="agent-0", role="agent", number="1009",
                user_id=former.id, started_at=served.started_at, answered_at=served.started_at,
                ended_at=served.started_at,
            )
        )  # fmt: skip
    browser = await door.signed_in("former")
    assert (await browser.get(f"/desk/score/{contact}")).status_code == 403
    assert (await browser.get(f"/desk/score/{contact}/sound")).status_code == 403


async def test_before_there_is_a_scorecard_the_page_says_how_far_it_is(door: DoorLab, tmp_path: Path) -> None:
    contact, login = graded(door.lab, tmp_path)
    browser = await door.signed_in(login)
    with writing(door.lab.engine) as session:
        card = session.exec(select(Scorecard).where(Scorecard.contact_id == contact)).one()
        for line in session.exec(select(ScorecardLine).where(ScorecardLine.scorecard_id == card.id)).all():
            session.delete(line)
        session.flush()
        session.delete(card)
    text = (await browser.get(f"/desk/score/{contact}")).text
    assert 'data-state="under_way"' in text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in text
    grade_now(door.lab, contact)
    text = (await browser.get(f"/desk/score/{contact}")).text
    assert 'data-state="graded"' in text
    assert "http-equiv" not in text


async def test_a_clip_is_the_seconds_that_prove_the_mark_and_can_be_had_in_parts(door: DoorLab, tmp_path: Path) -> None:
    contact, login = graded(door.lab, tmp_path)
    mark = mark_with_clip(door.lab, contact)
    browser = await door.signed_in(login)
    path = f"/desk/score/{contact}/sound"
    clip = await browser.get(f"{path}?mark={mark}")
    assert (clip.headers["content-type"], clip.headers["accept-ranges"]) == ("audio/flac", "bytes")
    (tmp_path / "clip.flac").write_bytes(clip.content)
    heard = soundfile.info(tmp_path / "clip.flac")
    assert (heard.duration, heard.channels) == (pytest.approx(CLIP[1] - CLIP[0]), 2)
    whole = (await browser.get(path)).content
    (tmp_path / "whole.flac").write_bytes(whole)
    assert soundfile.info(tmp_path / "whole.flac").duration == pytest.approx(SPOKEN_S + 10)

    async def part(asked: str) -> tuple[int, bytes, str]:
        answer = await browser.get(path, range=asked)
        return answer.status_code, answer.content, answer.headers.get("content-range", "")

    size = len(whole)
    assert await part("bytes=0-3") == (206, b"fLaC", f"bytes 0-3/{size}")
    assert await part("bytes=4-") == (206, whole[4:], f"bytes 4-{size - 1}/{size}")
    assert await part("bytes=-5") == (206, whole[-5:], f"bytes {size - 5}-{size - 1}/{size}")
    assert await part(f"bytes=10-{size * 9}") == (206, whole[10:], f"bytes 10-{size - 1}/{size}")
    assert await part(f"bytes={size}-") == (416, b"", f"bytes */{size}")
    for odd in ("bytes=", "bytes=-", "bytes=9-3", "bytes=0-1,4-5", "items=0-3", "bytes=a-b"):
        assert (await part(odd))[0:2] == (200, whole), odd


async def test_no_mark_without_a_clip_and_no_file_outside_the_recordings_is_played(
    door: DoorLab, tmp_path: Path
) -> None:
    contact, login = graded(door.lab, tmp_path)
    browser = await door.signed_in(login)
    path = f"/desk/score/{contact}/sound"
    assert (await browser.get(f"{path}?mark=999")).status_code == 404
    assert (await browser.get(f"{path}?mark=0")).status_code == 422
    assert (await browser.get(f"{path}?mark=../../x")).status_code == 422
    for odd in ("..%2f..%2fetc", "x" * 26, "%00", contact.lower()):
        assert (await browser.get(f"/desk/score/{odd}/sound")).status_code == 404, odd
    speak(tmp_path, "../secret.wav")
    with writing(door.lab.engine) as session:
        for leg in session.exec(select(Leg).where(Leg.contact_id == contact)).all():
            leg.recording = "../secret.wav" if leg.role == "customer" else "/etc/hostname"
            session.add(leg)
    assert (await browser.get(path)).status_code == 404


def test_a_link_out_of_the_recordings_is_no_recording(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    (folder / "day").mkdir(parents=True)
    (tmp_path / "secret.wav").write_bytes(b"x")
    (folder / "day/own.wav").write_bytes(b"x")
    (folder / "day/link.wav").symlink_to(tmp_path / "secret.wav")
    assert inside(folder, "day/own.wav") == folder.resolve() / "day/own.wav"
    for odd in (
        "",
        "day/link.wav",
        "../secret.wav",
        str(tmp_path / "secret.wav"),
        "day/../../secret.wav",
        "a\0b",
        "day",
    ):
        assert inside(folder, odd) is None, odd


# -- the guest --------------------------------------------------------------------------------------------------------


def invited(lab: Lab, robots: frozenset[str] = frozenset()) -> tuple[str, str]:
    with writing(lab.engine) as session:
        return guests.invite(session, lab.clock, lab.site.id, "You", robots)


async def test_the_guests_link_opens_the_seat_once_and_on_this_machine_only(door: DoorLab) -> None:
    seat, key = invited(door.lab, frozenset({"1001", "1002"}))
    assert seat not in {"1001", "1002"}
    far, near, late = await door.browser("10.0.0.4"), await door.browser("127.0.0.1"), await door.browser("127.0.0.1")
    assert (await far.get(f"/me?key={key}")).status_code == 403
    assert (await far.post("/me", key=key)).status_code == 403
    for _ in range(2):  # looked at in advance, it is not used up
        assert seat in (await near.get(f"/me?key={key}")).text
    forged = await near.client.post("/me", data={"key": key}, headers={"origin": "http://evil.example"})
    assert forged.status_code == 403
    answer = await near.post("/me", key=key)
    assert answer.headers["location"].startswith("/desk?take=")
    desk = (await near.get(answer.headers["location"])).text
    assert f'data-seat="{seat}"' in desk
    assert 'data-take="1"' in desk
    assert 'data-pause="1"' in desk
    assert 'data-take=""' in (await near.get("/desk?take=" + "0" * 20)).text
    assert (await near.get("/me")).headers["location"] == "/desk"
    assert (await late.get(f"/me?key={key}")).status_code == 410
    assert (await late.post("/me", key=key)).status_code == 410
    assert (await near.get("/classes")).status_code == 403
    with writing(door.lab.engine) as session:
        guests.leave(session, door.lab.clock, door.lab.site.id)
    assert not await near.inside()


async def test_a_password_link_opens_no_guests_seat(door: DoorLab) -> None:
    from lab_server.desk import links

    admin = door.person("boss", "admin")
    with writing(door.lab.engine) as session:
        key = links.make(session, door.lab.clock, session.get_one(User, admin.id))
    near = await door.browser("127.0.0.1")
    assert (await near.get(f"/me?key={key}")).status_code == 410
    assert (await near.post("/me", key=key)).status_code == 410
    assert not await near.inside()


# -- the button -------------------------------------------------------------------------------------------------------


async def test_the_button_without_a_phone_says_what_to_do(door: DoorLab) -> None:
    door.person("wang")
    browser = await door.signed_in("wang")
    answer = await browser.post("/desk/call")  # no switch answers in this lab
    assert answer.headers["location"] == "/desk?told=switch_away"
    page = (await browser.get("/desk?told=switch_away")).text
    assert 'action="/desk/call"' in page
    scripted = await browser.client.post(
        "/desk/call",
        headers={"origin": ORIGIN, "x-csrf-token": browser.csrf, "accept": "application/json"},
    )
    assert (scripted.status_code, scripted.json()) == (409, {"told": "switch_away"})


def test_only_the_own_pages_address_goes_on_by_itself() -> None:
    given = desk_that_takes("secret").partition("take=")[2]
    assert takes("secret", given)
    assert not takes("other", given)
    assert not takes("", given)
    assert not takes("secret", "")


def ordered(lab: Lab, folder: Path, seat: str = "1001") -> str:
    """The session's id, or why there is none."""
    try:
        with lab.desk(lab.student) as desk:
            return practice.order(desk, seat, "zh-CN", settings_of(folder), library(), {"speech": "x"})
    except practice.PracticeError as refused:
        return refused.error_id


def end(lab: Lab, session_id: str) -> None:
    with writing(lab.engine) as session:
        row = session.get_one(LabSession, session_id)
        row.status = "ended"
        session.add(row)


def test_one_caller_at_a_time_and_not_too_many(lab: Lab, tmp_path: Path) -> None:
    end(lab, lab.session_id)
    first = ordered(lab, tmp_path)
    with reading(lab.engine) as session:
        row = session.get_one(LabSession, first)
        assert (row.plan["for_seat"], row.plan["calls"], row.plan["seats"]) == ("1001", 1, [])
    lab.clock.forward(60)
    assert ordered(lab, tmp_path) == "own_runs"
    end(lab, first)
    for _ in range(practice.AN_HOUR - 1):
        session_id = ordered(lab, tmp_path)
        assert session_id.isupper(), session_id
        end(lab, session_id)
        assert ordered(lab, tmp_path) == "too_soon"
        lab.clock.forward(practice.PAUSE_S + 1)
    assert ordered(lab, tmp_path) == "too_many"
    lab.clock.forward(3600)
    assert ordered(lab, tmp_path).isupper()


def test_while_a_class_runs_its_callers_are_enough(lab: Lab, tmp_path: Path) -> None:
    with writing(lab.engine) as session:
        row = session.get_one(LabSession, lab.session_id)
        row.status = "running"
        session.add(row)
    assert ordered(lab, tmp_path) == "class_runs"


def test_a_caller_that_never_came_holds_up_nobody_for_ever(lab: Lab, tmp_path: Path) -> None:
    end(lab, lab.session_id)
    ordered(lab, tmp_path)
    lab.clock.forward(practice.FORGOTTEN_S + 1)
    assert ordered(lab, tmp_path).isupper()
