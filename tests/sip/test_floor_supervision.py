"""A supervisor on real calls: who hears whom in each mode, what follows the contact, and that nothing stays behind."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
import soundfile
from ears import EarsLab, hears, levels
from floor_lab import PLAN, READY, TALKING, WRAP_UP, House, keys, says, until_async
from worker_lab import LISTEN, burst, until

from lab_server.floor import supervision
from lab_server.floor.api.picture import contact_state
from lab_server.floor.call import Call, Outcome, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.parking import lot, park
from lab_server.floor.supervision import barge, listen, redirect, stop, take_down, take_over, whisper
from lab_server.routing.agents import AgentState
from lab_server.routing.plan import Group, Ring
from lab_server.routing.target import Target
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

AGENT, OTHER, CHIEF = "1001", "1002", "1004"
PITCHES = {"customer": 500, "agent": 900, "chief": 1300}
"""What each of them sings all the time, in Hz."""
CALLER = "16312345678"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EarsLab]:
    async with EarsLab(pbx, tmp_path_factory.mktemp("supervision")) as lab:
        for name, pitch_hz in PITCHES.items():
            burst(lab.folder / f"{name}.wav", 60.0, pitch_hz)
        await lab.staff(4)
        yield lab


def sings(lab: EarsLab, who: str) -> dict[str, object]:
    return says("song", str(lab.folder / f"{who}.wav"))


async def talk(lab: EarsLab, house: House) -> str:
    """Customer and agent talk, the supervisor's phone will sing when it is rung."""
    contact = await lab.rings(sings(lab, "customer"), begin="talking")
    await lab.brief(contact, AGENT, sings(lab, "agent"))
    await lab.brief(contact, CHIEF, sings(lab, "chief"), begin="answered")
    await house.talks(contact)
    return contact


async def do(house: House, contact: str, command: Callable[..., object], *given: object) -> None:
    await house.floor.change(contact, lambda call, kit: command(call, kit, *given))


async def monitors(house: House, contact: str, spies: int = 1) -> None:
    """The supervisor is in his bridge with so many taps, no less and no more."""

    def there() -> bool:
        call = house.floor.call(contact)
        return call is not None and len(call.taps) == spies and all(tap.seated for tap in call.taps.values())

    await until(there, what="the supervisor's ear")

    async def wrong() -> str:
        there = {channel.id for channel in await house.channels() if "-spy-" in channel.id}
        room = set((await house.ari.bridges.get(f"{contact}-monitor")).channels) if spies else set()
        return "" if len(there) == spies and there <= room and len(room) == 2 * spies else f"{there}, {room}"

    await until_async(wrong, "what is no supervisor's")


async def joins(house: House, contact: str) -> None:
    """The supervisor is a party of the talk, and no tap hangs on anybody."""

    def there() -> bool:
        call = house.floor.call(contact)
        leg = call.leg_at(CHIEF) if call is not None else None
        return leg is not None and leg.ours and leg.seated is Place.TALK

    await until(there, what="the supervisor in the talk")
    await monitors(house, contact, 0)


async def test_who_hears_whom(lab: EarsLab) -> None:
    """Listening is heard by nobody, whispering by the agent alone, barging by both; changed in mid-call, and back."""
    order = (listen, whisper, barge, whisper, listen)
    async with lab.open(AGENT) as house:
        contact = await talk(lab, house)
        took_ms, moments = [], []
        for command in order:
            began = time.monotonic()
            await do(house, contact, command, CHIEF)
            took_ms.append(round(1000 * (time.monotonic() - began), 1))
            await (joins(house, contact) if command is barge else monitors(house, contact))
            moments.append(await lab.moment())
        print("changes took, ms (the first one rings):", took_ms)
        assert frozenset({("customer", "agent-1"), ("customer", "supervisor-1")}) in house.book.pairs[contact]
        folder = Path(house.floor.calls()[0].folder)
        await do(house, contact, stop, CHIEF)
        await monitors(house, contact, 0)
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
    for command, at in zip(order, moments, strict=True):
        ears = {phone: await lab.heard(phone, at, PITCHES) for phone in (CHIEF, AGENT, CALLER)}
        print(command.__name__, ears)
        hears(ears[CHIEF], "customer", "agent")
        hears(ears[AGENT], "customer", *(["chief"] if command is not listen else []))
        hears(ears[CALLER], "agent", *(["chief"] if command is barge else []))
    for leg, who in (("customer", "customer"), ("agent-1", "agent"), ("supervisor-1", "chief")):
        sound, _ = soundfile.read(folder / f"{leg}.wav")
        hears(levels(sound[8000:], PITCHES), who)


