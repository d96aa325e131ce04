"""Conferences: everybody hears everybody, the owner mutes, drops, locks and ends, and a restart changes nothing."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, READY, TALKING, FloorLab, House, keys
from worker_lab import LISTEN, burst, hangs_up, loud_stretches, says, until

from lab_server.floor import conference
from lab_server.floor.availability import set_not_ready
from lab_server.floor.call import Call, Outcome, Stage
from lab_server.floor.conference import members, open_conference
from lab_server.floor.errors import Refused
from lab_server.routing.target import Kind, Target
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallEnded, LineSaid, StageChanged

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
OWNER, COLLEAGUE = "1001", "1002"
NUMBERS = (f"1630000{last:04d}" for last in itertools.count(500))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("conference")) as lab:
        await lab.staff(8)
        yield lab


async def asked(house: House, contact: str, *names: str) -> list[str]:
    """The owner asks seats and numbers; their names as members."""
    found: list[str] = []
    for name in names:
        target = Target(Kind.SEAT if len(name) == 4 else Kind.NUMBER, name)
        await house.floor.change(
            contact, lambda call, kit, target=target: found.append(conference.invite(call, kit, OWNER, target))
        )
    return found


def inside(house: House, contact: str) -> int:
    call = house.floor.call(contact)
    return sum(leg.seated.value == "talk" and leg.ours for leg in call.others) if call is not None else 0


async def opened(lab: FloorLab, house: House, guests: int = 0, *steps: dict[str, object]) -> tuple[str, list[str]]:
    """A conference with its owner and so many guests from outside; its contact and the guests' calls."""
    contact = open_conference(house.floor, OWNER, "Monday")
    await lab.brief(contact, OWNER, begin="answered")
    await asked(house, contact, OWNER)
    await until(lambda: inside(house, contact) == 1)
    calls = []
    for _ in range(guests):
        number = next(NUMBERS)
        calls.append(await lab.customer(number, *steps))
        await asked(house, contact, number)
    await until(lambda: inside(house, contact) == 1 + guests)
    return contact, calls


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def call_of(house: House, contact: str) -> Call:
    call = house.floor.call(contact)
    assert call is not None
    return call


async def test_eight_hear_each_other_and_each_is_recorded(lab: FloorLab, tmp_path: Path) -> None:
    tone = burst(tmp_path / "tone.wav", 0.5)
    async with lab.open(OWNER) as house:
        contact, calls = await opened(lab, house, 6, LISTEN, hangs_up("heard"))
        speaker = next(NUMBERS)
        await lab.customer(speaker, says("hello", tone))
        await asked(house, contact, speaker)
        await until(lambda: inside(house, contact) == 8)
        call = call_of(house, contact)
        assert sum(one.endswith("conference-recorded") for one in call.playbacks) == 8, "each was told"
        assert sum(one.endswith("conference-alone") for one in call.playbacks) == 1
        folder = Path(call.folder)
        await lab.brain.send(f"contact/{contact}", StageChanged(contact=contact, stage="talking"))
        for one in calls:
            end = await lab.one(CallEnded, one)
            assert (end.cause, end.reason) == ("we_hung_up", "heard")
        assert house.state(OWNER) is TALKING
        await house.floor.change(contact, lambda call, kit: conference.end(call, kit, OWNER))
        assert await house.ends(contact) == (Outcome.SERVED, None)
        assert house.state(OWNER) is READY, "a conference is not written up"
        assert files(folder) == {f"member-{number}.wav" for number in range(1, 9)}
        assert loud_stretches(folder / "member-8.wav")
        assert not loud_stretches(folder / "member-2.wav"), "each voice is in its own file alone"
        assert house.book.of(contact, "began")[0].data["trunk"] == "house"


