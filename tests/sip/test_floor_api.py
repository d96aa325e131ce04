"""The floor's one door, as an outside program uses it: HTTP with a token, over the bus, to real calls."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import pytest
import pytest_asyncio
from api_lab import EVERYBODY, STAFF, Site, opened
from worker_lab import until

from lab_server.floor.api.commands import AnyCommand, Command
from lab_server.floor.api.rules import RULES
from lab_server.floor.call import Outcome
from lab_server.ids import new_id
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with opened(pbx, tmp_path_factory.mktemp("api")) as site:
        yield site


async def test_a_student_holds_his_own_call_and_nobody_elses(site: Site) -> None:
    async with site.open("1001") as (house, program):
        contact = await site.talk(house)
        assert await program.asks("li", do="hold", contact=contact) == (
            403, {"error": "not_yours", "message": "You may do this only with what is your own.", "result": {}},
        )  # fmt: skip
        assert not house.book.of(contact, "held")
        assert (await program.asks("wang", do="hold", contact=contact))[0] == 200
        assert len(house.book.of(contact, "held")) == 1
        status, answer = await program.asks("wang", do="hold", contact=contact)
        assert (status, answer["error"]) == (409, "already_held")
        assert (await program.asks("wang", do="resume", contact=contact))[0] == 200
        assert (await program.asks("wang", do="hang_up", contact=contact))[0] == 200
        await until(lambda: house.book.of(contact, "talk.ended"))
        await site.lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "agent")


async def test_the_state_shows_a_student_no_other_callers_number(site: Site) -> None:
    async with site.open("1001", "1002") as (house, program):
        contact = await site.talk(house)
        seen = {login: (await program.asks(login, do="state"))[1]["result"] for login in EVERYBODY}
        assert {one["seat"]: one["state"] for one in seen["li"]["agents"]} == {"1001": "talking", "1002": "ready"}
        assert seen["li"]["contacts"] == []
        for login in ("wang", *STAFF):
            (own,) = seen[login]["contacts"]
            assert (own["contact"], own["stage"], own["number"]) == (contact, "talking", "16312345678")


async def test_a_command_sent_twice_under_one_key_is_done_once(site: Site) -> None:
    async with site.open("1001") as (house, program):
        contact = await site.talk(house)
        both = await asyncio.gather(
            *(program.asks("wang", key="k1", do="hold", contact=contact) for _ in range(2)),
        )
        assert [status for status, _ in both] == [200, 200]
        assert len(house.book.of(contact, "held")) == 1


async def test_events_tell_whose_business_it_is(site: Site) -> None:
    async with site.open("1001") as (house, program):
        heard: dict[str, list[dict[str, Any]]] = {"wang": [], "li": [], "supervisor": []}

        async def listen(login: str) -> None:
            headers = {"authorization": f"Bearer {site.token[login]}"}
            async with program.client.stream("GET", "/api/v1/floor/events", headers=headers, timeout=None) as stream:
                async for line in stream.aiter_lines():
                    if line.startswith("data: "):
                        heard[login].append(json.loads(line.removeprefix("data: ")))

        listening = [asyncio.create_task(listen(login)) for login in heard]
        try:
            # Everybody is connected once a change of an agent's state has reached all.
            for _ in range(100):
                house.distribution.set_state("1001", house.state("1001"))
                house.floor._kit.listeners[-1].agent_changed(house.distribution.agent("1001"))
                if all(heard.values()):
                    break
                await asyncio.sleep(0.05)
            contact = await site.talk(house)
            await site.lab.hangs_up(contact)
            await house.ends(contact)
            await until(lambda: any(one["event"] == "ended" for one in heard["wang"]))
            stages = [one["data"]["stage"] for one in heard["wang"] if one["event"] == "contact"]
            assert stages == ["queued", "ringing", "talking"]  # the greeting was nobody's business yet
            everything = [one["data"]["stage"] for one in heard["supervisor"] if one["event"] == "contact"]
            assert everything[0] == "screened"
            assert "16312345678" not in json.dumps(heard["li"])
            assert {one["event"] for one in heard["li"]} == {"agent", "queues"}
        finally:
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)


async def test_without_a_valid_token_nothing_is_said(site: Site) -> None:
    async with site.open() as (_, program):
        for header in ({}, {"authorization": "Bearer rs_nonsense"}, {"authorization": "Basic d2FuZzp3YW5n"}):
            for ask in (
                program.client.post("/api/v1/floor", json={"do": "state"}, headers=header),
                program.client.get("/api/v1/floor/events", headers=header),
            ):
                answer = await ask
                assert (answer.status_code, answer.json()["error"]) == (401, "http.401")


HOSTILE = [
    {}, {"do": "format"}, {"do": ["hold"]}, {"do": "hold"}, {"do": "hold", "contact": "x"},
    {"do": "hold", "contact": "0" * 26, "extra": 1}, {"do": "hold", "contact": "'; DROP TABLE contact;--"},
    {"do": "hold", "contact": None}, {"do": "state", "role": "admin"},
]  # fmt: skip


@pytest.mark.parametrize("command", HOSTILE, ids=str)
async def test_rubbish_is_refused_with_a_stable_id(site: Site, command: dict[str, Any]) -> None:
    async with site.open("1001") as (_, program):
        status, answer = await program.asks("admin", **command)
        assert (status, answer["error"]) == (422, "bad_command")
        assert answer["message"]


def kinds() -> tuple[type[Command], ...]:
    return get_args(get_args(AnyCommand)[0])


def samples() -> list[dict[str, Any]]:
    """One command of each kind, with all that it needs, on a contact that is not there."""
    return [kind.model_validate(_example(kind)).model_dump(mode="json") for kind in kinds()]


EXAMPLES: dict[str, Any] = {
    "seat": "1001", "leg": "member-1", "to": "seat:1002", "slot": "701", "numbers": ["16300000001"],
    "recording": "0" * 26, "message": "0" * 26, "callback": "0" * 26, "entry": "0" * 26, "alert": "0" * 26,
    "state": "ready", "mailbox": "main", "queue": "order", "mode": "training", "kind": "vip", "number": "0755*",
}  # fmt: skip
"""A value for each field that a command needs."""


def _example(kind: type[Command]) -> dict[str, Any]:
    fields = kind.model_fields
    given = {"contact": new_id()} | EXAMPLES | ({"numbers": []} if fields["do"].default == "set_follow_me" else {})
    wanted = {name: given[name] for name, one in fields.items() if one.is_required()}
    return wanted | {"do": fields["do"].default}


GRADERS = {"state", "callbacks", "listed_numbers", "music_classes"}
"""What who only grades may ask."""


async def test_every_command_has_a_rule() -> None:
    assert set(RULES) == set(kinds())


async def test_who_may_only_read_changes_nothing_with_any_command(site: Site) -> None:
    """A grader is refused all but the looks, a student all that is another's; neither gets an error of the server's."""
    async with site.open("1001") as (house, program):
        contact = await site.talk(house)
        before = [entry for entry in house.book.entries if entry.contact == contact]
        for login in ("grader", "li"):
            for command in samples():
                sent = command | ({"contact": contact} if command.get("contact") else {})
                status, answer = await program.asks(login, **sent)
                assert status in {200, 403, 409, 404}, (login, sent, answer)
                if login == "grader":
                    assert status == (200 if sent["do"] in GRADERS else 403), (sent, answer)
        assert [entry for entry in house.book.entries if entry.contact == contact] == before


@pytest.mark.parametrize("login", ["supervisor", "instructor", "admin"])
async def test_what_is_not_there_is_told_by_a_known_id(site: Site, login: str) -> None:
    """Whoever may do everything is told what is wrong with each command on a contact, a message, an entry that is not
    there; and nobody on the line notices."""
    page = Path(__file__).parents[2].joinpath("docs/api.md").read_text(encoding="utf-8").partition("## Errors")[2]
    async with site.open("1001") as (house, program):
        contact = await site.talk(house)
        before = [entry for entry in house.book.entries if entry.contact == contact]
        for command in samples():
            if command["do"] in CHANGES_SITE:
                continue
            status, answer = await program.asks(login, **command)
            named = set(command) & {"contact", "message", "callback", "entry", "alert"}
            assert status in ({403, 404, 409} if named else {200, 403, 404, 409}), (command, answer)
            assert status == 200 or (f"`{answer['error']}`" in page and answer["message"]), (command, answer)
        assert [entry for entry in house.book.entries if entry.contact == contact] == before


CHANGES_SITE = {"set_agent", "list_number", "set_follow_me"}
"""These are done, whoever is on the line."""


async def test_two_students_hand_a_call_over_and_a_supervisor_ends_it(site: Site) -> None:
    """Through the door alone: consult, swap, join, leave; nobody may do what is another's."""
    async with site.open("1001", "1002") as (house, program):
        contact = await site.talk(house)
        await site.lab.brief(contact, "1002")
        assert (await program.asks("wang", do="consult", contact=contact, to="seat:1002"))[0] == 200
        await until(lambda: len(house.book.legs[contact]) == 3 and house.book.legs[contact]["agent-2"].ours)
        assert (await program.asks("wang", do="join", contact=contact))[0] == 200
        assert (await program.asks("li", do="drop_party", contact=contact, leg="agent-1"))[1]["error"] == "not_serving"
        assert (await program.asks("wang", do="leave_talk", contact=contact))[0] == 200
        await until(lambda: house.floor.call(contact).seat == "1002")
        assert (await program.asks("wang", do="hold", contact=contact))[1]["error"] == "not_yours"
        status, answer = await program.asks("li", do="transfer", contact=contact, to="seat:9999")
        assert (status, answer["error"]) == (404, "unknown_seat")
        assert (await program.asks("li", do="take_down", contact=contact))[1]["error"] == "no_right"
        assert (await program.asks("supervisor", do="take_down", contact=contact))[0] == 200
        await house.ends(contact)


async def test_agents_set_their_own_state_and_supervisors_others(site: Site) -> None:
    async with site.open("1001", "1002") as (house, program):
        status, answer = await program.asks("wang", do="not_ready", reason="lunch")
        assert (status, answer["result"]["agent"]["reason"]) == (200, "lunch")
        assert (await program.asks("wang", do="set_agent", seat="1002", state="not_ready"))[0] == 403
        assert (await program.asks("supervisor", do="set_agent", seat="1001", state="ready"))[0] == 200
        assert house.state("1001") == "ready"
        assert (await program.asks("supervisor", do="ready"))[1]["error"] == "no_seat"
        assert (await program.asks("wang", do="pick_up"))[1]["error"] == "nothing_to_pick_up"
        assert (await program.asks("wang", do="fetch", slot="701"))[1]["error"] == "park_empty"
