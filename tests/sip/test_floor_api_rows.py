"""Through the floor's one door: conferences, messages, call-backs, seats' settings, lists, alerts; and their events."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from api_lab import EVERYBODY, STAFF, Program, Site, opened
from floor_lab import House, keys
from sqlmodel import Session
from worker_lab import until

from lab_server.alerts import open_alerts
from lab_server.desk import alerts, contacts, mailboxes
from lab_server.floor.api.desk_rows import alert_row
from lab_server.floor.directory import Directory
from lab_server.floor.mailboxes import StoreMailboxes
from lab_server.floor.ringing_back import RingingBack
from lab_server.ids import new_id
from lab_server.store.tables import Leg, Mode
from lab_server.store.tables import Site as SiteRow
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
T = TypeVar("T")
CALLER = "16312345678"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with opened(pbx, tmp_path_factory.mktemp("api-rows")) as site:
        yield site


@asynccontextmanager
async def kept(site: Site, *ready: str) -> AsyncIterator[tuple[House, Program]]:
    """A floor with rows behind it, wired as the brain wires it."""
    clock, ids = site.lab.clock, {"site_id": site.site_id}
    boxes = StoreMailboxes(site.reader, site.writer, site.journal, clock, **ids)
    back = RingingBack(site.reader, site.writer, site.journal, clock, **ids)
    directory = Directory(site.reader, site.writer, clock, **ids)
    async with site.open(*ready, directory=directory, more={"mailboxes": boxes, "callbacks": back}) as (house, program):
        assert site.feed is not None
        back.join(house.floor)
        house.kit.listeners.append(back)
        boxes.changed, back.changed = site.feed.mailboxes_counted, site.feed.callbacks_changed
        try:
            yield house, program
        finally:
            await back.close()


@asynccontextmanager
async def hearing(site: Site, program: Program, *logins: str) -> AsyncIterator[dict[str, list[dict[str, Any]]]]:
    """The events that each of them hears, from now on."""
    heard: dict[str, list[dict[str, Any]]] = {login: [] for login in logins}
    begun: set[str] = set()

    async def listen(login: str) -> None:
        headers = {"authorization": f"Bearer {site.token[login]}"}
        async with program.client.stream("GET", "/api/v1/floor/events", headers=headers, timeout=None) as stream:
            async for line in stream.aiter_lines():
                begun.add(login)
                if line.startswith("data: "):
                    heard[login].append(json.loads(line.removeprefix("data: ")))

    tasks = [asyncio.create_task(listen(login)) for login in logins]
    try:
        await until(lambda: len(begun) == len(logins), 5.0, "everybody listens")
        yield heard
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one["data"] for one in events if one["event"] == kind]


async def row(site: Site, work: Callable[[Session], T]) -> T:
    return await site.writer.run(work)


async def a_contact(site: Site, *, mode: Mode = "training", seat: str = "") -> str:
    """One that is over, of CALLER; answered at `seat`."""
    contact, clock = new_id(), site.lab.clock

    def work(session: Session) -> None:
        contacts.begin(
            session, session.get_one(SiteRow, site.site_id), contact_id=contact, mode=mode, direction="in",
            trunk="lab", caller=CALLER, called="95000", offered_at=clock.utc(),
        )  # fmt: skip
        if seat:
            now = clock.utc()
            session.add(
                Leg(site_id=site.site_id, contact_id=contact, name="agent-1", role="agent", number=seat, seat=seat,
                    started_at=now, answered_at=now, ended_at=now)
            )  # fmt: skip

    await row(site, work)
    return contact


async def a_message(site: Site, mailbox: str) -> str:
    contact = await a_contact(site)

    def work(session: Session) -> str:
        path = f"{contact}/message-1.wav"
        return mailboxes.leave(
            session, site.lab.clock, contact_id=contact, mailbox=mailbox, path=path, duration_s=7.0
        ).id

    return await row(site, work)


# -- conferences ------------------------------------------------------------------------------------------------------


async def test_a_student_manages_his_own_conference_and_nobody_elses(site: Site) -> None:
    async with site.open("1001", "1002") as (house, program), hearing(site, program, "wang", "li", "grader") as heard:
        status, answer = await program.asks("wang", do="open_conference", title="Monday")
        contact = answer["result"]["contact"]
        assert status == 200
        for command in (
            {"do": "invite", "to": "seat:1002"}, {"do": "mute_all"}, {"do": "lock_conference"},
            {"do": "mute_member", "leg": "member-1"}, {"do": "drop_member", "leg": "member-1"},
            {"do": "end_conference"},
        ):  # fmt: skip
            assert (await program.asks("li", contact=contact, **command))[1]["error"] == "not_yours"
            assert (await program.asks("grader", contact=contact, **command))[1]["error"] == "no_right"
        await site.lab.brief(contact, "1001", begin="answered")
        await site.lab.brief(contact, "1002", begin="answered")
        legs = {}
        for seat in ("1001", "1002"):
            status, answer = await program.asks("wang", do="invite", contact=contact, to=f"seat:{seat}")
            assert status == 200, answer
            legs[seat] = answer["result"]["leg"]
        await until(lambda: len(house.book.of(contact, "conference.joined")) == 2, 10.0, "both are there")
        assert (await program.asks("wang", do="mute_all", contact=contact))[0] == 200
        assert (await program.asks("wang", do="lock_conference", contact=contact))[0] == 200
        state = (await program.asks("li", do="state"))[1]["result"]["conferences"]
        assert [(one["title"], one["owner"], one["locked"]) for one in state] == [("Monday", "1001", True)]
        assert {one["seat"]: one["muted"] for one in state[0]["members"]} == {"1001": False, "1002": True}
        refused = (await program.asks("supervisor", do="invite", contact=contact, to="seat:1003"))[1]["error"]
        assert refused == "conference_locked"
        assert (await program.asks("supervisor", do="drop_member", contact=contact, leg=legs["1002"]))[0] == 200
        assert (await program.asks("li", do="state"))[1]["result"]["conferences"] == []
        assert (await program.asks("wang", do="end_conference", contact=contact))[0] == 200
        await house.ends(contact)
        await until(lambda: len(of(heard["grader"], "conference")) > 5, 5.0, "the grader sees it all")
        told = [one["what"] for one in of(heard["wang"], "conference")]
        assert told.count("invited") == told.count("joined") == 2
        assert "locked" in told
        assert of(heard["li"], "conference"), "who takes part hears of it"
        assert (await program.asks("wang", do="mute_all", contact=contact))[1]["error"] == "not_yours"
        assert (await program.asks("supervisor", do="mute_all", contact=contact))[1]["error"] == "unknown_contact"


async def test_an_ordinary_call_is_no_conference(site: Site) -> None:
    async with site.open("1001") as (house, program):
        contact = await site.talk(house)
        assert (await program.asks("supervisor", do="lock_conference", contact=contact))[1]["error"] == "no_conference"
        assert (await program.asks("supervisor", do="open_conference"))[1]["error"] == "no_seat"
        assert (await program.asks("wang", do="open_conference", title="a\nb"))[1]["error"] == "bad_title"


# -- messages ---------------------------------------------------------------------------------------------------------


async def test_messages_are_heard_deleted_and_brought_back_by_whose_they_are(site: Site) -> None:
    message = await a_message(site, "1001")
    async with kept(site) as (house, program), hearing(site, program, "wang", "li", "supervisor") as heard:
        await house.kit.mailboxes.refresh()
        listed = {one: (await program.asks(one, do="mailboxes"))[1]["result"]["mailboxes"] for one in ("wang", "li")}
        assert {"mailbox": "1001", "new": 1, "old": 0} in listed["wang"]
        assert all(one["mailbox"] != "1001" for one in listed["li"])
        (found,) = (await program.asks("wang", do="messages", mailbox="1001"))[1]["result"]["messages"]
        assert (found["message"], found["number"], found["length_s"], found["heard_at"]) == (message, CALLER, 7.0, None)
        for command in ("mark_heard", "delete_message", "bring_back_message"):
            assert (await program.asks("li", do=command, message=message))[1]["error"] == "not_yours"
        assert (await program.asks("li", do="messages", mailbox="1001"))[1]["error"] == "not_yours"
        assert (await program.asks("wang", do="mark_heard", message=message))[1]["result"]["heard_at"]
        state = (await program.asks("supervisor", do="state"))[1]["result"]
        assert {"mailbox": "1001", "new": 0, "old": 1} in state["mailboxes"]
        assert (await program.asks("wang", do="delete_message", message=message))[0] == 200
        assert (await program.asks("wang", do="messages", mailbox="1001"))[1]["result"]["messages"] == []
        (gone,) = (await program.asks("wang", do="messages", mailbox="1001", deleted=True))[1]["result"]["messages"]
        assert gone["deleted_at"]
        assert (await program.asks("supervisor", do="bring_back_message", message=message))[0] == 200
        status, answer = await program.asks("wang", do="mark_heard", message="0" * 26)
        assert (status, answer["error"]) == (404, "unknown_message")
        await until(lambda: len(of(heard["wang"], "mailbox")) == 4, 5.0, "counts, each time they changed")
        assert of(heard["wang"], "mailbox")[1] == {"mailbox": "1001", "new": 0, "old": 1}
        await until(lambda: len(of(heard["supervisor"], "mailbox")) == 4)
        assert of(heard["li"], "mailbox") == []


# -- call-backs -------------------------------------------------------------------------------------------------------


async def test_a_call_back_is_ordered_cancelled_and_opened_again(site: Site) -> None:
    contact = await a_contact(site, seat="1001")
    order = {"do": "order_callback", "contact": contact, "queue": "order"}
    async with kept(site) as (house, program), hearing(site, program, "li", "admin") as heard:
        assert (await program.asks("li", **order))[1]["error"] == "not_yours"
        assert (await program.asks("wang", **order | {"queue": "nowhere"}))[1]["error"] == "unknown_queue"
        assert (await program.asks("wang", **order | {"number": "1002"}))[1]["error"] == "number_not_served"
        status, answer = await program.asks("wang", **order)
        assert (status, answer["result"]["new"], answer["result"]["number"]) == (200, True, CALLER)
        which = answer["result"]["callback"]
        again = (await program.asks("wang", **order))[1]["result"]
        assert (again["callback"], again["new"]) == (which, False)
        assert [(one.queue, one.callback) for one in house.distribution.waiting()] == [("order", True)]
        state = (await program.asks("grader", do="state"))[1]["result"]
        assert state["callbacks"] == [{"queue": "order", "waiting": 1}]
        (one,) = (await program.asks("li", do="callbacks", due=True))[1]["result"]["callbacks"]
        assert (one["callback"], one["state"]) == (which, "waiting")
        assert (await program.asks("wang", do="cancel_callback", callback=which))[1]["error"] == "no_right"
        assert (await program.asks("supervisor", do="cancel_callback", callback=which))[0] == 200
        assert house.distribution.waiting() == []
        assert (await program.asks("li", do="callbacks"))[1]["result"]["callbacks"] == []
        assert (await program.asks("supervisor", do="reopen_callback", callback=which))[0] == 200
        refused = (await program.asks("supervisor", do="reopen_callback", callback=which))[1]["error"]
        assert refused == "callback_state"
        assert (await program.asks("supervisor", do="cancel_callback", callback=which))[0] == 200
        await until(lambda: len(of(heard["li"], "callbacks")) == 4, 5.0, "one waits, none, one, none")
        assert [len(one["callbacks"]) for one in of(heard["li"], "callbacks")] == [1, 0, 1, 0]


async def test_a_call_back_that_is_not_due_keeps_no_place_yet(site: Site) -> None:
    contact = await a_contact(site, seat="1001")
    due = (site.lab.clock.utc() + timedelta(hours=2)).isoformat()
    async with kept(site) as (house, program):
        answer = (await program.asks("wang", do="order_callback", contact=contact, queue="order", due=due))[1]
        assert answer["error"] == "", answer
        assert house.distribution.waiting() == []
        assert (await program.asks("wang", do="callbacks", due=True))[1]["result"]["callbacks"] == []
        assert len((await program.asks("wang", do="callbacks"))[1]["result"]["callbacks"]) == 1
        await program.asks("admin", do="cancel_callback", callback=answer["result"]["callback"])
    async with site.open() as (_, program):
        answer = (await program.asks("wang", do="order_callback", contact=contact, queue="order"))[1]
        assert answer["error"] == "no_callbacks"


# -- settings ---------------------------------------------------------------------------------------------------------


async def test_who_sits_there_sets_where_calls_follow_and_a_supervisor_anybodys(site: Site) -> None:
    async with kept(site, "1001") as (house, program):
        follow = {"do": "set_follow_me", "numbers": [{"number": "1002"}, {"number": "1003", "ring_s": 10}]}
        status, answer = await program.asks("wang", **follow)
        assert (status, answer["result"]["on"]) == (200, True)
        assert [one.number for one in house.kit.directory.seat("1001").follow_me] == ["1002", "1003"]
        assert (await program.asks("li", **follow, seat="1001"))[1]["error"] == "not_yours"
        assert (await program.asks("li", do="follow_me", seat="1001"))[1]["error"] == "not_yours"
        seen = (await program.asks("supervisor", do="follow_me", seat="1001"))[1]["result"]
        assert [one["number"] for one in seen["numbers"]] == ["1002", "1003"]
        own = (await program.asks("wang", do="set_follow_me", numbers=[{"number": "1001"}]))[1]["error"]
        assert own == "bad_value"
        nobody = (await program.asks("wang", do="set_follow_me", numbers=[{"number": "16399999999"}]))[1]["error"]
        assert nobody.startswith("number_")
        assert (await program.asks("admin", do="set_follow_me", seat="1001", on=False))[0] == 200
        assert house.kit.directory.seat("1001").follow_me == ()
        assert (await program.asks("supervisor", do="follow_me"))[1]["error"] == "no_seat"
        assert (await program.asks("supervisor", do="follow_me", seat="99"))[1]["error"] == "unknown_seat"


async def test_who_is_listed_is_screened_at_once(site: Site) -> None:
    async with kept(site) as (house, program):
        entry = {"do": "list_number", "mode": "training", "kind": "blacklist", "number": CALLER, "reason": "rude"}
        for login in ("wang", "grader"):
            assert (await program.asks(login, **entry))[1]["error"] == "no_right"
        status, answer = await program.asks("supervisor", **entry)
        assert status == 200, answer
        facts = await house.kit.directory.caller(CALLER, "training")
        assert facts.blacklisted
        assert (await program.asks("supervisor", **entry))[1]["error"] == "taken"
        assert (await program.asks("supervisor", **entry | {"number": "rubbish"}))[1]["error"] == "bad_value"
        (seen,) = (await program.asks("grader", do="listed_numbers"))[1]["result"]["numbers"]
        assert (seen["number"], seen["reason"]) == (CALLER, "rude")
        assert (await program.asks("supervisor", do="listed_numbers", kind="vip"))[1]["result"]["numbers"] == []
        assert (await program.asks("supervisor", do="unlist_number", entry=seen["entry"]))[0] == 200
        assert not (await house.kit.directory.caller(CALLER, "training")).blacklisted
        gone = await program.asks("supervisor", do="unlist_number", entry=seen["entry"])
        assert (gone[0], gone[1]["error"]) == (404, "unknown_listed_number")
        assert (await program.asks("supervisor", do="refresh"))[0] == 200


async def test_who_was_told_to_try_again_may_do_so_under_the_same_key(site: Site) -> None:
    """A locked database is told in time, nothing was written, and asked again under its key the command is done."""
    async with kept(site) as (_, program):
        entry = {"do": "list_number", "mode": "training", "kind": "vip", "number": "0571*"}
        with closing(sqlite3.connect(site.lab.folder / "lab.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            status, answer = await program.asks("supervisor", "k-1", **entry)
            assert (status, answer["error"]) == (503, "store.busy")
            other.execute("ROLLBACK")
        seen = (await program.asks("supervisor", do="listed_numbers"))[1]["result"]["numbers"]
        assert "0571*" not in {one["number"] for one in seen}
        status, answer = await program.asks("supervisor", "k-1", **entry)
        assert status == 200, answer
        again = await program.asks("supervisor", "k-1", **entry)
        assert again == (status, answer), "done once, told twice"


async def test_alerts_are_told_and_dismissed(site: Site) -> None:
    async with kept(site) as (_, program), hearing(site, program, "wang", "supervisor") as heard:
        args = {"free_mb": 12}
        await row(site, lambda s: alerts.raise_alert(s, site.lab.clock, site.site_id, "disk_full", args, "/recordings"))
        assert site.feed is not None
        for _ in range(2):
            found = await site.reader.run(lambda s: open_alerts(s, site.site_id))
            site.feed.alerts([alert_row(one) for one in found])
        assert (await program.asks("wang", do="alerts"))[1]["error"] == "no_right"
        (seen,) = (await program.asks("supervisor", do="alerts"))[1]["result"]["alerts"]
        assert (seen["kind"], seen["subject"], seen["args"]) == ("disk_full", "/recordings", {"free_mb": 12})
        status, answer = await program.asks("supervisor", do="dismiss_alert", alert=seen["alert"])
        assert (status, answer["result"]["alerts"]) == (200, [])
        await until(lambda: len(of(heard["supervisor"], "alert")) == 2, 5.0, "raised, and over")
        assert [one["over"] for one in of(heard["supervisor"], "alert")] == [False, True]
        assert of(heard["wang"], "alert") == []


async def test_music_and_recordings_are_listed(site: Site) -> None:
    contact = await a_contact(site, seat="1001")
    async with kept(site) as (_, program):
        for login in EVERYBODY:
            assert (await program.asks(login, do="music_classes"))[1]["result"]["music"] == ["default"]
        assert (await program.asks("wang", do="recordings", contact=contact))[1]["result"]["recordings"] == []
        assert (await program.asks("li", do="recordings", contact=contact))[1]["error"] == "not_yours"
        status, answer = await program.asks("supervisor", do="recordings", contact=new_id())
        assert (status, answer["error"]) == (404, "unknown_contact")


# -- events -----------------------------------------------------------------------------------------------------------


async def test_places_in_the_queue_are_told_to_who_may_see_them(site: Site) -> None:
    async with kept(site) as (house, program), hearing(site, program, "wang", *STAFF) as heard:

        def places(login: str) -> list[list[tuple[str, int]]]:
            return [[(one["contact"], one["place"]) for one in told["places"]] for told in of(heard[login], "places")]

        async def all_heard(*told: list[tuple[str, int]]) -> None:
            """What changes twice in a moment is told once: so each is waited for."""
            for login in STAFF:
                await until(lambda login=login: places(login) == [*told], 5.0, f"{login} hears of places")  # type: ignore[misc]

        first = await site.lab.rings(keys("2"))
        await all_heard([(first, 1)])
        second = await site.lab.rings(keys("2"))
        await all_heard([(first, 1)], [(first, 1), (second, 2)])
        await site.lab.hangs_up(first)
        await house.ends(first)
        await all_heard([(first, 1)], [(first, 1), (second, 2)], [(second, 1)])
        assert places("wang") == []


async def test_an_agent_who_does_not_answer_is_told_that_he_is_set_aside(site: Site) -> None:
    async with site.open("1001", ring_timeout_s=0.6) as (house, program), hearing(site, program, "wang", "li") as heard:
        contact = await site.lab.rings(keys("2"))
        await site.lab.brief(contact, "1001", behaviour="no_answer")
        await until(lambda: of(heard["wang"], "set_aside"), 8.0, "he is told")
        assert of(heard["wang"], "set_aside")[0]["reason"] == "no_answer"
        assert of(heard["li"], "set_aside") == []
        await site.lab.hangs_up(contact)
        await house.ends(contact)
