"""Who means ill at the floor's door: rubbish, injections, others' phones. Refused with a known id, nothing changes."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from api_lab import Program, Site, opened
from floor_lab import READY, House
from worker_lab import until

from lab_server.floor.api.picture import contact_state
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

ERRORS = Path(__file__).parents[2].joinpath("docs/api.md").read_text(encoding="utf-8").partition("## Errors")[2]
KNOWN_IDS = set(re.findall(r"`([a-z_.]+)`", ERRORS))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with opened(pbx, tmp_path_factory.mktemp("hostile")) as site:
        yield site


BODIES = {
    "nothing": b"",
    "no JSON": b"do=hold",
    "a list": b'["hold"]',
    "a word": b'"hold"',
    "half of it": b'{"do": "state"',
    "no UTF-8": b'{"do": "\xff\xfe"}',
    "half a character": b'{"do": "open_conference", "title": "\\ud800"}',
    "half a character in an unknown field": b'{"do": "state", "\\ud800": 1}',
    "no number": b'{"do": "fetch", "slot": NaN}',
    "a number without end": b'{"do": "fetch", "slot": ' + b"9" * 5000 + b"}",
    "nested": b'{"do": ' + b"[" * 300 + b"]" * 300 + b"}",
    "nested without end": b'{"do": ' + b"[" * 100_000,
    "large": b'{"do": "state", "x": "' + b"x" * 900_000 + b'"}',
    "larger than any message": b'{"do": "state", "x": "' + b"x" * 3_000_000 + b'"}',
    "a large name": b'{"do": "' + b"x" * 8_000 + b'"}',
    "a large target": b'{"do": "transfer", "contact": "' + b"0" * 26 + b'", "to": "' + b"x" * 8_000 + b'"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_a_body_that_is_no_command(site: Site, body: bytes) -> None:
    """Told at once, in a short sentence that does not say everything again, and the door stays open."""
    async with site.open("1001") as (_, program):
        headers = {"authorization": f"Bearer {site.token['wang']}", "content-type": "application/json"}
        answer = await asyncio.wait_for(program.client.post("/api/v1/floor", content=body, headers=headers), 5.0)
        assert answer.status_code == 422, answer.text[:300]
        assert answer.json().keys() == {"error", "message", "result"}
        assert answer.json()["error"] == "bad_command"
        assert 0 < len(answer.json()["message"]) < 400
        assert (await program.asks("wang", do="state"))[0] == 200


NOWHERE = [
    "number:Local/s@door", "number:PJSIP/1002", "number:1002&PJSIP/1003", "number:+8613800000000",
    "number:0085212345678", "number:110", "number:95588", "number:16312345678,,1",
    "number:16312345678;phone-context=x", "number:*8", "number:#21#", "number:${SHELL(id)}", "number:$[1+1]",
    "number:1６３１2345678", "number:16312345678@10.0.0.1", "number:-", "number:+", "seat:1002&PJSIP/1003",
    "seat:../1002", "seat:1002/sip:x@y", "seat:1002-web", "seat:１００２", "seat:00001002", "seat:-1",
    "seat:" + "9" * 40, "seat:1001", "queue:${GLOBAL(x)}", "queue:order,complaint", "queue:../order",
    "queue:Order", "menu:<script>alert(1)</script>", "menu:../main", "group:' OR 1=1",
    "mailbox:../../etc/passwd", "mailbox:1002|x", "callback:order' --", "callback:|", "menu:|collected",
    "mailbox:%00", "group:%s%n{0}{x.__class__}",
]  # fmt: skip


def shown(house: House, contact: str) -> dict[str, Any]:
    call = house.floor.call(contact)
    assert call is not None
    return contact_state(call, 0.0) | {"since_queued_s": None, "stage": call.stage, "agents": house.state("1001")}


async def refused(house: House, program: Program, login: str, contact: str, **command: Any) -> str:
    """The error id of a command that must be refused and change nothing."""
    before, channels = shown(house, contact), {one.id for one in await house.channels()}
    _, answer = await program.asks(login, contact=contact, **command)
    assert answer["error"] in KNOWN_IDS, (command, answer)
    assert answer["message"].endswith("."), answer
    assert len(answer["message"]) < 400
    assert shown(house, contact) == before, command
    assert {one.id for one in await house.channels()} == channels, command
    return str(answer["error"])


async def test_no_target_leads_out_of_the_house_or_into_the_dialplan(site: Site) -> None:
    async with site.open("1001") as (house, program):
        contact = await site.talk(house)
        for to in NOWHERE:
            for do in ("transfer", "consult", "add_party"):
                await refused(house, program, "wang", contact, do=do, to=to)
            if to != "seat:1001":
                await refused(house, program, "supervisor", contact, do="redirect", to=to)
        assert not house.book.of(contact, "contact.broke")
        await site.lab.hangs_up(contact)
        await house.ends(contact)


async def test_no_number_that_is_dialled_by_click_leads_out(site: Site) -> None:
    async with site.open("1001") as (house, program):
        for number in ("110", "+8613800000000", "0085212345678", "95588", "1002", "00", "+12", "9" * 20):
            _, answer = await program.asks("wang", do="dial", numbers=[number])
            assert answer["error"] in KNOWN_IDS, (number, answer)
            follow = "1001" if number == "1002" else number  # a colleague's may be followed to
            _, answer = await program.asks("wang", do="set_follow_me", numbers=[{"number": follow}])
            assert answer["error"] in KNOWN_IDS, (number, answer)
        assert not house.floor.calls()
        assert house.state("1001") is READY


@pytest.mark.parametrize("do", ["transfer", "consult", "add_party"])
async def test_a_colleague_is_reserved_though_his_number_is_asked_for_as_one_outside(site: Site, do: str) -> None:
    """Do not disturb holds, and he is not rung a second time: `number:1002` is `seat:1002`."""
    async with site.open("1001", "1002") as (house, program):
        contact = await site.talk(house)
        assert (await program.asks("li", do="do_not_disturb"))[0] == 200
        assert await refused(house, program, "wang", contact, do=do, to="number:1002") == "dnd"
        assert (await program.asks("li", do="ready"))[0] == 200
        await site.lab.brief(contact, "1002", answer_after_s=30)
        assert (await program.asks("wang", do=do, contact=contact, to="number:1002"))[0] == 200
        await until(lambda: house.distribution.agent("1002").contact == contact)
        leg = house.floor.call(contact).leg_at("1002")  # type: ignore[union-attr]
        assert leg is not None
        assert leg.role == "agent"
        await site.lab.hangs_up(contact)
        await house.ends(contact)


async def test_a_member_of_a_conference_is_reserved_likewise(site: Site) -> None:
    async with site.open("1001", "1002") as (house, program):
        contact = (await program.asks("wang", do="open_conference"))[1]["result"]["contact"]
        assert (await program.asks("li", do="do_not_disturb"))[0] == 200
        assert await refused(house, program, "wang", contact, do="invite", to="number:1002") == "dnd"
        for to in NOWHERE:
            if to != "seat:1001":
                await refused(house, program, "wang", contact, do="invite", to=to)
        assert (await program.asks("wang", do="end_conference", contact=contact))[0] == 200
        await house.ends(contact)


async def test_nobody_makes_anothers_phone_answer_by_itself(site: Site) -> None:
    """Else a student could listen to a room through a colleague's phone."""
    async with site.open("1001", "1002") as (house, program):
        contact = (await program.asks("wang", do="open_conference"))[1]["result"]["contact"]
        error = await refused(house, program, "wang", contact, do="invite", to="seat:1002", auto_answer=True)
        assert error == "not_yours"
        assert (await program.asks("wang", do="end_conference", contact=contact))[0] == 200
        await house.ends(contact)


