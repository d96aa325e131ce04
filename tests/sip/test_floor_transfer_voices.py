"""Many transfers: each party's voice is whole in its own file, and nobody else's is in it.

Every party says a tone of its own pitch; its worker reports from which second to which, and there it must be in the
file. `TRANSFERS` says how many transfers (8).
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import soundfile
from floor_lab import READY, FloorLab, House, keys, says
from test_floor_talk import pitches, recordings
from transfer_lab import are, target
from worker_lab import burst, loud_stretches, until

from lab_server.floor.consult import complete, consult
from lab_server.floor.transfer import transfer
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallEnded

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

CUSTOMER_HZ, FIRST_HZ, SECOND_HZ = 500.0, 900.0, 1300.0
PAIRS = (("1001", "1002", "complaint", "1"), ("1003", "1004", "order", "2"))
"""Who answers and who takes over, the queue and its key."""
LONG_S = 30.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("voices")) as lab:
        await lab.staff(4)
        yield lab


async def test_each_voice_is_whole_in_its_own_file(lab: FloorLab, tmp_path: Path) -> None:
    rounds = -(-int(os.environ.get("TRANSFERS", "8")) // len(PAIRS))
    tones = {hz: burst(tmp_path / f"{hz:g}.wav", LONG_S, hz) for hz in (CUSTOMER_HZ, FIRST_HZ, SECOND_HZ)}
    taken_ms: dict[str, list[int]] = {"blind": [], "attended": []}
    async with lab.open() as house:
        for number in range(rounds):
            how = "attended" if number % 2 else "blind"
            taken_ms[how] += await asyncio.gather(*(one(lab, house, tones, how, *pair) for pair in PAIRS))
    for how, times in taken_ms.items():
        print(how, "transfer, ms from the command until both hear each other:", sorted(times))


async def one(
    lab: FloorLab, house: House, tones: dict[float, str], how: str, first: str, second: str, queue: str, key: str
) -> int:
    """One contact, handed from one seat to the other; how many milliseconds the transfer took."""
    house.distribution.sign_on(first, frozenset({queue}))
    house.distribution.set_state(first, READY)
    house.distribution.sign_on(second)
    contact = await lab.rings(keys(key), says("customer", tones[CUSTOMER_HZ]))
    await lab.brief(contact, first, says("first", tones[FIRST_HZ]))
    await lab.brief(contact, second, says("second", tones[SECOND_HZ]), begin="answered")
    await house.talks(contact)
    await spoken(lab, contact, 1.0)
    folder, began_s = Path(house.floor.call(contact).folder), lab.clock.monotonic()  # type: ignore[union-attr]
    if how == "blind":
        await house.floor.change(contact, lambda c, k: transfer(c, k, first, target(f"seat:{second}")))
    else:
        await house.floor.change(contact, lambda c, k: consult(c, k, first, target(f"seat:{second}")))
        await are(house, contact, customer="hold", agent_1="consult", agent_2="consult")
        began_s = lab.clock.monotonic()
        await house.floor.change(contact, lambda c, k: complete(c, k, first))
    await are(house, contact, customer="talk", agent_2="talk")
    await until(lambda: house.book.of(contact, "resumed"))
    (resumed,) = house.book.of(contact, "resumed")
    await spoken(lab, contact, 1.0)
    await lab.hangs_up(contact)
    await house.ends(contact)
    for each in (first, second):
        house.distribution.finish_wrap_up(each)
    calls = {"customer": contact, "agent-1": f"{contact}/{first}", "agent-2": f"{contact}/{second}"}
    files = await recordings(folder)
    assert set(files) == set(calls)
    for leg, hz in zip(calls, (CUSTOMER_HZ, FIRST_HZ, SECOND_HZ), strict=True):
        await whole(lab, house, contact, leg, calls[leg], files[leg], hz)
    return round(1000 * (resumed.at_s - began_s))


async def spoken(lab: FloorLab, contact: str, seconds: float) -> None:
    """Let them talk for a while."""
    until_s = lab.clock.monotonic() + seconds
    await until(lambda: lab.clock.monotonic() > until_s)


async def whole(lab: FloorLab, house: House, contact: str, leg: str, call_id: str, file: Path, hz: float) -> None:
    end = await lab.one(CallEnded, call_id)
    assert pitches(file) == {int(hz)}, f"{leg}: nobody else is in it"
    said, heard = [(line.began_s, line.ended_s) for line in end.lines], loud_stretches(file)
    where = f"{leg}: said {said}, recorded {heard}"
    # A worker on a busy machine begins to send, and sends, some tenths of a second late; a voice that a transfer cost
    # is missing for as long as it went on.
    assert heard[0][0] == pytest.approx(said[0][0], abs=0.4), where
    assert heard[-1][1] == pytest.approx(said[-1][1], abs=0.5), where
    assert _total(heard) == pytest.approx(_total(said), abs=0.5), where
    assert soundfile.info(file).duration == pytest.approx(end.duration_s, abs=0.5), f"{leg}: from its answer to its end"


def _total(stretches: list[tuple[float, float]]) -> float:
    return sum(to_s - from_s for from_s, to_s in stretches)
