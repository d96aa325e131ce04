"""Who may do what with messages, call-backs, seats' settings, lists, alerts and recordings, and what does it.

What is whose the rows tell: there the desk's own functions check it.
"""

from collections.abc import Mapping
from typing import get_args

from lab_server.desk import alerts, callbacks, mailboxes, number_lists, seat_settings
from lab_server.desk.desk import Desk
from lab_server.desk.ownership import Part, known, part_in
from lab_server.desk.recordings import earlier_recordings
from lab_server.desk.rights import Right
from lab_server.floor.api import desk_commands as c
from lab_server.floor.api.answers import done
from lab_server.floor.api.command import Command
from lab_server.floor.api.desk_rows import alert_row, callback_row, listed_row, message_row, recording_row, seat_row
from lab_server.floor.api.picture import mailbox_names, mailboxes_of
from lab_server.floor.api.rule import Result, Rule, Work, always, at_desk, at_once, rows
from lab_server.floor.dnd import bring_in_line
from lab_server.floor.errors import Refused
from lab_server.store.tables import Contact, Mode
from telephony.numbers import NumberError, spelled
from telephony.trunks import HouseTrunk, LabTrunk, NullTrunk


def _modes(mode: Mode | None) -> tuple[Mode, ...]:
    return (mode,) if mode is not None else get_args(Mode)


async def _settings(work: Work) -> None:
    if await work.kit.directory.refresh():
        bring_in_line(work.kit)


async def _counted(work: Work) -> None:
    await work.kit.mailboxes.refresh()


async def _looked(work: Work) -> None:
    await work.kit.callbacks.look()


# -- mailboxes --------------------------------------------------------------------------------------------------------


async def _messages(work: Work, command: c.Messages) -> Result:
    """One that the plan has no more can still be read by whoever may, as long as something lies in it."""

    def listed(desk: Desk) -> Result:
        found = [
            message
            for mode in _modes(command.mode)
            for message in mailboxes.messages(desk, mode, command.mailbox, deleted=command.deleted)
        ]
        return done(messages=[message_row(one) for one in sorted(found, key=lambda one: one.created_at, reverse=True)])

    result = await rows(work, listed, reads=True)
    if not result["messages"] and command.mailbox not in mailbox_names(work.kit):
        raise Refused("unknown_mailbox", f"There is no mailbox {command.mailbox!r}: see mailboxes in the floor plan.")
    return result


MAILBOXES: Mapping[type[Command], Rule] = {
    c.Mailboxes: at_once(Right.MAILBOX_READ, lambda work, _: done(mailboxes=mailboxes_of(work.kit, work.actor))),
    c.Messages: Rule(Right.MAILBOX_READ, always, _messages),
    c.MarkHeard: at_desk(
        Right.MAILBOX_READ, lambda desk, to: message_row(mailboxes.mark_heard(desk, to.message)), then=_counted
    ),
    c.DeleteMessage: at_desk(
        Right.MAILBOX_DELETE, lambda desk, to: message_row(mailboxes.delete(desk, to.message)), then=_counted
    ),
    c.BringBackMessage: at_desk(
        Right.MAILBOX_DELETE, lambda desk, to: message_row(mailboxes.bring_back(desk, to.message)), then=_counted
    ),
}

# -- call-backs -------------------------------------------------------------------------------------------------------


def _callbacks(desk: Desk, command: c.Callbacks) -> Result:
    now = desk.clock.utc()
    found = [
        callback_row(one)
        for mode in _modes(command.mode)
        for one in callbacks.listed(desk, mode, open_only=command.open_only)
        if not command.due or (one.state == "waiting" and one.next_try_at <= now)
    ]
    return done(callbacks=found)


async def _order(work: Work, command: c.OrderCallback) -> Result:
    kit = work.kit
    if not kit.callbacks.taken:
        raise Refused("no_callbacks", "Call-backs are not kept here: there is no database behind this floor.")
    if command.queue not in kit.settings.plan.queues:
        known_ones = ", ".join(kit.settings.plan.queues)
        raise Refused("unknown_queue", f"There is no queue {command.queue!r}: choose one of {known_ones}.")

    def ordered(desk: Desk) -> Result:
        contact = known(desk.session, desk.actor, command.contact)
        desk.check(Right.CALLBACK_ORDER, own=part_in(desk.session, desk.actor, contact.id) is not Part.NONE)
        number = command.number or (contact.caller_dialled if contact.direction == "in" else contact.called_dialled)
        _can_be_rung(work, contact, number)
        asked_at = desk.clock.utc()
        row = callbacks.order(
            desk.session, desk.clock, contact_id=contact.id, number=number, queue=command.queue, since=asked_at,
            due=command.due,
        )  # fmt: skip
        return callback_row(row) | {"new": row.created_at >= asked_at}

    result = await rows(work, ordered)
    await _looked(work)
    return result


