"""What the parties hear, what is recorded of each, what the agent's phone is told, and how callers rate."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from floor_lab import WRAP_UP, FloorLab, keys, says
from sqlmodel import Session, col, select
from worker_lab import LISTEN, burst, hangs_up, loud_stretches, until

from lab_server.config import Settings
from lab_server.desk.sites import ensure_site
from lab_server.floor.book import StoreBook
from lab_server.floor.call import Outcome, Stage
from lab_server.store.engine import open_engine, writing
from lab_server.store.journal import Journal
from lab_server.store.migrate import upgrade
from lab_server.store.tables import Contact, Leg, Segment
from lab_server.store.writer import Reader, Writer
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallAnswered, CallEnded

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

CUSTOMER_HZ, AGENT_HZ = 500.0, 900.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("talk")) as lab:
        await lab.staff(callers=4)
        yield lab


def pitches(path: Path) -> set[int]:
    """The tones in a recording, to 10 Hz: every stretch of 100 ms that is loud, by its strongest pitch."""
    sound, rate_hz = soundfile.read(path)
    step = rate_hz // 10
    frames = sound[: len(sound) // step * step].reshape(-1, step)
    loud = frames[np.sqrt((frames**2).mean(axis=1)) > 0.02]
    return {int(np.abs(np.fft.rfft(frame * np.hanning(step))).argmax()) * 10 for frame in loud}


async def recordings(folder: Path) -> dict[str, Path]:
    """A contact's files once it is over and they no longer grow."""
    files = sorted(folder.glob("*.wav"))  # noqa: ASYNC240 (a test waits for nothing else)
    sizes: list[list[int]] = []

    def settled() -> bool:
        sizes.append([file.stat().st_size for file in files])
        return len(sizes) > 5 and sizes[-1] == sizes[-5] and min(sizes[-1]) > 1000

    await until(settled)
    return {file.stem: file for file in files}


async def test_each_side_is_recorded_apart_and_in_step(lab: FloorLab, tmp_path: Path) -> None:
    """customer.wav holds the customer alone, agent-1.wav the agent alone; the rows say how they fit together."""
    hello, answer = burst(tmp_path / "hello.wav", 0.8, AGENT_HZ), burst(tmp_path / "answer.wav", 1.2, CUSTOMER_HZ)
    with store(tmp_path, lab) as kept:
        book = StoreBook(
            kept.writer,
            Journal(kept.writer, source="brain", clock=lab.clock, site_id=kept.site),
            lab.clock,
            site_id=kept.site,
            recordings=lab.pbx.settings.recordings,
            session_of=lambda _contact: None,
        )
        async with lab.open("1001", book=book) as house:
            contact = await lab.rings(LISTEN, says("answer", answer, facts={"x": "1"}), begin="talking")
            await lab.brief(contact, "1001", says("hello", hello), LISTEN, hangs_up())
            await until(lambda: house.floor.calls())
            folder = house.floor.calls()[0].folder
            customer_end = await lab.one(CallEnded, contact, 25.0)
            agent_end = await lab.one(CallEnded, f"{contact}/1001")
            await until(lambda: not house.floor.calls())
            files = await recordings(Path(folder))
        await kept.writer.flush()
        rows, segments, row = await kept.reader.run(lambda session: rows_of(session, contact))

    assert set(files) == {"customer", "agent-1"}
    assert pitches(files["customer"]) == {int(CUSTOMER_HZ)}
    assert pitches(files["agent-1"]) == {int(AGENT_HZ)}
    ((began_s, ended_s),) = loud_stretches(files["customer"])
    (line,) = customer_end.lines
    assert (began_s, ended_s) == pytest.approx((line.began_s, line.ended_s), abs=0.15), "second 0 is the answer"
    ((agent_began_s, _),) = loud_stretches(files["agent-1"])
    assert agent_began_s == pytest.approx(agent_end.lines[0].began_s, abs=0.15)

    for name in ("customer", "agent-1"):
        leg = rows[name]
        assert leg.answered_at is not None and leg.ended_at is not None
        length_s = soundfile.info(files[name]).duration
        assert length_s == pytest.approx((leg.ended_at - leg.answered_at).total_seconds(), abs=0.25)
        assert lab.pbx.settings.recordings / leg.recording == files[name]
    answered = {report.call_id: report.monotonic_s for report in lab.all(CallAnswered)}
    truth_s = answered[f"{contact}/1001"] - answered[contact]
    assert rows["customer"].offset_s == 0.0
    assert rows["agent-1"].offset_s == pytest.approx(truth_s, abs=0.1)
    assert (row.outcome, row.mode, row.trunk, row.ended_by) == ("served", "training", "lab", "agent")
    assert [(segment.seq, segment.ended_at is not None) for segment in segments] == [(1, True)]


@dataclass
class Store:
    writer: Writer
    reader: Reader
    site: str


@contextmanager
def store(folder: Path, lab: FloorLab) -> Iterator[Store]:
    """A fresh database with a site."""
    engine = open_engine(f"sqlite:///{folder / 'lab.sqlite'}")
    upgrade(engine)
    with writing(engine) as session:
        site = ensure_site(session, lab.clock, Settings(var=folder)).id
    writer, reader = Writer(engine, clock=lab.clock), Reader(engine)
    try:
        yield Store(writer, reader, site)
    finally:
        writer.close()
        reader.close()
        engine.dispose()


def rows_of(session: Session, contact: str) -> tuple[dict[str, Leg], list[Segment], Contact]:
    legs = session.exec(select(Leg).where(col(Leg.contact_id) == contact))
    segments = session.exec(select(Segment).where(col(Segment.contact_id) == contact))
    return {leg.name: leg for leg in legs}, list(segments), session.get_one(Contact, contact)


