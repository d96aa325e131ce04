"""Which right each command needs, what counts as the actor's own, and which function carries it out."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lab_server.desk.rights import Right
from lab_server.floor.api import commands as c
from lab_server.floor.api.actor import Actor
from lab_server.floor.api.answers import done
from lab_server.floor.api.picture import floor_state
from lab_server.floor.call import Call
from lab_server.floor.errors import Refused
from lab_server.floor.floor import Floor
from lab_server.floor.hang_up import hang_up
from lab_server.floor.hold import hold, resume
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

    def call(self, contact: str) -> Call:
        """Raises `Refused` `unknown_contact`."""
        call = self.floor.call(contact)
        if call is None:
            raise Refused("unknown_contact", f"Contact {contact} is not on the line: it may have just ended.")
        return call


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


def on_call(right: Right, feature: Callable[[Call, Kit, Work, Any], object]) -> Rule:
    """A command that changes what is intended with one contact. What `feature` returns under a name is the result."""

    async def run(work: Work, command: c.OnContact) -> Result:
        told: list[object] = []
        await work.floor.change(command.contact, lambda call, kit: told.append(feature(call, kit, work, command)))
        return told[0] if isinstance(told[0], Mapping) else {}

    return Rule(right, takes_part, run)


def nothing_of_ones_own(_work: Work, _command: object) -> bool:
    return False


async def _state(work: Work, _command: c.State) -> Result:
    return done(**floor_state(work.floor, work.kit, work.actor))


RULES: Mapping[type[c.Command], Rule] = {
    c.Hold: on_call(Right.CALL_HOLD, lambda call, kit, work, _: hold(call, kit, work.seat)),
    c.Resume: on_call(Right.CALL_HOLD, lambda call, kit, work, _: resume(call, kit, work.seat)),
    c.HangUp: on_call(Right.CALL_HANG_UP, lambda call, kit, work, _: hang_up(call, kit, work.seat)),
    c.State: Rule(Right.QUEUE_READ, nothing_of_ones_own, _state),
}
