"""What a command is carried out with, and what a rule is made of."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError
from lab_server.desk.rights import Right
from lab_server.floor.api import command as c
from lab_server.floor.api.actor import Actor
from lab_server.floor.api.feed import Feed
from lab_server.floor.call import Call
from lab_server.floor.errors import Refused
from lab_server.floor.floor import Floor
from lab_server.floor.kit import Kit
from lab_server.store.tables import User
from lab_server.store.writer import Reader, Writer

Result = Mapping[str, Any]

ROWS_S = 2.0
"""A command is given up at the first refusal of a locked database after this. Each takes the database
`store.engine.BUSY_TIMEOUT_S`: who asks is told so before the web gives up asking."""


@dataclass(frozen=True)
class Work:
    """What a command is carried out with."""

    floor: Floor
    kit: Kit
    reader: Reader
    writer: Writer
    actor: Actor
    feed: Feed | None = None  # who follows the floor hears by it of what the floor itself does not tell

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


def on_call(
    right: Right,
    feature: Callable[[Call, Kit, Work, Any], Result | None],
    own: Callable[[Work, Any], bool] = takes_part,
) -> Rule:
    """A command that changes what is intended with one contact; what `feature` returns is the result."""

    async def run(work: Work, command: c.OnContact) -> Result:
        told: list[Result | None] = []
        await work.floor.change(command.contact, lambda call, kit: told.append(feature(call, kit, work, command)))
        return told[0] or {}

    return Rule(right, own, run)


def at_once(
    right: Right, feature: Callable[[Work, Any], Result | None], own: Callable[[Work, Any], bool] = always
) -> Rule:
    """A command that is done as soon as it is asked."""

    async def run(work: Work, command: c.Command) -> Result:
        return feature(work, command) or {}

    return Rule(right, own, run)


def at_desk(
    right: Right,
    feature: Callable[[Desk, Any], Result],
    *,
    reads: bool = False,
    then: Callable[[Work], Awaitable[object]] | None = None,
) -> Rule:
    """A command on rows. What is the actor's own is told by the rows, so `feature` checks it itself.

    `reads`: nothing is written, and nothing waits for what is. `then` brings the floor in line with what was written.
    """

    async def run(work: Work, command: c.Command) -> Result:
        result = await rows(work, lambda desk: feature(desk, command), reads=reads)
        if then is not None:
            await then(work)
        return result

    return Rule(right, always, run)


async def rows(work: Work, ask: Callable[[Desk], Result], *, reads: bool = False) -> Result:
    """`ask` in a transaction, as the actor. Raises `Refused` with the desk's error id, which is then one of ours."""

    def doing(session: Session) -> Result:
        return ask(Desk(session, work.kit.clock, session.get_one(User, work.actor.user_id)))

    try:
        return await (work.reader.run(doing) if reads else work.writer.run(doing, timeout_s=ROWS_S))
    except DeskError as refused:
        raise turned_away(refused) from refused


def turned_away(refused: DeskError) -> Refused:
    """The desk's refusal as the floor's."""
    sentence = str(refused)
    return Refused(refused.error_id.removeprefix("desk."), f"{sentence[:1].upper()}{sentence[1:]}.")