async def test_who_is_muted_is_heard_by_nobody(lab: FloorLab, tmp_path: Path) -> None:
    tone = burst(tmp_path / "tone.wav", 0.5)
    async with lab.open(OWNER) as house:
        contact, (listener,) = await opened(lab, house, 1, LISTEN, hangs_up("heard"))
        number = next(NUMBERS)
        await lab.customer(number, says("one", tone), LISTEN, says("two", tone))
        (name,) = await asked(house, contact, number)
        await until(lambda: inside(house, contact) == 3)
        await house.floor.change(contact, lambda call, kit: conference.mute_all(call, kit, OWNER, True))
        legs = {leg.name: leg for leg in members(call_of(house, contact))}
        assert [leg.quiet for leg in legs.values()] == [False, True, True], "all but the owner"
        await lab.brain.send(f"contact/{contact}", StageChanged(contact=contact, stage="talking"))
        await until(lambda: "one" in {report.line for report in lab.all(LineSaid)})
        assert not lab.all(CallEnded, listener)
        await house.floor.change(contact, lambda call, kit: conference.mute(call, kit, OWNER, name, False))
        assert not legs[name].quiet
        await house.floor.change(contact, lambda call, kit: conference.drop(call, kit, OWNER, name))
        await until(lambda: inside(house, contact) == 2)


async def test_a_locked_conference_lets_nobody_in(lab: FloorLab) -> None:
    async with lab.open(OWNER, COLLEAGUE) as house:
        contact, _ = await opened(lab, house)
        seat = Target(Kind.SEAT, COLLEAGUE)
        await house.floor.change(contact, lambda call, kit: conference.lock(call, kit, OWNER, True))
        for change, error in (
            (lambda call, kit: conference.invite(call, kit, OWNER, seat), "conference_locked"),
            (lambda call, kit: conference.invite(call, kit, COLLEAGUE, seat), "not_owner"),
            (lambda call, kit: conference.drop(call, kit, OWNER, "member-9"), "no_member"),
        ):
            with pytest.raises(Refused) as refused:
                await house.floor.change(contact, change)
            assert refused.value.error_id == error
        await house.floor.change(contact, lambda call, kit: conference.lock(call, kit, OWNER, False))
        for name, error in ((OWNER, "takes_part"), ("1009", "unknown_seat"), ("16399999999", "number_not_served")):
            with pytest.raises(Refused) as refused:
                await asked(house, contact, name)
            assert refused.value.error_id == error
        await lab.brief(contact, COLLEAGUE, begin="answered")
        await asked(house, contact, COLLEAGUE)
        await until(lambda: inside(house, contact) == 2)
        with pytest.raises(Refused, match="title"):
            open_conference(house.floor, OWNER, "x" * 81)
        other = await lab.rings(keys("2"))
        await house.reaches(other, Stage.QUEUED)
        with pytest.raises(Refused) as refused:
            await house.floor.change(other, lambda call, kit: conference.lock(call, kit, OWNER, True))
        assert refused.value.error_id == "no_conference"


async def test_the_owner_is_told_who_did_not_come_and_the_last_one_ends_it(lab: FloorLab) -> None:
    async with lab.open(OWNER, COLLEAGUE, dial_timeout_s=5.0) as house:
        set_not_ready(house.kit, COLLEAGUE, "lunch")
        contact, _ = await opened(lab, house)
        await lab.brief(contact, COLLEAGUE, behaviour="busy")
        (name,) = await asked(house, contact, COLLEAGUE)
        await until(lambda: house.book.of(contact, "conference.no_answer"))
        (told,) = house.book.of(contact, "conference.no_answer")
        assert (told.data["member"], told.data["who"], told.data["owner"]) == (name, COLLEAGUE, OWNER)
        assert (house.state(COLLEAGUE), house.distribution.agent(COLLEAGUE).reason) == (NOT_READY, "lunch")
        await lab.hangs_up(f"{contact}/{OWNER}")
        assert (await house.ends(contact))[0] is Outcome.SERVED
        assert house.state(OWNER) is READY


