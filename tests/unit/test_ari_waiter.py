"""Waiting for an event that may come before, never, or with a fault in the question."""

import pytest

from telephony.ari.errors import AriGap
from telephony.ari.events import ChannelHold, Event, parse_event
from telephony.ari.waiter import Expectations

MESSAGE = {
    "type": "ApplicationReplaced",
    "application": "ringside",
    "timestamp": "2026-11-22T12:14:32.722+0000",
}


def event() -> Event:
    read = parse_event(MESSAGE)
    assert isinstance(read, Event)
    return read


async def test_an_event_that_came_before_the_wait_is_not_missed() -> None:
    expectations = Expectations()
    with expectations.expect(type(event())) as waiter, expectations.expect(ChannelHold) as other:
        expectations.offer(event())
        assert (await waiter.wait(1)) == event()
        assert not other.done


async def test_a_fault_in_the_question_is_the_askers_and_nobody_elses() -> None:
    expectations = Expectations()
    faulty = expectations.expect(type(event()), lambda _: 1 / 0 > 0)
    sound = expectations.expect(type(event()))
    expectations.offer(event())
    assert (await sound.wait(1)) == event()
    with pytest.raises(ZeroDivisionError):
        await faulty.wait(1)


async def test_a_gap_ends_every_wait() -> None:
    expectations = Expectations()
    waiter = expectations.expect(ChannelHold)
    expectations.fail_all("the stream broke")
    with pytest.raises(AriGap, match="the stream broke"):
        await waiter.wait(1)
