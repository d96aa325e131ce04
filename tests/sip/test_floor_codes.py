"""What a phone without a page dials: codes that pick up, fetch, switch something on; and what is said to it."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from floor_lab import NOT_READY, READY, TALKING, WRAP_UP, FloorLab, House, keys
from transfer_lab import are, talk
from worker_lab import burst, loud_stretches, says, script, until

from lab_server.floor.call import Call, Outcome, Stage
from lab_server.floor.codes import HANDLERS, TABLE, Order, parks, read
from lab_server.floor.dnd import has_dnd
from lab_server.floor.parking import lot, park
from lab_server.ids import new_id
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import DialOut

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
SEAT, OTHER = "1001", "1002"


class Kept:
    """A `SeatBook` that remembers."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, object]] = []

    def dnd(self, seat: str, on: bool) -> None:
        self.told.append(("dnd", seat, on))

    def follow_me(self, seat: str, number: str) -> None:
        self.told.append(("follow_me", seat, number))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("codes")) as lab:
        await lab.staff(4)
        yield lab


async def dialled(lab: FloorLab, house: House, code: str, *steps: dict[str, object], seat: str = OTHER) -> Call:
    before = {call.contact for call in house.floor.calls()}
    order = DialOut(call_id=f"dial-{new_id()}", seat=seat, number=code, conversation=script(*steps, begin="answered"))
    await lab.tell(order)

    def new() -> list[Call]:
        return [call for call in house.floor.calls() if call.contact not in before]

    await until(new, what=f"{seat} dials {code}")
    return new()[0]


async def test_every_code_is_read_and_has_somebody_who_does_it(lab: FloorLab) -> None:
    kit = lab.house().kit
    assert {code.does for code in TABLE} == HANDLERS.keys()
    for keyed, order in (
        ("*8", Order("pick_up")),
        ("*8*1001", Order("pick_up", "1001")),
        ("*85", Order("fetch")),
        ("*85701", Order("fetch", "701")),
        ("720", Order("fetch", "720")),
        ("*21*16300000007#", Order("follow_me_on", "16300000007")),
        ("#21#", Order("follow_me_off")),
        ("*97", Order("own_mailbox")),
        ("*123", Order("unknown")),
        ("*", Order("unknown")),
        ("1001", None),
        ("721", None),
        ("16300000007", None),
    ):
        assert read(keyed, kit) == order, keyed
    assert (parks("*76"), parks("1002")) == (True, False)


async def test_a_phone_picks_up_by_code(lab: FloorLab, tmp_path: Path) -> None:
    """Its own channel goes over: recorded there, and the code's contact is over."""
    tone = burst(tmp_path / "tone.wav", 4.0)
    async with lab.open(SEAT) as house:
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, SEAT, behaviour="no_answer")
        await house.reaches(contact, Stage.RINGING)
        house.ready(OTHER)
        code = await dialled(lab, house, "*8", says("hello", tone))
        await house.talks(contact)
        call = house.floor.call(contact)
        assert call is not None
        await are(house, contact, customer="talk", agent_2="talk")
        assert (call.seat, house.state(OTHER), house.state(SEAT)) == (OTHER, TALKING, READY)
        assert (await house.ends(code.contact))[0] is Outcome.INFORMED
        speaks = time.monotonic() + 1.0
        await until(lambda: time.monotonic() > speaks)
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        assert loud_stretches(Path(call.folder) / "agent-2.wav"), "what he says is recorded with the contact"
        assert house.state(OTHER) is WRAP_UP


@pytest.mark.parametrize("restart", [False, True], ids=["", "and the floor dies"])
@pytest.mark.parametrize("code", ["*85", "701"])
async def test_a_phone_fetches_by_code(lab: FloorLab, code: str, restart: bool) -> None:
    first = lab.house()
    first.ready(SEAT)
    await first.floor.start()
    contact = await talk(lab, first)
    await first.floor.change(contact, lambda call, kit: park(call, kit, SEAT))
    await are(first, contact, customer="hold")
    first.ready(OTHER)
    phone = await dialled(lab, first, code)
    await first.reaches(contact, Stage.TALKING)
    await until(lambda: first.state(OTHER) is TALKING)
    await first.ends(phone.contact)
    house = first
    if restart:
        await first.floor.close()
        house = lab.house()
        house.ready(SEAT, OTHER)
        await house.floor.start()
        await until(lambda: house.state(OTHER) is TALKING)
    await are(house, contact, customer="talk", agent_2="talk")
    assert lot(house.kit) == {}
    await lab.hangs_up(contact)
    assert await house.ends(contact) == (Outcome.SERVED, "customer")
    await lab.shut(house)


@pytest.mark.parametrize(
    ("code", "prompt"),
    [("*8", "pickup-nothing"), ("*85", "park-empty"), ("705", "park-empty"), ("*99", "unknown-code")],
)
async def test_what_cannot_be_done_is_said(lab: FloorLab, code: str, prompt: str) -> None:
    async with lab.open(OTHER) as house:
        call = await dialled(lab, house, code)
        assert await house.ends(call.contact) == (Outcome.REFUSED, None)
        assert list(call.playbacks) == [f"{call.contact}-{prompt}-0"]
        assert house.state(OTHER) is READY


async def test_switches_are_set_and_confirmed(lab: FloorLab) -> None:
    kept = Kept()
    async with lab.open(OTHER, more={"seats": kept}) as house:
        for code, prompt, state in (
            ("*78", "dnd-on", NOT_READY),
            ("*79", "dnd-off", READY),
            ("*46", "seat-not-ready", NOT_READY),
            ("*45", "seat-ready", READY),
        ):
            call = await dialled(lab, house, code)
            assert await house.ends(call.contact) == (Outcome.INFORMED, None)
            assert list(call.playbacks) == [f"{call.contact}-{prompt}-0"]
            assert house.state(OTHER) is state
            assert has_dnd(house.kit, OTHER) is (code == "*78")
        await lab.customer("16300000777")
        call = await dialled(lab, house, "*21*16300000777")
        await house.ends(call.contact)
        assert list(call.playbacks) == [f"{call.contact}-follow-me-on-0"]
        assert kept.told == [("dnd", OTHER, True), ("dnd", OTHER, False), ("follow_me", OTHER, "16300000777")]
        call = await dialled(lab, house, "*45", seat="1003")
        await house.ends(call.contact)
        assert house.state("1003") is READY, "who has no page signs on by it"