async def test_a_conference_outlives_the_floor(lab: FloorLab) -> None:
    first = lab.house()
    first.ready(OWNER, COLLEAGUE)
    await first.floor.start()
    contact, _ = await opened(lab, first, 1)
    await lab.brief(contact, COLLEAGUE, begin="answered")
    (name,) = await asked(first, contact, COLLEAGUE)
    await until(lambda: inside(first, contact) == 3)
    await first.floor.change(contact, lambda call, kit: conference.mute(call, kit, OWNER, name, True))
    await first.floor.change(contact, lambda call, kit: conference.lock(call, kit, OWNER, True))
    await first.floor.close()
    async with lab.open(OWNER, COLLEAGUE) as second:
        call = await second.reaches(contact, Stage.CONFERENCE)
        await until(lambda: inside(second, contact) == 3)
        assert (call.direction, call.seat, call.notes["title"]) == ("conf", OWNER, "Monday")
        assert [leg.name for leg in members(call) if leg.muted] == [name]
        await until(lambda: second.state(COLLEAGUE) is TALKING)
        with pytest.raises(Refused, match="locked"):
            await asked(second, contact, "1003")
        await second.floor.change(contact, lambda call, kit: conference.lock(call, kit, OWNER, False))
        number = next(NUMBERS)
        await lab.customer(number)
        assert await asked(second, contact, number) == ["member-4"], "no name is given twice"
        await until(lambda: inside(second, contact) == 4)
        await second.floor.change(contact, lambda call, kit: conference.end(call, kit, OWNER))
        assert (await second.ends(contact))[0] is Outcome.SERVED
        assert (second.state(OWNER), second.state(COLLEAGUE)) == (READY, READY)


@pytest.mark.parametrize("when", ["opened", "rings", "alone"])
async def test_a_conference_to_which_few_have_come_outlives_the_floor(lab: FloorLab, when: str) -> None:
    """Nobody asked yet; its owner's phone rings; he is there alone, and two others' phones ring."""
    first = lab.house()
    first.ready(OWNER, COLLEAGUE)
    await first.floor.start()
    numbers = [next(NUMBERS), next(NUMBERS)]
    contact = open_conference(first.floor, OWNER, "Tuesday “8 o’clock”")
    if when != "opened":
        await lab.brief(contact, OWNER, begin="answered", answer_after_s=1.5 if when == "rings" else 0.05)
        await asked(first, contact, OWNER)
    if when == "alone":
        await until(lambda: inside(first, contact) == 1)
        for number in numbers:
            await lab.customer(number, answer_after_s=1.5)
        await asked(first, contact, *numbers)
    else:
        await until(lambda: call_of(first, contact).rooms)
    await first.floor.close()
    async with lab.open(OWNER, COLLEAGUE, dial_timeout_s=5.0) as second:
        call = await second.reaches(contact, Stage.CONFERENCE)
        assert (call.direction, call.seat, call.dialled) == ("conf", OWNER, "Tuesday “8 o’clock”")
        assert (conference.owner(call), conference.title(call)) == (OWNER, "Tuesday “8 o’clock”")
        if when == "opened":
            await lab.brief(contact, OWNER, begin="answered")
            assert await asked(second, contact, OWNER) == ["member-1"]
        await until(lambda: inside(second, contact) == (3 if when == "alone" else 1))
        await until(lambda: second.state(OWNER) is TALKING)
        await lab.brief(contact, COLLEAGUE, begin="answered")
        await asked(second, contact, COLLEAGUE)
        await until(lambda: inside(second, contact) == (4 if when == "alone" else 2))
        assert await second.bridges(contact) == [f"{contact}-talk"]
        await second.floor.change(contact, lambda call, kit: conference.end(call, kit, OWNER))
        assert (await second.ends(contact))[0] is Outcome.SERVED


async def test_who_is_being_welcomed_is_so_once_whatever_the_owner_does_meanwhile(lab: FloorLab) -> None:
    async with lab.open(OWNER, prompts={"conference-welcome": 1.0}) as house:
        contact = open_conference(house.floor, OWNER, "Monday")
        played: list[str] = []
        play = house.ari.channels.play

        async def playing(channel: str, media: str, **more: str) -> object:
            played.append(media.rpartition("/")[2])
            return await play(channel, media, **more)

        house.ari.channels.play = playing  # type: ignore[method-assign, assignment]
        await lab.brief(contact, OWNER, begin="answered")
        await asked(house, contact, OWNER)
        await until(lambda: played == ["conference-welcome"])
        numbers = [next(NUMBERS), next(NUMBERS)]
        for number in numbers:
            await lab.customer(number, behaviour="no_answer")
        await asked(house, contact, *numbers)
        await until(lambda: inside(house, contact) == 1)
        assert played == ["conference-welcome", "conference-recorded", "conference-alone"]
