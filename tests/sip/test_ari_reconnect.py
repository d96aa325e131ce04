"""What the client does and tells when its Asterisk dies and comes back."""

import asyncio
import os
import signal
from collections.abc import Callable

import pytest
from ari_fixtures import DEADLINE_S, both_halves, client_of, gone

from telephony.ami import AmiClient, AmiUnreachable
from telephony.ari import AriClient, AriGap, AriUnreachable, Gap
from telephony.ari import events as ev
from telephony.asterisk.process import Pbx
from telephony.clock import SystemClock

pytestmark = pytest.mark.sip


class Gaps:
    """What `on_connected` told, and waiting for the next time."""

    def __init__(self) -> None:
        self.told: list[Gap | None] = []
        self._again = asyncio.Event()

    def __call__(self, gap: Gap | None) -> None:
        self.told.append(gap)
        self._again.set()

    async def count(self, wanted: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while len(self.told) < wanted:
                self._again.clear()
                await self._again.wait()


async def killed(pbx: Pbx, pid: int) -> None:
    """As a crash would: at once, without a word."""
    os.kill(pid, signal.SIGKILL)
    await pbx.wait()


async def test_a_crash_is_a_gap_and_everything_works_after_it(make_pbx: Callable[[], Pbx]) -> None:
    pbx = make_pbx()
    pid = await pbx.start()
    clock = SystemClock()
    ari, gaps, lost = client_of(pbx), Gaps(), asyncio.Event()
    ari.on_connected(gaps)
    ari.on_lost(lost.set)
    await ari.connect()
    assert gaps.told == [None]
    before = await ari.server.info()
    await both_halves(ari, "doomed")
    with ari.expect(ev.ChannelDestroyed, lambda event: event.channel.id == "doomed") as waiter:
        killed_at = clock.monotonic()
        await killed(pbx, pid)
        with pytest.raises(AriGap, match="broke while waiting"):
            await waiter.wait(DEADLINE_S)
    assert lost.is_set() and not ari.connected

    asked_at = clock.monotonic()
    with pytest.raises(AriUnreachable):
        await ari.channels.list()
    assert clock.monotonic() - asked_at < 0.5

    await pbx.start()
    await gaps.count(2)
    gap = gaps.told[1]
    assert gap is not None and killed_at <= gap.lost_at < gap.back_at <= clock.monotonic()
    assert (await ari.server.info()).started_at > before.started_at
    assert await ari.channels.list() == ()
    await both_halves(ari, "after")
    await gone(ari, "after", "after-far")
    await ari.close()


async def test_a_server_that_was_frozen_is_taken_back(make_pbx: Callable[[], Pbx]) -> None:
    """Connections we gave up while it was frozen must not count as another program when it thaws."""
    pbx = make_pbx()
    pid = await pbx.start()
    ari, gaps, lost = client_of(pbx, timeout_s=1.0), Gaps(), asyncio.Event()
    ari.on_connected(gaps)
    ari.on_lost(lost.set)
    await ari.connect()
    os.kill(pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(15):
            await lost.wait()
        with pytest.raises(TimeoutError):  # time for attempts that come to nothing
            async with asyncio.timeout(3):
                await gaps.count(2)
    finally:
        os.kill(pid, signal.SIGCONT)
    await gaps.count(2)
    await both_halves(ari, "thawed")
    await gone(ari, "thawed", "thawed-far")
    assert ari.connected and not ari.replaced and len(gaps.told) == 2
    await ari.close()


async def test_a_patient_client_waits_for_the_server(make_pbx: Callable[[], Pbx]) -> None:
    pbx = make_pbx()
    pid = await pbx.start()
    settings = pbx.settings
    ari = AriClient(
        settings.ari_url, settings.ari_user, settings.ari_password, "ringside", SystemClock(), patience_s=DEADLINE_S
    )
    lost = asyncio.Event()
    ari.on_lost(lost.set)
    await ari.connect()
    await killed(pbx, pid)
    async with asyncio.timeout(DEADLINE_S):
        await lost.wait()
    listing = asyncio.create_task(ari.channels.list())
    await pbx.start()
    assert await listing == ()
    await ari.close()


async def test_ami_comes_back_too_and_tells_the_gap(make_pbx: Callable[[], Pbx]) -> None:
    pbx = make_pbx()
    pid = await pbx.start()
    settings, gaps = pbx.settings, Gaps()
    ami = AmiClient("127.0.0.1", settings.ami_port, settings.ami_user, settings.ami_password, SystemClock())
    ami.on_connected(gaps)
    await ami.connect()
    os.kill(pid, signal.SIGSTOP)
    frozen = asyncio.create_task(ami.ping())
    await asyncio.sleep(0)
    await killed(pbx, pid)
    with pytest.raises(AmiUnreachable):
        await frozen
    await pbx.start()
    await gaps.count(2)
    assert gaps.told[0] is None and gaps.told[1] is not None
    await ami.ping()
    await ami.close()


async def test_a_server_that_is_not_there_is_said_within_the_deadline() -> None:
    ari = AriClient("http://127.0.0.1:9/ari", "u", "p", "ringside", SystemClock())
    with pytest.raises(AriUnreachable, match=r"no event stream within 0\.3 s"):
        await ari.connect(timeout_s=0.3)
    ami = AmiClient("127.0.0.1", 9, "u", "p", SystemClock())
    with pytest.raises(AmiUnreachable, match=r"not logged in within 0\.3 s"):
        await ami.connect(timeout_s=0.3)


async def test_program_after_program_is_taken_while_lines_come_and_go(make_pbx: Callable[[], Pbx]) -> None:
    """A connection that closes in the moment a line changes its state must not lock the switch for the next one."""
    pbx = make_pbx()
    await pbx.start()
    going_on = asyncio.Event()
    busy = [asyncio.create_task(lines_come_and_go(pbx, f"line-{index}", going_on)) for index in range(3)]
    try:
        for _ in range(150):
            ari = client_of(pbx, hear_all=True)
            await ari.connect(DEADLINE_S)
            await ari.close()
        going_on.set()
        async with asyncio.timeout(DEADLINE_S):
            assert all(count > 20 for count in await asyncio.gather(*busy))
    finally:
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


async def lines_come_and_go(pbx: Pbx, name: str, over: asyncio.Event) -> int:
    """So many lines of another application came and went."""
    ari, count = client_of(pbx, name), 0
    await ari.connect()
    try:
        while not over.is_set():
            await ari.channels.originate("Local/12345@from-lab/n", channel_id=f"{name}-{count}")
            await ari.channels.hangup(f"{name}-{count}")
            count += 1
    finally:
        await ari.close()
    return count