async def test_the_contact_does_not_depend_on_the_supervisor(lab: EarsLab) -> None:
    """He hangs up, and only his part ends; his phone is free at once and no tap, bridge or channel of it is left."""
    async with lab.open(AGENT, CHIEF) as house:
        contact = await talk(lab, house)
        assert house.state(AGENT) is TALKING
        await do(house, contact, whisper, CHIEF)
        await monitors(house, contact)
        assert house.state(CHIEF) is TALKING
        await lab.hangs_up(f"{contact}/{CHIEF}")
        await monitors(house, contact, 0)
        await until(lambda: house.state(CHIEF) is READY)
        assert house.stage(contact) is Stage.TALKING
        await lab.hangs_up(f"{contact}/{AGENT}")
        await house.reaches(contact, Stage.RATED)
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "agent")


async def test_when_the_talk_is_over_the_supervisor_is_let_go(lab: EarsLab) -> None:
    """The customer rates alone, once."""
    async with lab.open(AGENT, CHIEF, rating_s=5.0) as house:
        contact = await talk(lab, house)
        await do(house, contact, listen, CHIEF)
        await monitors(house, contact)
        await lab.hangs_up(f"{contact}/{AGENT}")
        await house.reaches(contact, Stage.RATED)
        await until(lambda: house.state(CHIEF) is READY)
        await until_async(lambda: only(house, contact, "supervisor"), "the supervisor's channel")
        assert house.stage(contact) is Stage.RATED
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "agent")
        assert house.book.stages(contact).count(Stage.RATED) == 1


async def only(house: House, contact: str, role: str) -> list[str]:
    return [one.id for one in await house.channels(contact) if one.channelvars["RS_ROLE"] == role]


@pytest.mark.parametrize("mode", [listen, whisper, barge])
async def test_supervision_outlives_the_floor(lab: EarsLab, mode: Callable[..., object]) -> None:
    """The next brain finds who listens and how, without a second tap, and the supervisor can go on from there."""
    first = lab.house()
    first.ready(AGENT)
    await first.floor.start()
    contact = await talk(lab, first)
    await do(first, contact, mode, CHIEF)
    await (joins(first, contact) if mode is barge else monitors(first, contact))
    spies = {one.id for one in await first.channels() if "-spy-" in one.id}
    await first.floor.close()
    async with lab.open(AGENT) as second:
        await second.reaches(contact, Stage.TALKING)
        await (joins(second, contact) if mode is barge else monitors(second, contact))
        assert {one.id for one in await second.channels() if "-spy-" in one.id} == spies
        adopted = await lab.moment()
        await do(second, contact, whisper, CHIEF)
        await monitors(second, contact)
        changed = await lab.moment()
        await do(second, contact, stop, CHIEF)
        await monitors(second, contact, 0)
        await lab.hangs_up(contact)
        assert (await second.ends(contact))[0] is Outcome.SERVED
    hears(await lab.heard(CHIEF, adopted, PITCHES), "customer", "agent")
    hears(await lab.heard(AGENT, adopted, PITCHES), "customer", *(["chief"] if mode is not listen else []))
    hears(await lab.heard(AGENT, changed, PITCHES), "customer", "chief")
    hears(await lab.heard(CALLER, changed, PITCHES), "agent")


async def test_a_supervisor_who_goes_while_no_floor_is_there_leaves_nothing(lab: EarsLab) -> None:
    first = lab.house()
    first.ready(AGENT)
    await first.floor.start()
    contact = await talk(lab, first)
    await do(first, contact, listen, CHIEF)
    await monitors(first, contact)
    await first.floor.close()
    await lab.hangs_up(f"{contact}/{CHIEF}")
    async with lab.open(AGENT) as second:
        await second.reaches(contact, Stage.TALKING)
        await monitors(second, contact, 0)
        await lab.hangs_up(contact)
        assert (await second.ends(contact))[0] is Outcome.SERVED


async def test_nothing_is_left_when_the_contact_ends_while_no_floor_is_there(lab: EarsLab) -> None:
    first = lab.house()
    first.ready(AGENT)
    await first.floor.start()
    contact = await talk(lab, first)
    await do(first, contact, listen, CHIEF)
    await monitors(first, contact)
    await first.floor.close()
    await lab.hangs_up(contact)
    await lab.hangs_up(f"{contact}/{AGENT}")
    async with lab.open(AGENT) as second:
        await until_async(second.channels, "channels")
        await until_async(lambda: second.bridges(contact), "bridges")


