"""What a command is carried out with, and what a rule is made of."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lab_server.desk.rights import Right
from lab_server.floor.api import commands as c
from lab_server.floor.api.actor import Actor
from lab_server.floor.call import Call
from lab_server.floor.errors import Refused
from lab_server.floor.floor import Floor
from lab_server.floor.kit import Kit
from lab_server.store.writer import Reader, Writer

Result = Mapping[str, Any]


@dataclass(frozen=True)
class Work:
    """What a command is carried out with."""

    floor: Floor
    kit: Kit
    reader: Reader
    writer: Writer
    actor: Actor

    @property
    def seat(self) -> str:
        """Where the actor sits. Raises `Refused` `no_seat`."""
        if self.actor.seat is None:
            raise Refused("no_seat", "You have no seat here: sign on at a seat with a phone first.")
        return self.actor.seat


@dataclass(frozen=True)
class Rule:
    """`own` tells whether what the command is about is the actor's own: some roles may only do that."""

    right: Right
    own: Callable[[Work, Any], bool]
    run: Callable[[Work, Any], Awaitable[Result]]


def takes_part(work: Work, command: c.OnContact) -> bool:
    """The actor's phone is in the contact, or rings for it."""
    call = work.floor.call(command.contact)
    return call is not None and work.actor.seat is not None and call.leg_at(work.actor.seat) is not None


def always(_work: Work, _command: object) -> bool:
    """It is about the actor's own seat."""
    return True


def never(_work: Work, _command: object) -> bool:
    """It is about everybody's, or another's."""
    return False


def on_call(right: Right, feature: Callable[[Call, Kit, Work, Any], Result | None]) -> Rule:
    """A command that changes what is intended with one contact; what `feature` returns is the result."""

    async def run(work: Work, command: c.OnContact) -> Result:
        told: list[Result | None] = []
        await work.floor.change(command.contact, lambda call, kit: told.append(feature(call, kit, work, command)))
        return told[0] or {}

    return Rule(right, takes_part, run)


def at_once(
    right: Right, feature: Callable[[Work, Any], Result | None], own: Callable[[Work, Any], bool] = always
) -> Rule:
    """A command that is done as soon as it is asked."""

    async def run(work: Work, command: c.Command) -> Result:
        return feature(work, command) or {}

    return Rule(right, own, run)
