"""Mailboxes over real calls: a message is whole, kept once whatever dies, and lights a lamp."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
import soundfile
from floor_lab import PLAN, FloorLab, House, keys
from private_pbx import SEATS
from sqlmodel import Session, select
from store_lab import StoreLab
from worker_lab import burst, hangs_up, loud_stretches, says, script, until

from datasets.language import Language
from lab_server.floor.call import Outcome, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.sending import send_to
from lab_server.routing.plan import FloorPlan, Mailbox
from lab_server.routing.target import Target
from lab_server.store.tables import Contact, JournalEntry, Voicemail
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallEnded, DialOut, LampShown, LineSaid, StageChanged, Unregister

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
BOXES = {"main": Mailbox(seats=("1001",)), "short": Mailbox(longest_s=10, shortest_s=0.5), "夜间": Mailbox()}
BOXED: FloorPlan = PLAN.model_copy(update={"mailboxes": BOXES})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("mailbox")) as lab:
        await lab.staff(4)
        yield lab


@pytest.fixture(scope="module")
def store(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreLab]:
    store = StoreLab(tmp_path_factory.mktemp("rows"), pbx.settings.recordings, SEATS)
    yield store
    store.close()


def speech(lab: FloorLab, length_s: float) -> dict[str, Any]:
    return says("a", burst(lab.folder / f"say{length_s}.wav", length_s))


async def at_the_box(
    lab: FloorLab, house: House, *steps: dict[str, Any], box: str = "main", begin: str = "talking"
) -> str:
    """A caller waits in a queue and is sent to the mailbox; `steps` are taken when the recording begins."""
    contact = await lab.rings(*steps, begin=begin)
    await house.reaches(contact, Stage.QUEUED)
    await send(house, contact, box)
    await recording(house, contact)
    if begin == "talking":
        await cue(lab, contact)
    return contact


async def send(house: House, contact: str, box: str) -> None:
    await house.floor.change(contact, lambda call, kit: send_to(call, kit, Target.parse(f"mailbox:{box}")))


async def cue(lab: FloorLab, contact: str) -> None:
    """The caller begins its script."""
    await lab.brain.send(f"contact/{contact}", StageChanged(contact=contact, stage="talking"))


async def recording(house: House, contact: str, number: int = 1) -> None:
    """The switch records the contact's message."""
    call = house.floor.call(contact)
    assert call is not None
    customer = call.customer
    assert customer is not None
    await until(lambda: customer.notes.get("message") == str(number), what="a recording")
    name = f"{contact}-{number}-{customer.notes['mailbox']}"
    for _ in range(300):
        if await house.switch.records(name):
            return
    raise AssertionError(f"{name} is not recorded")


async def message_of(store: StoreLab, contact: str) -> Voicemail:
    def look(session: Session) -> Voicemail | None:
        return session.exec(select(Voicemail).where(Voicemail.contact_id == contact)).first()

    found = await store.sees(look)
    assert found is not None
    return found


def noted(store: StoreLab, contact: str, kind: str = "voicemail.left") -> int:
    """How often the journal says so."""
    entries = select(JournalEntry).where(JournalEntry.contact_id == contact, JournalEntry.kind == kind)
    return len(store.look(lambda session: session.exec(entries).all()))


async def test_what_is_said_is_recorded_whole_and_kept_once(lab: FloorLab, store: StoreLab, pbx: Pbx) -> None:
    async with store.open(lab, plan=BOXED) as house:
        contact = await at_the_box(lab, house, speech(lab, 2.5), keys("#"), keys("1", 0.8))
        assert await house.ends(contact) == (Outcome.MESSAGE, None)
        message = await message_of(store, contact)
        assert (message.mailbox, message.caller_number) == ("main", "16312345678")
        file = pbx.settings.recordings / message.path
        assert soundfile.info(file).duration == pytest.approx(message.duration_s, abs=0.01)
        ((began_s, ended_s),) = loud_stretches(file)
        assert ended_s - began_s == pytest.approx(2.5, abs=0.06), "whole"
        assert message.duration_s < 3.6, "what was keyed afterwards is not on it"
        await store.sees(lambda session: noted(store, contact) == 1)
        row = store.look(lambda session: session.get_one(Contact, contact))
        assert row.outcome == "message"
        assert house.kit.mailboxes.count("main") == 1


