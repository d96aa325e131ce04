"""A supervisor's own group: what students of other classes do is not for him."""

from collections.abc import Iterable

from lab_server.desk import reach
from lab_server.floor.api.answers import NOT_YOURS
from lab_server.floor.api.command import Command, OnContact
from lab_server.floor.api.commands import SetAgent
from lab_server.floor.api.rule import Work
from lab_server.floor.errors import Refused


async def demand_own_group(work: Work, command: Command) -> None:
    """Raises `Refused` `not_yours` if a supervisor's command is about students all of whom are of other groups. What
    waits, and what robots do, is every supervisor's."""
    if work.actor.role != "supervisor":
        return
    if isinstance(command, SetAgent):
        seats = {command.seat}
    elif isinstance(command, OnContact) and (call := work.floor.call(command.contact)) is not None:
        seats = {leg.seat for leg in call.legs() if leg.seat and not leg.gone}
    else:
        return
    if seats and are_others(seats, await others(work)):
        raise Refused(NOT_YOURS, "This is not your group: its own supervisor may do it.")


async def others(work: Work) -> frozenset[str]:
    """The seats that are none of the actor's business; of nobody's but a supervisor's there are any."""
    actor = work.actor
    if actor.role != "supervisor":
        return frozenset()
    return await work.reader.run(lambda session: reach.others_seats(session, actor.site_id, actor.user_id))


def are_others(seats: Iterable[str], known: frozenset[str]) -> bool:
    """Whether somebody sits there, and all of them are of other groups."""
    there = set(seats)
    return bool(there) and there <= known
