"""Who may do what with conferences: a student with his own, which he called from his seat.

Whoever is let in by the right acts in the owner's name; the journal knows who it was.
"""

from collections.abc import Mapping

from lab_server.desk.rights import Right
from lab_server.floor import conference
from lab_server.floor.api import conference_commands as c
from lab_server.floor.api.answers import NOT_YOURS, done
from lab_server.floor.api.command import Command, OnContact
from lab_server.floor.api.rule import Result, Rule, Work, at_once, on_call
from lab_server.floor.call import Call
from lab_server.floor.conference import owner
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.routing.target import Kind, Target

_MANAGE = Right.CONFERENCE_MANAGE


def _called_it(work: Work, command: OnContact) -> bool:
    call = work.floor.call(command.contact)
    return call is not None and work.actor.seat is not None and owner(call) == work.actor.seat


def _open(work: Work, command: c.OpenConference) -> Result:
    return done(contact=conference.open_conference(work.floor, work.seat, command.title))


def _invite(call: Call, kit: Kit, work: Work, to: c.Invite) -> Result:
    if to.auto_answer and (work.actor.seat is None or to.to != Target(Kind.SEAT, work.actor.seat)):
        raise Refused(NOT_YOURS, "No phone but your own answers by itself: leave auto_answer out for others.")
    return done(leg=conference.invite(call, kit, owner(call), to.to, auto_answer=to.auto_answer))


CONFERENCES: Mapping[type[Command], Rule] = {
    c.OpenConference: at_once(_MANAGE, _open),
    c.Invite: on_call(
        _MANAGE,
        _invite,
        _called_it,
    ),
    c.MuteMember: on_call(
        _MANAGE, lambda call, kit, _, to: conference.mute(call, kit, owner(call), to.leg, to.on), _called_it
    ),
    c.MuteAll: on_call(
        _MANAGE, lambda call, kit, _, to: conference.mute_all(call, kit, owner(call), to.on), _called_it
    ),
    c.DropMember: on_call(
        _MANAGE, lambda call, kit, _, to: conference.drop(call, kit, owner(call), to.leg), _called_it
    ),
    c.LockConference: on_call(
        _MANAGE, lambda call, kit, _, to: conference.lock(call, kit, owner(call), to.on), _called_it
    ),
    c.EndConference: on_call(_MANAGE, lambda call, kit, _, __: conference.end(call, kit, owner(call)), _called_it),
}