async def test_the_ear_follows_the_contact_to_the_next_agent(lab: EarsLab) -> None:
    """Redirected to the queue, the customer gets another agent; who listened goes on listening, to that one."""
    async with lab.open(AGENT) as house:
        contact = await talk(lab, house)
        await lab.brief(contact, OTHER, sings(lab, "agent"), begin="answered")
        await do(house, contact, barge, CHIEF)
        await joins(house, contact)
        await do(house, contact, redirect, CHIEF, Target.parse("queue:order"))
        assert house.stage(contact) is Stage.QUEUED
        await until(lambda: house.state(AGENT) is WRAP_UP)
        house.ready(OTHER)
        call = await house.reaches(contact, Stage.TALKING)
        assert call.agent is not None and call.agent.seat == OTHER
        await monitors(house, contact)
        at = await lab.moment()
        await lab.hangs_up(f"{contact}/{OTHER}")
        await house.reaches(contact, Stage.RATED)
        await lab.hangs_up(contact)
        await house.ends(contact)
        assert house.book.stages(contact).count(Stage.RATED) == 1
    voices = {who: PITCHES[who] for who in ("agent", "chief")}  # the customer may have sung its song to its end
    hears(await lab.heard(CHIEF, at, voices), "agent")
    hears(await lab.heard(OTHER, at, voices))


async def test_redirected_to_a_seat(lab: EarsLab) -> None:
    async with lab.open(AGENT, OTHER) as house:
        contact = await talk(lab, house)
        await lab.brief(contact, OTHER, LISTEN)
        await do(house, contact, redirect, CHIEF, Target.parse(f"seat:{OTHER}"))
        await until(lambda: house.state(OTHER) is TALKING)
        await until(lambda: house.state(AGENT) is WRAP_UP)
        call = house.floor.call(contact)
        assert call is not None and call.agent is not None and call.agent.seat == OTHER
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED
        assert house.state(OTHER) is WRAP_UP


async def test_redirected_out_of_the_menu_the_queue_and_the_ringing(lab: EarsLab) -> None:
    """Whoever was rung for it is free again, and the caller is in no queue any more but the one it was sent to."""
    async with lab.open(max_wait_s=60.0, prompts={"menu": 20.0}) as house:
        contact = await lab.rings()
        await house.reaches(contact, Stage.MENU)
        await do(house, contact, redirect, CHIEF, Target.parse("queue:order"))
        call = await house.reaches(contact, Stage.QUEUED)
        assert call.queue == "order"
        await do(house, contact, redirect, CHIEF, Target.parse("queue:complaint"))
        await until(
            lambda: [(one.contact, one.queue) for one in house.distribution.waiting()] == [(contact, "complaint")]
        )
        await lab.brief(contact, AGENT, answer_after_s=20.0)
        house.ready(AGENT)
        await house.reaches(contact, Stage.RINGING)
        house.ready(OTHER)
        await lab.brief(contact, OTHER, LISTEN)
        await do(house, contact, redirect, CHIEF, Target.parse(f"seat:{OTHER}"))
        await until(lambda: house.state(AGENT) is READY, what="the agent who was rung is free")
        await until(lambda: house.state(OTHER) is TALKING)
        assert house.distribution.waiting() == []
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED


async def test_redirected_from_where_it_is_parked(lab: EarsLab) -> None:
    """Its place is free for the next, and nobody is rung for it any more."""
    async with lab.open(AGENT, OTHER) as house:
        contact = await talk(lab, house)
        await lab.brief(contact, OTHER, LISTEN)
        await do(house, contact, park, AGENT)
        await house.reaches(contact, Stage.PARKED)
        await do(house, contact, redirect, CHIEF, Target.parse("queue:complaint"))
        assert lot(house.kit) == {}
        await until(lambda: house.state(OTHER) is TALKING)
        call = house.floor.call(contact)
        assert contact_state(call, 0.0)["slot"] == ""
        assert call.queue == "complaint"
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED


async def test_redirected_while_outside_numbers_are_rung_for_it(lab: EarsLab) -> None:
    rings = (Ring(to=Target.parse(f"seat:{AGENT}"), seconds=20.0),)
    plan = PLAN.model_copy(update={"groups": {"duty": Group(rings=rings, otherwise=Target.parse("queue:order"))}})
    async with lab.open(plan=plan) as house:
        house.distribution.sign_on(AGENT)
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, AGENT, answer_after_s=20.0)
        await lab.brief(contact, OTHER, LISTEN)
        await house.reaches(contact, Stage.QUEUED)
        await do(house, contact, redirect, CHIEF, Target.parse("group:duty"))
        await house.reaches(contact, Stage.FORWARDED)
        await until(lambda: house.state(AGENT) is AgentState.RINGING)
        house.ready(OTHER)
        await do(house, contact, redirect, CHIEF, Target.parse("queue:complaint"))
        await until(lambda: house.state(OTHER) is TALKING)
        await until(lambda: house.state(AGENT) is AgentState.NOT_READY, what="who was rung is what he was")
        await lab.hangs_up(contact)
        assert (await house.ends(contact))[0] is Outcome.SERVED