@pytest.mark.parametrize("when", ["recording", "review"])
async def test_who_hangs_up_has_left_what_was_said(lab: FloorLab, store: StoreLab, pbx: Pbx, when: str) -> None:
    steps = [keys("#")] if when == "review" else []
    async with store.open(lab, plan=BOXED, prompts={"mailbox-review": 5.0}) as house:
        contact = await at_the_box(lab, house, speech(lab, 2.6), *steps, hangs_up())
        assert await house.ends(contact) == (Outcome.MESSAGE, "customer")
        message = await message_of(store, contact)
        ((began_s, ended_s),) = loud_stretches(pbx.settings.recordings / message.path)
        assert ended_s - began_s == pytest.approx(2.6, abs=0.1), "whole"
        await store.sees(lambda _: noted(store, contact) == 1)


@pytest.mark.parametrize(("length_s", "why"), [(0.5, "too_short"), (0.0, "nothing_heard")])
async def test_nothing_worth_keeping_is_not_kept(
    lab: FloorLab, store: StoreLab, pbx: Pbx, length_s: float, why: str
) -> None:
    async with store.open(lab, plan=BOXED) as house:
        steps = [speech(lab, length_s)] if length_s else []
        contact = await at_the_box(lab, house, *steps, keys("#"))
        await recording(house, contact, 2)
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.ABANDONED, "customer")
        assert house.book.of(contact, "voicemail.refused")[0].data == {"mailbox": "main", "why": why}
        assert not list((pbx.settings.recordings / "messages").glob(f"{contact}*")), "nothing stays on the disk"
        assert noted(store, contact) == 0


async def test_a_message_can_be_heard_and_recorded_once_more(lab: FloorLab, store: StoreLab, pbx: Pbx) -> None:
    """Name and folder survive a mailbox's Chinese name; the keys are hostile in between."""
    async with store.open(lab, plan=BOXED) as house:
        contact = await at_the_box(
            lab, house, speech(lab, 2.2), keys("#"), keys("2", 0.8), keys("9", 3.0), keys("3", 1.0),
            speech(lab, 3.1), keys("5#", 0.3), keys("1", 0.8), box="夜间",
        )  # fmt: skip
        assert await house.ends(contact, 25.0) == (Outcome.MESSAGE, None)
        message = await message_of(store, contact)
        assert message.mailbox == "夜间"
        assert message.path.endswith("-2-夜间.wav")
        stretches = loud_stretches(pbx.settings.recordings / message.path)
        assert sum(ended - began for began, ended in stretches) > 1.5, "the second one"
        assert len(list((pbx.settings.recordings / "messages").glob(f"{contact}*"))) == 1


async def test_silence_and_the_limit_end_a_message(lab: FloorLab, store: StoreLab) -> None:
    async with store.open(lab, plan=BOXED) as house:
        quiet = await at_the_box(lab, house, speech(lab, 2.0))
        endless = await at_the_box(lab, house, speech(lab, 14.0), box="short")
        await house.ends(quiet, 25.0)
        await house.ends(endless, 25.0)
        assert 1.9 < (await message_of(store, quiet)).duration_s < 4.0, "the silence is cut off"
        assert (await message_of(store, endless)).duration_s == pytest.approx(10.5, abs=0.7)
        # the switch counts whole seconds of its clock: up to one more


@pytest.mark.parametrize("when", ["recording", "review", "away"])
async def test_a_message_outlives_the_floor(lab: FloorLab, store: StoreLab, pbx: Pbx, when: str) -> None:
    """`away`: the caller hangs up while no floor is there; the message is found afterwards."""
    first = store.house(lab, plan=BOXED, prompts={"mailbox-review": 6.0})
    await first.floor.start()
    said = [speech(lab, 3.0)] if when != "review" else [speech(lab, 3.0), keys("#")]
    contact = await at_the_box(lab, first, keys("*", 4.0), *said, begin="answered")
    if when == "review":
        await until(lambda: f"{contact}-mailbox-review-0" in str(first.floor.calls()[0].begun) or
                    first.floor.calls()[0].begun.get("mailbox-review"), what="the question")  # fmt: skip
    await first.floor.close()
    if when == "away":
        await lab.one(LineSaid, contact)
        await lab.hangs_up(contact)
        await lab.one(CallEnded, contact)
    async with store.open(lab, plan=BOXED) as second:
        if when == "recording":
            call = await second.reaches(contact, Stage.MAILBOX)
            await until(lambda: call.begun.get("mailbox-review"), 15.0, "the question")
        if when != "away":
            assert await second.ends(contact, 20.0) == (Outcome.MESSAGE, None)
        message = await message_of(store, contact)
        ((began_s, ended_s),) = loud_stretches(pbx.settings.recordings / message.path)
        assert ended_s - began_s == pytest.approx(3.0, abs=0.1), "whole"
        await store.sees(lambda _: noted(store, contact) == 1)


