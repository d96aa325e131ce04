"""The desk's page without JavaScript and without a floor: what is shown, what is kept, and to whom."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from door_lab import ORIGIN, DoorLab, door_lab, kept
from lab_rows import Lab

from lab_server.store.engine import writing
from lab_server.store.tables import User


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path) as made:
        yield made


async def test_who_answered_sees_and_keeps_the_form_and_nobody_else_does(door: DoorLab) -> None:
    lab = door.lab
    with writing(lab.engine) as session:
        student = session.get_one(User, lab.student.id)
        student.password, student.is_robot, login = kept(), False, student.login
        session.add(student)
    door.person("other")
    contact = lab.serve("order")
    mine, others = await door.signed_in(login), await door.signed_in("other", "10.0.0.9")
    assert (await others.get("/desk")).headers["location"] == "/seat?next=/desk"
    for one in (mine, others):
        await one.post("/desk/sit")
    page = (await mine.get(f"/desk?contact={contact}")).text
    assert f'action="/desk/contact/{contact}"' in page
    assert f'action="/desk/contact/{contact}"' not in (await others.get(f"/desk?contact={contact}")).text
    field = "product"
    body = {"form": "order", "field": field, "value": "<b>锅</b>", "at": lab.clock.utc().isoformat()}
    path = f"/api/v1/desk/contacts/{contact}/fields"
    assert (await mine.client.post(path, json=body, headers={"origin": ORIGIN})).status_code == 403
    answer = await mine.client.post(path, json=body, headers={"origin": ORIGIN, "x-csrf-token": mine.csrf})
    assert answer.json()["kept"] is True
    refused = await others.client.post(path, json=body, headers={"origin": ORIGIN, "x-csrf-token": others.csrf})
    assert refused.status_code == 403
    assert "&lt;b&gt;锅&lt;/b&gt;" in (await mine.get(f"/desk?contact={contact}")).text
