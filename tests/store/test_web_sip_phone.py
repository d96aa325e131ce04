"""What a SIP phone registers with: shown once to who sits there, to the teacher again, and to nobody else."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from door_lab import DoorLab, door_lab
from lab_rows import Lab
from sqlmodel import select

from lab_server.store.engine import writing
from lab_server.store.tables import AuditEntry, LabSession


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path) as made:
        with writing(lab.engine) as session:
            session.get_one(LabSession, lab.session_id).status = "ended"  # its robots leave their seats
        yield made


def password(folder: Path, seat: str) -> str:
    return str(json.loads((folder / "v/secrets/pbx.json").read_text("utf-8"))[f"seat-{seat}"])


async def test_it_is_shown_once_to_who_sits_there_and_again_by_the_teacher(door: DoorLab, tmp_path: Path) -> None:
    door.person("wang")
    door.person("li")
    door.person("teacher", "instructor")
    wang, li = await door.signed_in("wang", "10.0.0.2"), await door.signed_in("li", "10.0.0.3")
    assert (await wang.get("/seat/sip-phone")).headers["location"] == "/seat?next=/seat/sip-phone"
    assert (await wang.post("/seat", seat="1001")).status_code == 303
    asked = await wang.get("/seat/sip-phone")
    shown = await wang.post("/seat/sip-phone", seat="1003")  # a student's is the one where he sits, whatever he sends
    kept = password(tmp_path, "1001")
    assert kept not in asked.text and kept in shown.text
    assert shown.headers["cache-control"] == "no-store"
    again = await wang.post("/seat/sip-phone")
    assert again.status_code == 409 and kept not in again.text
    assert (await wang.post("/seat", seat="1003")).status_code == 303
    assert (await li.post("/seat", seat="1001")).status_code == 303
    assert kept not in (await li.post("/seat/sip-phone")).text
    teacher = await door.signed_in("teacher", "10.0.0.4")
    await teacher.get("/seat/sip-phone")
    assert kept in (await teacher.post("/seat/sip-phone", seat="1001")).text
    assert (await teacher.post("/seat/sip-phone", seat="../1001")).status_code == 404
    with writing(door.lab.engine) as session:
        trail = [one for one in session.exec(select(AuditEntry)) if one.action == "seat.phone_shown"]
        assert [(one.login, one.subject) for one in trail] == [("wang", "1001"), ("teacher", "1001")]
        assert kept not in str([one.model_dump() for one in trail])


async def test_a_new_password_is_shown_anew(door: DoorLab, tmp_path: Path) -> None:
    door.person("wang")
    wang = await door.signed_in("wang")
    await wang.get("/seat")
    await wang.post("/seat", seat="1001")
    assert (await wang.post("/seat/sip-phone")).status_code == 200
    file = tmp_path / "v/secrets/pbx.json"
    kept = json.loads(file.read_text("utf-8"))
    old = kept.pop("seat-1001")
    file.write_text(json.dumps(kept), "utf-8")
    renewed = await wang.post("/seat/sip-phone")
    assert renewed.status_code == 200 and old not in renewed.text
    assert password(tmp_path, "1001") in renewed.text
