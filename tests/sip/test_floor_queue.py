"""Waiting on real calls: what is said over the music, which goes on; limits, the last agent, many phones at once."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from callers_lab import hear, speaking, tones, whole
from floor_lab import NOT_READY, READY, TALKING, WRAP_UP, FloorLab, House, keys
from worker_lab import hangs_up, until

from lab_server.floor.announcer import Announcer
from lab_server.floor.call import Outcome, Stage
from lab_server.floor.directory import CallerFacts
from lab_server.floor.knowing import KnowsNobody
from lab_server.routing.plan_file import loads_plan
from lab_server.routing.queues import LastAgent
from lab_server.store.tables import Mode
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallEnded

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

PLAN = loads_plan("""
language: en
operator: queue:order
at_last: queue:order
lines:
  order: {numbers: ["95000"], to: "queue:order"}
  calm: {numbers: ["95001"], to: "queue:calm"}
  small: {numbers: ["95002"], to: "queue:small"}
  short: {numbers: ["95003"], to: "queue:short"}
  closed: {numbers: ["95004"], to: "queue:closed"}
  all: {numbers: ["95005"], to: "queue:all"}
  prefer: {numbers: ["95006"], to: "queue:prefer"}
  ask: {numbers: ["95007"], to: "queue:ask"}
  skilled: {numbers: ["95008"], to: "queue:skilled"}
queues:
  order: {announce_every_s: 3, callback_key: "9"}
  calm: {announce_every_s: 3, music: calm}
  small: {max_waiting: 1, when_full: "queue:order"}
  short: {max_wait_s: 1, when_late: "queue:order"}
  closed: {max_waiting: 1}
  all: {strategy: ring_all, ring_timeout_s: 2, wrap_up_s: 1}
  prefer: {last_agent: prefer, last_agent_wait_s: 1.5}
  ask: {last_agent: ask, last_agent_wait_s: 5}
  skilled: {skill: english, best_first: true}
music: {calm: {}}
seats:
  "1001": {skills: {english: 2}}
  "1002": {skills: {english: 8}}
  "1003": {queues: [order]}
  "1004": {}