async def test_conferences_are_not_opened_without_end(site: Site) -> None:
    async with site.open("1001", "1002") as (house, program):
        answers = await asyncio.gather(*(program.asks("wang", do="open_conference") for _ in range(40)))
        errors = {answer["error"] for _, answer in answers}
        assert errors == {"", "too_many_conferences"}
        assert len(house.floor.calls()) < 10
        for call in house.floor.calls():
            assert (await program.asks("wang", do="end_conference", contact=call.contact))[0] == 200
        await until(lambda: not house.floor.calls())
        assert (await program.asks("wang", do="open_conference"))[0] == 200


ROWS: list[dict[str, Any]] = [
    {"do": "messages", "mailbox": "\x00"},
    {"do": "messages", "mailbox": "../../etc/passwd"},
    {"do": "messages", "mailbox": "a\r\nb"},
    {"do": "messages", "mailbox": "' OR 1=1 --"},
    {"do": "order_callback", "queue": "order", "due": "9999-12-31T23:59:59-12:00"},
    {"do": "order_callback", "queue": "order", "due": "0001-01-01T00:00:00+12:00"},
    {"do": "order_callback", "queue": "order\x00"},
    {"do": "order_callback", "queue": "order", "number": "110"},
    {"do": "order_callback", "queue": "order", "number": "1002"},
    {"do": "list_number", "mode": "training", "kind": "vip", "number": "*"},
    {"do": "list_number", "mode": "training", "kind": "blacklist", "number": "**"},
    {"do": "list_number", "mode": "training", "kind": "blacklist", "number": "0\x00*"},
    {"do": "list_number", "mode": "training", "kind": "blacklist", "number": "0755*", "reason": "\x00"},
    {"do": "list_number", "mode": "training", "kind": "vip", "number": "0755*", "until": "9999-12-31T23:59:59-12:00"},
    {"do": "list_number", "mode": "training", "kind": "vip", "number": "0756*", "until": "0001-01-01T00:00:00+12:00"},
    {"do": "set_agent", "seat": "1001", "state": "not_ready", "reason": "\x00\r\nAction: Originate"},
    {"do": "set_agent", "seat": "999999", "state": "signed_on"},
    {"do": "set_follow_me", "seat": "999999", "numbers": []},
    {"do": "follow_me", "seat": "999999"},
    {"do": "open_conference", "title": "\x00"},
    {"do": "play_recording", "recording": "0" * 26},
]  # fmt: skip


@pytest.mark.parametrize("command", ROWS, ids=str)
@pytest.mark.parametrize("login", ["wang", "admin"])
async def test_what_goes_to_the_database_is_checked(site: Site, login: str, command: dict[str, Any]) -> None:
    async with site.open("1001") as (house, program):
        contact = await site.talk(house)
        if command["do"] in {"order_callback", "play_recording"}:
            command = {**command, "contact": contact}
        status, answer = await program.asks(login, **command)
        assert answer["error"] in KNOWN_IDS, answer
        assert status < 500, answer
        assert json.dumps(answer)
        await site.lab.hangs_up(contact)
        await house.ends(contact)
