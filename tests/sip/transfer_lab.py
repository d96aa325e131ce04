"""What the tests of transfers, consultations and three-way calls share: a talk to begin with, and who is where."""

import asyncio
import time
from collections.abc import Callable

import pytest
from floor_lab import FloorLab, House, keys
from worker_lab import until

from lab_server.floor.arrangement import SENT_BY, SENT_TO
from lab_server.floor.call import Call, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.routing.target import Target

FIRST, SECOND, THIRD = "1001", "1002", "1003"
NUMBER = "16300000011"


async def talk(lab: FloorLab, house: House, seat: str = FIRST, *, key: str = "2") -> str:
    """A customer rang and talks with the agent at `seat`, the only one who is ready."""
    contact = await lab.rings(keys(key))
    await lab.brief(contact, seat)
    await house.talks(contact)
    return contact


async def places(house: House, contact: str) -> dict[str, str]:
    """The room of each leg by its name: talk, hold, consult, queue (the queue's), or nothing."""
    rooms = {channel: bridge.id for bridge in await house.ari.bridges.list() for channel in bridge.channels}
    found = {}
    for channel in await house.channels(contact):
        room = rooms.get(channel.id, "")
        found[channel.channelvars["RS_LEG"]] = "queue" if room.startswith("queue-") else room.partition("-")[2]
    return found


async def are(house: House, contact: str, **expected: str) -> None:
    """Wait until each leg is in its room (`agent_2` is agent-2); no other leg is there."""
    wanted = {name.replace("_", "-"): room for name, room in expected.items()}
    seen: dict[str, str] = {}
    deadline = time.monotonic() + 6.0
    while time.monotonic() < deadline:
        seen = await places(house, contact)
        if seen == wanted:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{contact}: {seen}, not {wanted}")


async def refused(house: House, contact: str, change: Callable[[Call, Kit], object]) -> str:
    """The error id of a command that is refused; it has changed nothing."""
    call = house.floor.call(contact)
    before = None if call is None else picture(call, house)
    rooms = await places(house, contact)
    with pytest.raises(Refused) as error:
        await house.floor.change(contact, change)
    assert str(error.value).endswith("."), "a sentence"
    if call is not None:
        assert picture(call, house) == before
        assert await places(house, contact) == rooms
    return error.value.error_id


def picture(call: Call, house: House) -> object:
    """What a command might have changed."""
    legs = [(leg.name, leg.place, leg.rung, leg.notes.get(SENT_TO), leg.notes.get(SENT_BY)) for leg in call.legs()]
    agents = [(agent.seat, agent.state, agent.contact) for agent in house.distribution.agents()]
    done = [entry.kind for entry in house.book.entries if entry.kind.startswith("call.")]
    return call.stage, call.queue, call.seat, call.offers, legs, agents, done


async def noted(house: House, contact: str, kind: str, count: int = 1) -> dict[str, object]:
    """The last entry of that kind, when there are so many."""
    await until(lambda: len(house.book.of(contact, kind)) >= count, what=f"{kind} of {contact}")
    return house.book.of(contact, kind)[-1].data


def target(text: str) -> Target:
    return Target.parse(text)


def told(house: House, contact: str) -> list[Stage]:
    """What listeners were told of the contact, in order."""
    return [stage for which, stage in house.teller.told if which == contact]