async def test_taken_over(lab: EarsLab) -> None:
    """The agent is let go; the supervisor serves, keeps doing so across a restart, and writes it down."""
    first = lab.house()
    first.ready(AGENT, CHIEF)
    await first.floor.start()
    contact = await talk(lab, first)
    await do(first, contact, listen, CHIEF)
    await monitors(first, contact)
    await do(first, contact, take_over, CHIEF)
    await until(lambda: first.state(AGENT) is WRAP_UP)
    await monitors(first, contact, 0)
    at = await lab.moment()
    await first.floor.close()
    async with lab.open(AGENT, CHIEF) as second:
        call = await second.reaches(contact, Stage.TALKING)
        await until(lambda: call.agent is not None and call.agent.seat == CHIEF)
        await lab.hangs_up(f"{contact}/{CHIEF}")
        await second.reaches(contact, Stage.RATED)
        assert second.state(CHIEF) is WRAP_UP
        await lab.hangs_up(contact)
        await second.ends(contact)
    hears(await lab.heard(CALLER, at, PITCHES), "chief")


async def test_taken_down(lab: EarsLab) -> None:
    """Everybody is hung up at once, in a talk and in a queue, and no rating is asked for."""
    async with lab.open(AGENT) as house:
        contact = await talk(lab, house)
        await do(house, contact, listen, CHIEF)
        await monitors(house, contact)
        await do(house, contact, take_down, CHIEF)
        assert await house.ends(contact) == (Outcome.SERVED, "supervisor")
        assert Stage.RATED not in house.book.stages(contact)
        waits = await lab.rings(keys("2"))
        await house.reaches(waits, Stage.QUEUED)
        await do(house, waits, take_down, CHIEF)
        assert await house.ends(waits) == (Outcome.STOPPED, "supervisor")


async def test_what_is_refused_changes_nothing(lab: EarsLab) -> None:
    async with lab.open(AGENT, CHIEF) as house:
        contact = await talk(lab, house)

        async def refused(command: Callable[[Call, Kit], object], error: str) -> None:
            with pytest.raises(Refused) as why:
                await house.floor.change(contact, command)
            assert why.value.error_id == error

        await refused(lambda call, kit: listen(call, kit, AGENT), "own_call")
        await refused(lambda call, kit: listen(call, kit, CHIEF, on="1003"), "no_such_agent")
        await refused(lambda call, kit: stop(call, kit, CHIEF), "not_monitoring")
        await refused(lambda call, kit: take_over(call, kit, CHIEF), "not_monitoring")
        await refused(lambda call, kit: redirect(call, kit, CHIEF, Target.parse("queue:none")), "unknown_queue")
        house.distribution.set_state(CHIEF, AgentState.RINGING, "another")
        await refused(lambda call, kit: listen(call, kit, CHIEF), "seat_busy")
        house.distribution.free_from(CHIEF, "another", READY)
        await do(house, contact, listen, CHIEF)
        await refused(lambda call, kit: listen(call, kit, OTHER), "already_supervised")
        await monitors(house, contact)
        waits = await lab.rings(keys("2"))
        await house.reaches(waits, Stage.QUEUED)
        for command, error in ((listen, "not_talking"), (take_over, "not_talking")):
            with pytest.raises(Refused) as why:
                await do(house, waits, command, OTHER)
            assert why.value.error_id == error
        call = house.floor.call(contact)
        assert call is not None
        assert [leg.place for leg in call.legs()] == [Place.TALK, Place.TALK, Place.MONITOR]


async def test_a_phone_that_does_not_answer_is_given_up(lab: EarsLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "RING_S", 1.0)
    async with lab.open(AGENT, CHIEF) as house:
        contact = await lab.rings(LISTEN)
        await lab.brief(contact, AGENT)
        await lab.brief(contact, CHIEF, answer_after_s=30.0)
        await house.talks(contact)
        await do(house, contact, listen, CHIEF)
        assert house.state(CHIEF) is AgentState.RINGING
        await until(lambda: house.state(CHIEF) is READY)
        assert house.stage(contact) is Stage.TALKING
        assert house.book.of(contact, "leg.unanswered")
