"""The API beside the floor: records, papers, the day, tokens; what two do at once; what is refused and to whom."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio
from door_lab import DoorLab, door_lab
from lab_rows import Lab
from sqlmodel import select

from lab_server.desk import callbacks
from lab_server.store.engine import reading
from lab_server.store.tables import AuditEntry, User
from web.access import Visitor
from web.api.document import document


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def teacher(door: DoorLab) -> AsyncIterator[httpx.AsyncClient]:
    async with door.program(door.person("teacher", "instructor")) as client:
        yield client


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert set(answer.json()) == {"error", "message", "details"}, answer.text
    assert answer.json()["message"], "people are told why"
    return answer.status_code, answer.json()["error"]


async def test_two_who_change_one_customer_lose_nothing(teacher: httpx.AsyncClient) -> None:
    made = (await teacher.post("/api/v1/customers", json={"values": {"number": "16300000077", "name": "王丽"}})).json()
    path = f"/api/v1/customers/{made['id']}"
    again = await teacher.post("/api/v1/customers", json={"values": {"number": "16300000077"}})
    assert refused(again) == (409, "desk.taken")
    first = await teacher.patch(path, json={"values": {"address": "路 1"}, "seen": {}})
    assert first.json()["versions"] == {"address": 1}
    other = await teacher.patch(path, json={"values": {"name": "王莉"}, "seen": {}})
    assert (other.json()["name"], other.json()["address"]) == ("王莉", "路 1")
    late = await teacher.patch(path, json={"values": {"address": "路 2"}, "seen": {}})
    assert refused(late) == (409, "desk.field_conflict")
    (conflict,) = late.json()["details"]
    assert (conflict["yours"], conflict["theirs"], conflict["version"]) == ("路 2", "路 1", 1)
    assert (await teacher.patch(path, json={"values": {"address": "路 2"}, "seen": {"address": 1}})).status_code == 200
    assert (await teacher.delete(path)).json()["deleted_at"]
    assert (await teacher.get("/api/v1/customers", params={"q": "王莉"})).json()["items"] == []
    assert refused(await teacher.patch(path, json={"values": {"name": "x"}})) == (410, "desk.gone")
    assert (await teacher.post(f"{path}/bring-back")).json()["deleted_at"] is None
    assert [one["id"] for one in (await teacher.get("/api/v1/customers?q=wangli")).json()["items"]] == [made["id"]]


async def test_tickets_are_changed_by_version_listed_by_pages_and_have_files(teacher: httpx.AsyncClient) -> None:
    made = [
        (await teacher.post("/api/v1/tickets", json={"kind": "fault", "title": f"t{at}"})).json() for at in range(5)
    ]
    path = f"/api/v1/tickets/{made[0]['id']}"
    changed = (await teacher.patch(path, json={"version": made[0]["version"], "urgency": "urgent"})).json()
    assert (changed["urgency"], changed["title"]) == ("urgent", "t0")
    late = await teacher.patch(path, json={"version": made[0]["version"], "title": "no"})
    assert refused(late) == (409, "desk.changed")
    seen: list[str] = []
    more = True
    while more:
        page = (await teacher.get("/api/v1/tickets", params={"which": "all", "most": 2, "skip": len(seen)})).json()
        seen += [one["id"] for one in page["items"]]
        more = page["more"]
    assert sorted(seen) == sorted(one["id"] for one in made)
    markup = b"<script>alert(1)</script>"
    assert refused(await teacher.post(f"{path}/attachments?name=a.txt", content=markup)) == (422, "desk.attachment")
    kept = await teacher.post(f"{path}/attachments", params={"name": "../../etc/王.txt"}, content="你好".encode())
    assert kept.json()["name"] == "王.txt"
    file = await teacher.get(f"/api/v1/attachments/{kept.json()['id']}")
    assert (file.text, file.headers["content-disposition"].split(";")[0]) == ("你好", "attachment")
    assert file.headers["content-type"].startswith("text/plain")
    assert file.headers["x-content-type-options"] == "nosniff"
    assert (await teacher.post(f"{path}/attachments?name=a", content=b"x" * 4_000_001)).status_code == 413


async def test_a_student_reaches_own_calls_and_customers_and_no_others(door: DoorLab) -> None:
    lab = door.lab
    contact = lab.serve("order")
    mine, other = door.person("mine"), door.person("other")
    with lab.desk(lab.staff("admin")) as desk:
        student = desk.session.get_one(User, lab.student.id)
        student.is_robot = False
        desk.session.add(student)
    async with door.program(lab.student) as served, door.program(mine) as one, door.program(other) as another:
        assert [call["contact_id"] for call in (await served.get("/api/v1/contacts")).json()["items"]] == [contact]
        assert (await served.get(f"/api/v1/contacts/{contact}")).json()["part"] == "owner"
        saved = await served.put(f"/api/v1/contacts/{contact}/form", json={"values": {"product": "锅"}, "key": "k"})
        assert saved.json()["values"]["product"] == "锅"
        again = await served.put(f"/api/v1/contacts/{contact}/form", json={"values": {"product": "锅"}, "key": "k"})
        assert again.json()["version"] == saved.json()["version"]
        odd = await served.put(f"/api/v1/contacts/{contact}/form", json={"values": {"nonsense": "x"}})
        assert refused(odd) == (422, "desk.unknown_field")
        for path in (f"/api/v1/contacts/{contact}", f"/api/v1/contacts/{contact}/finish"):
            answer = await (another.get(path) if path.endswith(contact) else another.post(path))
            assert refused(answer) == (403, "desk.not_yours")
        made = (await one.post("/api/v1/customers", json={"values": {"number": "16300000088", "name": "李"}})).json()
        assert refused(await another.get(f"/api/v1/customers/{made['id']}")) == (403, "desk.not_yours")
        assert (await another.get("/api/v1/customers?q=李")).json()["items"] == []
        assert refused(await one.get("/api/v1/webhooks")) == (403, "http.403")


async def test_what_cannot_be_read_is_refused_with_its_place(teacher: httpx.AsyncClient) -> None:
    for body in ({"kind": "fault"}, {"kind": "fault", "title": "x", "odd": 1}, {"kind": "none", "title": "x"}, [], 1):
        assert refused(await teacher.post("/api/v1/tickets", json=body)) == (422, "bad_request")
    for text in (b'{"kind": "fault", "title": "\\ud800"}', b'{"kind": "fault", "title": "a\\u0000b"}', b"{"):
        answer = await teacher.post("/api/v1/tickets", content=text, headers={"content-type": "application/json"})
        assert answer.status_code in {400, 422}, answer.text
    for query in ("a\0b", "'; DROP TABLE customer; --", "\ud800".encode("utf-8", "surrogatepass"), "%", "x" * 200):
        for path in ("customers", "articles", "products"):
            assert (await teacher.get(f"/api/v1/{path}", params={"q": query})).status_code == 200, (path, query)
    for when in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00"):
        assert refused(await teacher.get("/api/v1/contacts", params={"before": when})) == (422, "bad_request")
    assert refused(await teacher.get("/api/v1/customers/1")) == (422, "bad_request")
    assert refused(await teacher.get("/api/v1/nowhere")) == (404, "http.404")
    assert refused(await teacher.put("/api/v1/customers")) == (405, "http.405")


async def test_a_token_is_shown_once_and_opens_nothing_once_revoked(door: DoorLab) -> None:
    door.person("other")
    user = door.person("mine")
    browser = await door.signed_in("mine")
    page = await browser.get("/tokens")
    assert "no token yet" in page.text
    assert (await browser.post("/tokens", name="wall", days="99999")).status_code == 422
    page = await browser.post("/tokens", name="<b>wall</b>", days="7")
    text = page.text.split('id="text" class="wide" value="')[1].split('"')[0]
    assert text.startswith("rs_")
    shown = (await browser.get("/tokens")).text
    assert text not in shown
    assert "&lt;b&gt;wall&lt;/b&gt;" in shown
    headers = {"authorization": f"Bearer {text}"}
    stranger = await door.browser("10.0.0.8")
    assert (await stranger.client.get("/api/v1/me", headers=headers)).json()["login"] == "mine"
    assert (await stranger.client.get("/tokens", headers=headers)).status_code == 303, "a token makes no other token"
    token_id = shown.split('action="/tokens/')[1].split("/")[0]
    other = await door.signed_in("other", "10.0.0.9")
    await other.get("/tokens")
    assert (await other.post(f"/tokens/{token_id}/revoke")).status_code == 422
    listening = Visitor(user, None, token_id=token_id)
    assert await door.app.state.access.lasts(listening)
    assert (await browser.post(f"/tokens/{token_id}/revoke")).status_code == 303
    assert not await door.app.state.access.lasts(listening), "a stream that is open ends, too"
    assert refused(await stranger.client.get("/api/v1/me", headers=headers)) == (401, "http.401")
    with reading(door.lab.engine) as session:
        actions = [one.action for one in session.exec(select(AuditEntry).where(AuditEntry.user_id == user.id))]
    assert {"token.made", "token.revoked"} <= set(actions)


async def test_the_floor_is_told_when_rows_it_reads_were_changed(door: DoorLab) -> None:
    told: list[bool] = []
    access = door.app.state.access
    access.floor_reads_changed = lambda: told.append(True)
    supervisor = door.person("supervisor", "supervisor")
    callback = ordered(door)
    async with door.program(supervisor) as client:
        await client.post("/api/v1/messages/" + door.person("teacher", "instructor").id, json={"text": "hello"})
        assert told == []
        assert (await client.post(f"/api/v1/callbacks/{callback}/cancel")).json()["state"] == "cancelled"
        assert told == [True]


def ordered(door: DoorLab) -> str:
    """A call-back that waits."""
    contact = door.lab.serve("order")
    with door.lab.desk(door.lab.staff("admin")) as desk:
        now = door.lab.clock.utc()
        made = callbacks.order(
            desk.session, desk.clock, contact_id=contact, number="16300000001", queue="order", since=now
        )
        return made.id


async def test_the_document_says_everything_there_is(door: DoorLab, teacher: httpx.AsyncClient) -> None:
    said = (await teacher.get("/api/v1/openapi.json")).json()
    assert said == document(door.app)
    commands = said["components"]["schemas"]["Command"]["discriminator"]["mapping"]
    assert {"hold", "transfer", "order_callback", "invite"} <= set(commands)
    assert said["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for path, item in said["paths"].items():
        for method, operation in item.items():
            assert {"200", "401", "403", "422", "503"} <= set(operation["responses"]), (method, path)
    stranger = await door.browser("10.0.0.5")
    assert (await stranger.client.get("/api/v1/openapi.json")).status_code == 401