def _can_be_rung(work: Work, contact: Contact, number: str) -> None:
    """Raises `Refused` with a number's own error id, or `number_not_served`."""
    try:
        trunk = work.kit.trunk_for("", spelled(number))
        if trunk.name not in {HouseTrunk.name, NullTrunk.name, LabTrunk.name}:
            trunk.endpoint_for(number)
    except NumberError as wrong:
        raise Refused(wrong.error_id, f"{wrong}.") from wrong
    if trunk.name in {HouseTrunk.name, NullTrunk.name} or (trunk.name == LabTrunk.name and contact.mode != "training"):
        raise Refused("number_not_served", f"No trunk leads to {number}: ask the customer for another number.")


CALLBACKS: Mapping[type[Command], Rule] = {
    c.Callbacks: at_desk(Right.CALLBACK_READ, _callbacks, reads=True),
    c.OrderCallback: Rule(Right.CALLBACK_ORDER, always, _order),
    c.CancelCallback: at_desk(
        Right.CALLBACK_MANAGE, lambda desk, to: callback_row(callbacks.cancel(desk, to.callback)), then=_looked
    ),
    c.ReopenCallback: at_desk(
        Right.CALLBACK_MANAGE, lambda desk, to: callback_row(callbacks.reopen(desk, to.callback)), then=_looked
    ),
}

# -- seats' settings --------------------------------------------------------------------------------------------------


async def _follow_me(work: Work, command: c.FollowMe) -> Result:
    seat = command.seat or work.seat
    return await rows(work, lambda desk: seat_row(seat_settings.read(desk, seat)), reads=True)


async def _set_follow_me(work: Work, command: c.SetFollowMe) -> Result:
    seat = command.seat or work.seat
    numbers = [seat_settings.FollowMe(one.number, one.ring_s) for one in command.numbers]
    for one in numbers:
        try:
            work.kit.trunk_for(seat, spelled(one.number)).endpoint_for(one.number)
        except NumberError as wrong:
            raise Refused(wrong.error_id, f"{wrong}.") from wrong
    result = await rows(work, lambda desk: seat_row(seat_settings.set_follow_me(desk, seat, numbers, on=command.on)))
    await _settings(work)
    return result


def _own_seat(work: Work, command: c.OnSeat) -> bool:
    return command.seat in {None, work.actor.seat}


# -- screening, alerts, recordings, music -----------------------------------------------------------------------------


def _listed(desk: Desk, command: c.ListedNumbers) -> Result:
    found = [one for mode in _modes(command.mode) for one in number_lists.listed(desk, mode, command.kind)]
    return done(numbers=[listed_row(one) for one in found])


def _list(desk: Desk, to: c.ListNumber) -> Result:
    return listed_row(number_lists.add(desk, to.mode, to.kind, to.number, reason=to.reason, until=to.until))


def _unlist(desk: Desk, command: c.UnlistNumber) -> Result:
    number_lists.remove(desk, command.entry)
    return done(entry=command.entry)


async def _refresh(work: Work, _command: c.Refresh) -> Result:
    for learn in (_settings, _counted, _looked):
        await learn(work)
    return done()


async def _dismiss(work: Work, command: c.DismissAlert) -> Result:
    def dismissed(desk: Desk) -> Result:
        alerts.dismiss(desk, command.alert)
        return done(alerts=[alert_row(one) for one in alerts.open_alerts(desk)])

    result = await rows(work, dismissed)
    if work.feed is not None:
        work.feed.alerts(result["alerts"])
    return result


def _recordings(desk: Desk, command: c.Recordings) -> Result:
    return done(recordings=[recording_row(one) for one in earlier_recordings(desk, command.contact)])


def _music(work: Work) -> Result:
    return done(music=sorted({"default", *work.kit.settings.plan.music}))


SETTINGS: Mapping[type[Command], Rule] = {
    c.FollowMe: Rule(Right.SEAT_SETTINGS, _own_seat, _follow_me),
    c.SetFollowMe: Rule(Right.SEAT_SETTINGS, _own_seat, _set_follow_me),
    c.ListedNumbers: at_desk(Right.SCREENING_READ, _listed, reads=True),
    c.ListNumber: at_desk(Right.SCREENING_MANAGE, _list, then=_settings),
    c.UnlistNumber: at_desk(Right.SCREENING_MANAGE, _unlist, then=_settings),
    c.Refresh: Rule(Right.SCREENING_MANAGE, always, _refresh),
    c.Alerts: at_desk(
        Right.ALERTS_READ, lambda desk, _: done(alerts=[alert_row(one) for one in alerts.open_alerts(desk)]), reads=True
    ),
    c.DismissAlert: Rule(Right.ALERTS_CLEAR, always, _dismiss),
    c.Recordings: at_desk(Right.CALL_PLAY_RECORDING, _recordings, reads=True),
    c.MusicClasses: at_once(Right.QUEUE_READ, lambda work, _: _music(work)),
}

DESK: Mapping[type[Command], Rule] = {**MAILBOXES, **CALLBACKS, **SETTINGS}