async def test_a_full_mailbox_and_one_that_is_not_there(lab: FloorLab, store: StoreLab) -> None:
    boxes = {"main": Mailbox(most=1), "tiny": Mailbox(most=1)}
    async with store.open(lab, plan=PLAN.model_copy(update={"mailboxes": boxes})) as house:
        contact = await lab.rings()
        await house.reaches(contact, Stage.QUEUED)
        with pytest.raises(Refused, match="no mailbox"):
            await send(house, contact, "x")
        await house.kit.mailboxes.refresh()  # type: ignore[attr-defined]
        assert house.kit.mailboxes.count("main") > 1
        await send(house, contact, "main")
        assert await house.ends(contact) == (Outcome.ABANDONED, None)
        assert house.book.of(contact, "voicemail.full")


class Reads:
    """An `Announcing` that keeps what it was to say, and says nothing."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def say(self, text: str, language: Language) -> None:
        self.said.append(text)


async def test_messages_are_heard_deleted_and_brought_back_by_phone(lab: FloorLab, store: StoreLab) -> None:
    box = {"own": Mailbox(seats=("1002",))}
    reads = Reads()
    plan = PLAN.model_copy(update={"mailboxes": box})
    async with store.open(lab, plan=plan, announcer=reads, prompts={"mailbox-menu": 0.2}) as house:
        contacts = []
        for length_s in (2.2, 2.4):
            contact = await at_the_box(lab, house, speech(lab, length_s), keys("#"), hangs_up(), box="own")
            await house.ends(contact)
            contacts.append((await message_of(store, contact)).id)
        phone = f"listen-{contacts[0]}"
        steps = (
            keys("1", 4.5),
            keys("3", 4.5),
            keys("3", 1.5),
            keys("4", 1.5),
            keys("9", 4.5),
            keys("3", 1.5),
            keys("*", 1.5),
        )
        order = DialOut(call_id=phone, seat="1002", number="*97", conversation=script(*steps, begin="answered"))
        await lab.tell(order)
        await lab.one(CallEnded, phone, 60.0)
        rows = [store.look(lambda session, one=one: session.get_one(Voicemail, one)) for one in contacts]
        assert [bool(row.heard_at) for row in rows] == [True, True]
        await store.sees(lambda session: session.get_one(Voicemail, contacts[0]).deleted_at is not None)
        assert rows[1].deleted_at is None, "brought back"
        assert reads.said[0] == "You have two new messages."
        assert [text[:10] for text in reads.said[1:]] == ["Message on", "Message tw", "Message on"]


async def test_the_lamp_of_a_real_phone_shows_what_is_new(lab: FloorLab, store: StoreLab) -> None:
    plan = PLAN.model_copy(update={"mailboxes": {"lamp": Mailbox(seats=("1003",))}})

    def shown(seat: str) -> list[tuple[int, int]]:
        return [(lamp.new, lamp.old) for lamp in lab.all(LampShown) if lamp.seat == seat]

    async with store.open(lab, plan=plan) as house:
        contact = await at_the_box(lab, house, speech(lab, 2.2), keys("#"), hangs_up(), box="lamp")
        await house.ends(contact)
        message = await message_of(store, contact)
        await until(lambda: shown("1003")[-1:] == [(1, 0)], what="the lamp")
        house.kit.mailboxes.heard(message.id, "1003")
        await until(lambda: shown("1003")[-1:] == [(0, 1)], what="the lamp out")
        count = len(shown("1003"))
        await lab.tell(Unregister(seat="1003"))
        await until(lambda: not lab.registered("1003"), what="the phone away")
        await lab.register("1003")
        await until(lambda: lab.registered("1003") and len(shown("1003")) > count, what="told when it registers")
        assert shown("1003")[-1] == (0, 1)