async def test_both_hear_who_serves(lab: FloorLab, tmp_path: Path) -> None:
    async with lab.open("1001", prompts={"agent-1001": 1.0}) as house:
        contact = await lab.rings(keys("2"))
        await lab.brief(contact, "1001", answer_after_s=1.5)
        call = await house.reaches(contact, Stage.RINGING)
        await until(lambda: call.agent is not None)
        heard = {}
        for _ in range(200):
            names = {channel.channelvars["RS_ROLE"]: channel.name for channel in await house.channels(contact)}
            if len(names) == 2:
                break
            await asyncio.sleep(0.02)
        for role, name in names.items():
            heard[role] = tmp_path / f"{role}.wav"
            await lab.pbx.console(f"mixmonitor start {name} ,t({heard[role]})")
        await house.talks(contact)
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")
        await recordings(tmp_path)
    assert 1000 in pitches(heard["customer"])
    assert pitches(heard["agent"]) == {1000}


@pytest.mark.parametrize(
    ("pressed", "rating"),
    [
        ([keys("4", 1.0)], 4),
        ([keys("9", 1.0), keys("2", 0.7)], 2),
        ([keys("0", 1.0), keys("*", 0.7)], None),
        ([keys("5" * 25, 1.0), *[keys("9" * 25)] * 3], 5),
        ([], None),
    ],
    ids=["a key", "a wrong key is asked again", "two wrong keys", "a flood", "no key"],
)
async def test_the_caller_rates(lab: FloorLab, pressed: list[dict[str, object]], rating: int | None) -> None:
    async with lab.open("1001", rating_s=3.0 if pressed else 0.5) as house:
        contact = await lab.rings(*pressed, begin="talking")
        await lab.brief(contact, "1001", hangs_up())
        await house.talks(contact)
        call = await house.reaches(contact, Stage.RATED)
        assert await house.ends(contact) == (Outcome.SERVED, "agent")
        assert call.rating == rating
        assert call.begun.get("bad-rating", 0) == (len(pressed) == 2)
        assert call.begun["thanks"] == 1
        assert house.state("1001") is WRAP_UP


async def test_the_truth_never_reaches_the_agents_phone(lab: FloorLab, tmp_path: Path) -> None:
    """Whatever the caller's INVITE says, the phone is told the contact and the number, in every packet it gets."""
    packets = tmp_path / "sip.pcap"
    await lab.pbx.console("pjsip set logger on")
    await lab.pbx.console(f"pjsip set logger pcap {packets}")
    port = (await lab.worker("robots-1")).sip_port
    try:
        async with lab.open("1001") as house:
            contact = await lab.rings(
                keys("2"),
                from_name="<b>Truth</b>%0d%0aX-Evil: yes, 王小明",
                headers={
                    "X-Ringside-Case": "case-4711",
                    "X-Truth": "phone=16312345678; address=Truth Street",
                    "X-Evil": 'yes"; DROP TABLE contact; --',
                    "Subject": "Truth",
                    "P-Asserted-Identity": '"Truth" <sip:truth@127.0.0.2>',
                    "Diversion": "<sip:truth@127.0.0.2>",
                    "User-to-User": "truth",
                },
            )
            await lab.brief(contact, "1001")
            await house.talks(contact)
            call = house.floor.call(contact)
            await lab.hangs_up(contact)
            await house.ends(contact)
    finally:
        await lab.pbx.console("pjsip set logger off")

    told = [text for to_port, text in sip_packets(packets) if to_port == port]
    invites = [text for text in told if text.startswith("INVITE")]
    assert invites
    for text in told:
        assert not re.search("truth|evil|4711|drop table|王小明|case", text, re.IGNORECASE), text
    for invite in invites:
        assert f"X-Ringside-Contact: {contact}\r\n" in invite
        extra = set(re.findall(r"^(X-[^:]+|P-[^:]+|Subject|Diversion|Remote-Party-ID):", invite, re.MULTILINE))
        assert extra == {"X-Ringside-Contact"}
    assert call.customer_number.isprintable()


def sip_packets(pcap: Path) -> Iterator[tuple[int, str]]:
    """(port sent to, message) of every UDP packet in a capture that Asterisk wrote."""
    data, at = pcap.read_bytes(), 24
    while at + 16 <= len(data):
        length = int.from_bytes(data[at + 8 : at + 12], "little")
        frame = data[at + 16 : at + 16 + length]
        at += 16 + length
        header = 14 + (frame[14] & 15) * 4
        if frame[23] == 17:
            yield int.from_bytes(frame[header + 2 : header + 4], "big"), frame[header + 8 :].decode(errors="replace")


async def test_the_way_from_the_answer_into_the_bridge_is_short(lab: FloorLab) -> None:
    """Not a benchmark: the spread of a few calls, printed; a second would be felt by everybody."""
    ways_s = []
    async with lab.open("1001") as house:
        for _ in range(6):
            contact = await lab.rings(keys("2"))
            await lab.brief(contact, "1001")
            await house.talks(contact)
            (began,) = house.book.of(contact, "talk.began")
            up_at = house.book.legs[contact]["agent-1"].up_at
            lag_s = lab.clock.utc().timestamp() - lab.clock.monotonic()
            ways_s.append(began.at_s + lag_s - up_at.timestamp())
            await lab.hangs_up(contact)
            await house.ends(contact)
            house.distribution.finish_wrap_up("1001")
    print("answer to bridge, ms:", sorted(round(1000 * way_s) for way_s in ways_s))
    assert max(ways_s) < 1.0
