"""Everybody commands everything at once: whatever is answered, no story breaks and nothing is left."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from api_lab import Site, opened
from floor_lab import keys, until_async
from sqlmodel import select
from test_hostile_api import KNOWN_IDS
from worker_lab import until

from lab_server.floor.api.actor import Actor
from lab_server.floor.api.door import FloorApi
from lab_server.floor.call import Outcome
from lab_server.store.tables import User
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
SEATS = ("1001", "1002", "1003")
ON_CONTACT = (
    "hold", "resume", "mute", "transfer", "consult", "swap", "complete_transfer", "cancel_consult", "join", "add_party",
    "leave_talk", "drop_party", "park", "pause_recording", "resume_recording", "stop_playing", "listen", "whisper",
    "barge", "stop_supervising", "take_over", "redirect", "mute_party", "invite", "mute_all", "lock_conference",
    "hang_up", "end_conference", "order_callback", "transfer", "consult", "add_party", "join", "swap", "barge",
)  # fmt: skip
ELSE = ("pick_up", "fetch", "ready", "not_ready", "finish_wrap_up", "do_not_disturb", "sign_off", "sign_on", "state",
        "open_conference", "dial")  # fmt: skip
TARGETS = (
    "seat:1001", "seat:1002", "seat:1003", "seat:1004", "number:1002", "queue:order", "queue:complaint", "menu:main",
    "callback:order", "mailbox:1001", "operator", "number:16300000001",
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with opened(pbx, tmp_path_factory.mktemp("hurry")) as site:
        yield site


def command(chance: random.Random, contacts: list[str]) -> dict[str, Any]:
    do = chance.choice(ON_CONTACT if contacts and chance.random() < 0.8 else ELSE)
    given: dict[str, Any] = {"do": do} | ({"contact": chance.choice(contacts)} if do in ON_CONTACT else {})
    if do in {"transfer", "consult", "add_party", "redirect", "invite"}:
        given["to"] = chance.choice(TARGETS)
    elif do in {"mute", "mute_party", "do_not_disturb", "mute_all", "lock_conference"}:
        given["on"] = chance.random() < 0.5
    if do in {"drop_party", "mute_party"}:
        given["leg"] = chance.choice(("customer", "agent-1", "agent-2", "party-1", "supervisor-1", "member-1"))
    extra: dict[str, dict[str, Any]] = {
        "fetch": {"slot": "701"}, "dial": {"numbers": ["16300000001"]}, "order_callback": {"queue": "order"},
    }  # fmt: skip
    return given | extra.get(do, {})


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_commands_from_everybody_at_once(site: Site, seed: int) -> None:
    chance = random.Random(seed)
    lab = site.lab
    async with site.open(*SEATS, wrap_up_limit_s=1.0) as (house, _):
        api = FloorApi(house.floor, house.kit, site.reader, site.writer, site.journal)
        users = await site.reader.run(lambda session: {one.login: one for one in session.exec(select(User)).all()})
        logins = ("wang", "li", "supervisor")
        actors = [
            Actor(users[login].id, login, users[login].role, site.site_id, seat)
            for login, seat in zip(logins, SEATS, strict=True)
        ]
        rung = [await lab.rings({"press": {"digits": "2", "after_s": 0.1}}) for _ in range(3)]
        for contact in rung:
            for seat in SEATS:
                await lab.brief(contact, seat, answer_after_s=chance.choice((0.05, 0.3)))
        await until(lambda: len(house.floor.calls()) == len(rung))

        async def hurry(actor: Actor) -> None:
            for _ in range(60):
                own = [call.contact for call in house.floor.calls() if call.leg_at(actor.seat or "")]
                contacts = own if own and chance.random() < 0.8 else [call.contact for call in house.floor.calls()]
                answer = await asyncio.wait_for(api.ask(actor, command(chance, contacts)), 8.0)
                assert answer.error in KNOWN_IDS | {""}, answer
                assert answer.error != "failed", answer

        await asyncio.gather(*(hurry(actor) for actor in actors for _ in range(2)))
        broken = [one for one in house.book.entries if one.kind == "contact.broke"]
        assert not broken, broken
        for call in house.floor.calls():
            house.floor.end(call.contact, Outcome.STOPPED)
        await until(lambda: not house.floor.calls(), 15.0, "nobody is on the line")
        await until_async(house.channels, "channels", 3.0)
        await until_async(house.bridges, "bridges", 3.0)
        left = [
            one.get_name() for one in asyncio.all_tasks() if one.get_name().startswith(("story", "end of", "contact "))
        ]
        assert not left


async def test_a_phone_that_was_rung_for_who_has_hung_up_meanwhile_rings_no_more(site: Site) -> None:
    """The switch may carry out the ringing after the hanging up, which found nothing to hang up."""
    async with site.open("1001") as (house, _):
        channels, asked, go, rang = house.ari.channels, asyncio.Event(), asyncio.Event(), asyncio.Event()
        originate = channels.originate

        async def on_its_way(*given: Any, **named: Any) -> Any:
            async def arrives() -> Any:
                asked.set()
                await go.wait()
                made = await originate(*given, **named)
                rang.set()
                return made

            return await asyncio.shield(asyncio.create_task(arrives()))

        channels.originate = on_its_way
        contact = await site.lab.rings(keys("2"))
        await site.lab.brief(contact, "1001", answer_after_s=30)
        await asyncio.wait_for(asked.wait(), 10.0)
        await site.lab.hangs_up(contact)
        await house.ends(contact)
        go.set()
        await asyncio.wait_for(rang.wait(), 5.0)
        await until_async(house.channels, "a phone that rings for nobody", 3.0)