""")
MUSIC_HZ, CALM_HZ, PROMPT_HZ = 300, 500, 440


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("queue")) as lab:
        await lab.staff(callers=4)
        yield lab


@pytest.fixture(scope="module")
def announcer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Announcer]:
    with speaking(tmp_path_factory.mktemp("speech")) as announcer:
        yield announcer


class Served(KnowsNobody):
    """Everybody was served by 1002 last."""

    async def caller(self, number: str, mode: Mode) -> CallerFacts:
        return replace(await super().caller(number, mode), last_seat="1002")


async def waits(lab: FloorLab, house: House, number: str = "95000", *steps: dict[str, object], **how: object) -> str:
    contact = await lab.rings(*steps, number=number, **how)
    await house.reaches(contact, Stage.QUEUED)
    return contact


@pytest.mark.parametrize(("number", "music_hz"), [("95000", MUSIC_HZ), ("95001", CALM_HZ)])
async def test_place_and_wait_are_said_over_the_music_which_goes_on(
    lab: FloorLab, announcer: Announcer, tmp_path: Path, number: str, music_hz: int
) -> None:
    """Two announcements, each between two stretches of the queue's own music; another caller's goes on untouched."""
    async with lab.open(plan=PLAN, announcer=announcer) as house:
        ahead = await waits(lab, house, number)
        await until(lambda: house.book.of(ahead, "queue.told"))
        contact = await waits(lab, house, number)
        heard = await hear(lab, house, contact, tmp_path / "heard.wav")
        await until(lambda: len(house.book.of(contact, "queue.told")) >= 3, 20.0)
        call = house.floor.call(contact)
        assert call is not None
        assert [entry.data["place"] for entry in house.book.of(contact, "queue.told")] == [2, 2, 2]
        await lab.hangs_up(contact)
        await house.ends(contact)
        assert house.stage(ahead) is Stage.QUEUED
    runs = [
        ("music" if abs(pitch - music_hz) <= 10 else "speech" if pitch else "", s)
        for pitch, s in tones(await whole(heard))
    ]
    order = [kind for at, (kind, _) in enumerate(runs) if kind and (at == 0 or runs[at - 1][0] != kind)]
    music_s = sum(seconds for kind, seconds in runs if kind == "music")
    speech_s = sum(seconds for kind, seconds in runs if kind == "speech")
    print(f"music {music_s:.1f} s, speech {speech_s:.1f} s")
    longest = [seconds for kind, seconds in runs if kind == "music" and seconds >= 1.0]
    assert len(longest) >= 2, f"music before, between and after: {runs}"
    assert speech_s > 1.5, "and sentences in between"
    assert order.count("speech") >= 2


async def test_an_agent_who_becomes_free_cuts_an_announcement_short(lab: FloorLab, announcer: Announcer) -> None:
    async with lab.open(plan=PLAN, announcer=announcer) as house:
        contact = await waits(lab, house)
        await lab.brief(contact, "1003")
        call = house.floor.call(contact)
        assert call is not None
        await until(lambda: call.begun.get("said"))
        began_s = lab.clock.monotonic()
        house.ready("1003")
        await until(lambda: house.book.seats(contact) == ["1003"])
        took_ms = round(1000 * (lab.clock.monotonic() - began_s))
        print("offer during an announcement to ringing, ms:", took_ms)
        assert took_ms < 500
        await house.talks(contact)


async def test_without_a_voice_the_caller_hears_that_it_is_not_forgotten(lab: FloorLab) -> None:
    async with lab.open(plan=PLAN) as house:
        contact = await waits(lab, house)
        call = house.floor.call(contact)
        assert call is not None
        await until(lambda: call.begun.get("still-waiting"))


async def test_a_full_queue_sends_the_next_one_on_and_a_closed_one_says_so(lab: FloorLab) -> None:
    async with lab.open(plan=PLAN) as house:
        first = await waits(lab, house, "95002")
        second = await waits(lab, house, "95002")
        assert (house.floor.call(first).queue, house.floor.call(second).queue) == ("small", "order")
        await waits(lab, house, "95004")
        third = await lab.rings(number="95004")
        assert await house.ends(third) == (Outcome.CLOSED_LOST, None)


async def test_who_has_waited_too_long_goes_where_the_queue_says_and_keeps_its_place(lab: FloorLab) -> None:
    async with lab.open(plan=PLAN) as house:
        late = await waits(lab, house, "95003")
        other = await waits(lab, house, "95000")
        await until(lambda: house.floor.call(late).queue == "order")
        await house.reaches(late, Stage.QUEUED)
        assert [one.contact for one in house.distribution.waiting()] == [late, other]
        assert len(house.book.of(late, "queue.late")) == 1
        await lab.brief(late, "1003")
        house.ready("1003")
        await house.talks(late)


async def test_a_call_back_that_nobody_takes_lets_the_caller_wait_on(lab: FloorLab) -> None:
    async with lab.open(plan=PLAN) as house:
        contact = await waits(lab, house, "95000", keys("39", 1.5))
        await until(lambda: house.book.of(contact, "callback.refused") or house.stage(contact) is Stage.CALLBACK, 8.0)
        if house.stage(contact) is Stage.QUEUED:
            assert [one.contact for one in house.distribution.waiting()] == [contact]


async def test_all_phones_ring_the_first_has_it_and_the_others_are_free_again(lab: FloorLab) -> None:
    async with lab.open("1001", "1002", "1004", plan=PLAN) as house:
        contact = await lab.rings(number="95005")
        for seat, how in (
            ("1001", {"behaviour": "no_answer"}),
            ("1002", {"answer_after_s": 0.6}),
            ("1004", {"behaviour": "no_answer"}),
        ):
            await lab.brief(contact, seat, **how)
        await house.reaches(contact, Stage.RINGING)
        await until(lambda: set(house.book.seats(contact)) == {"1001", "1002", "1004"})
        await house.talks(contact)
        assert {seat: house.state(seat) for seat in ("1001", "1002", "1004")} == {
            "1001": READY, "1002": TALKING, "1004": READY,
        }  # fmt: skip
        for seat in ("1001", "1004"):
            assert (await lab.one(CallEnded, f"{contact}/{seat}")).duration_s == 0
        legs = house.book.legs[contact]
        assert sorted(leg.cause or 0 for leg in legs.values() if leg.gone) == [26, 26], "answered elsewhere"
        await lab.hangs_up(f"{contact}/1002")
        await until(lambda: house.state("1002") is WRAP_UP)
        await until(lambda: house.state("1002") is READY, 3.0, "the queue's own wrap-up is over")


async def test_nobody_answers_though_all_phones_ring_and_each_agent_is_told_why_he_is_set_aside(lab: FloorLab) -> None:
    async with lab.open("1001", "1002", plan=PLAN) as house:
        contact = await lab.rings(number="95005")
        for seat in ("1001", "1002"):
            await lab.brief(contact, seat, behaviour="no_answer")
        await until(lambda: len(house.book.of(contact, "agent.set_aside")) == 2, 10.0)
        assert house.stage(contact) is Stage.QUEUED
        for seat in ("1001", "1002"):
            agent = house.distribution.agent(seat)
            assert (agent.state, agent.reason) == (NOT_READY, "no_answer")
        assert [agent.reason for agent in house.book.agents if agent.state is NOT_READY][-2:] == ["no_answer"] * 2
        house.ready("1004")
        await lab.brief(contact, "1004")
        await house.talks(contact)


async def test_the_last_agent_is_preferred_for_a_while(lab: FloorLab) -> None:
    async with lab.open("1001", plan=PLAN, directory=Served()) as house:
        house.ready("1002")
        contact = await lab.rings(number="95006")
        await lab.brief(contact, "1002", hangs_up())
        await house.ends(contact)
        assert house.book.seats(contact) == ["1002"], "though 1001 was idle for longer"
        other = await lab.rings(number="95006")
        await lab.brief(other, "1001")
        await house.talks(other)  # 1002 still writes down: nobody waits for it for ever
        assert house.book.seats(other) == ["1001"]
        (began,), (talk,) = house.book.of(other, "last_agent"), house.book.of(other, "talk.began")
        assert 1.0 < talk.at_s - began.at_s < 4.0


@pytest.mark.parametrize(("key", "seat"), [("1", "1002"), ("2", "1001"), ("", "1001")], ids=["yes", "no", "silent"])
async def test_the_caller_is_asked_whether_it_wants_its_last_agent(
    lab: FloorLab, announcer: Announcer, key: str, seat: str
) -> None:
    async with lab.open("1001", plan=PLAN, directory=Served(), announcer=announcer) as house:
        house.ready("1002")
        contact = await lab.rings(*([keys(key, 1.5)] if key else []), number="95007")
        await lab.brief(contact, seat)
        await until(lambda: house.book.of(contact, "talk.began"), 20.0)
        assert house.book.seats(contact) == [seat]
        (asked,) = house.book.of(contact, "last_agent")
        assert asked.data == {"seat": "1002", "wanted": seat == "1002", "rule": LastAgent.ASK}


async def test_skills_and_queues_come_from_the_plan_at_sign_on(lab: FloorLab) -> None:
    async with lab.open("1001", "1003", plan=PLAN) as house:
        house.ready("1002")
        contact = await lab.rings(number="95008")
        await lab.brief(contact, "1002")
        await house.talks(contact)
        assert house.book.seats(contact) == ["1002"], "the best, though idle for the shortest time"
        assert house.distribution.agent("1003").queues == {"order"}


async def test_a_new_floor_gives_every_caller_its_queue_language_and_wish_again(lab: FloorLab) -> None:
    first = lab.house(plan=PLAN, directory=Served())
    first.ready("1002")
    first.distribution.set_state("1002", TALKING, "0" * 26)
    await first.floor.start()
    contact = await waits(lab, first, "95006")
    await until(lambda: first.floor.call(contact).begun.get("queued"))
    await first.floor.close()
    async with lab.open(plan=PLAN) as house:
        call = await house.reaches(contact, Stage.QUEUED)
        assert (call.queue, call.wanted_seat, call.language) == ("prefer", "1002", "en")
        await until(lambda: house.distribution.waiting())
        (waiting,) = house.distribution.waiting()
        assert waiting.seat == "1002" and waiting.seat_until_s - waiting.since_s < 2.0
