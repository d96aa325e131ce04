"""Sending a contact somewhere else, whoever has it now. `SENDERS` holds how, for each kind of target."""

from collections.abc import Callable
from datetime import datetime

from lab_server.floor.arrangement import HELD_SINCE, SENT_BY, SENT_TO, TO_RING
from lab_server.floor.call import Call, Leg, Place, Stage
from lab_server.floor.callback_place import to_callback
from lab_server.floor.errors import Refused
from lab_server.floor.forwarding_place import follows, to_follow, to_group
from lab_server.floor.invitation import at_home, invite
from lab_server.floor.kit import Kit
from lab_server.floor.mailbox_place import to_mailbox
from lab_server.floor.menu_place import begin
from lab_server.floor.monitor import stand_by
from lab_server.routing.target import Kind, Target

Sender = Callable[[Call, Kit, str], None]
"""Checks, raising `Refused` while nothing has changed; then sets what is intended. The name is the target's."""


def send_to(call: Call, kit: Kit, target: Target) -> None:
    """The customer goes to `target`; whoever had it is let go. Raises `Refused`: `not_available` and the senders' own.

    Every sender lets the others go by `clear`, so that one that refuses has changed nothing.
    """
    target = at_home(kit, target)
    sender = SENDERS.get(target.kind)
    if sender is None:
        raise Refused("not_available", f"A call cannot be sent to {target} here: choose a seat, a queue or a number.")
    sender(call, kit, target.name)


def clear(call: Call, kit: Kit, keep: Leg | None = None) -> None:
    """Everybody but the customer (and `keep`) leaves, it waits nowhere, and what was said until now is one segment."""
    kit.distribution.leave(call)
    if call.agent is not None or call.others:
        kit.book.paired(call, frozenset())
    if call.agent is not None:
        call.others.append(call.agent)
        call.agent = None
    for leg in call.others:
        if leg is not keep and not stand_by(leg):
            leg.place = Place.OUT


def wait_in(call: Call, kit: Kit, queue: str) -> None:
    """The customer waits in `queue`. Its place counts from when it first waited, its patience from now."""
    now_s = kit.clock.monotonic()
    call.queue, call.wanted_seat, call.seat, call.offered = queue, None, None, ()
    call.waiting_since_s = now_s if call.waiting_since_s is None else call.waiting_since_s
    call.back_since_s = now_s
    call.announced = call.speaking = False
    customer = call.customer
    if customer is not None:
        customer.place = customer.seated = Place.ALONE  # in the queue's room, which is not ours
        customer.notes |= {"announced": "", "agent": "", "queue": queue}
        since = customer.notes.pop(HELD_SINCE, "")
        if call.held and since:
            kit.book.held(call, False, (kit.now_utc() - datetime.fromisoformat(since)).total_seconds())
    call.held = False
    call.stage = Stage.QUEUED


def _to_queue(call: Call, kit: Kit, queue: str) -> None:
    queues = kit.settings.plan.queues
    if queue not in queues:
        raise Refused("unknown_queue", f"There is no queue {queue!r}: choose one of {', '.join(queues)}.")
    clear(call, kit)
    wait_in(call, kit, queue)


def _to_seat(call: Call, kit: Kit, seat: str) -> None:
    if follows(kit, seat):
        to_follow(call, kit, seat)
        clear(call, kit)
        return
    _to_phone(call, kit, Target(Kind.SEAT, seat))


def _to_group(call: Call, kit: Kit, name: str) -> None:
    to_group(call, kit, name)
    clear(call, kit)


def _to_number(call: Call, kit: Kit, number: str) -> None:
    _to_phone(call, kit, Target(Kind.NUMBER, number))


def _to_phone(call: Call, kit: Kit, target: Target) -> None:
    """The customer hears music while the phone rings; nobody serves it meanwhile."""
    customer = call.customer
    if customer is None or customer.gone:
        raise Refused("not_talking", f"Contact {call.contact} has no customer on the line.")
    leg = invite(call, kit, target, Place.TALK)
    clear(call, kit, leg)
    customer.place = Place.HOLD
    customer.notes |= {SENT_TO: str(target), SENT_BY: "", TO_RING: "1"}
    call.stage = Stage.TALKING


def _to_menu(call: Call, kit: Kit, menu: str) -> None:
    begin(call, kit, menu)
    clear(call, kit)


def _to_operator(call: Call, kit: Kit, _name: str) -> None:
    send_to(call, kit, kit.settings.plan.operator)


def _to_mailbox(call: Call, kit: Kit, name: str) -> None:
    to_mailbox(call, kit, name)
    clear(call, kit)


def _to_callback(call: Call, kit: Kit, queue: str) -> None:
    to_callback(call, kit, queue)
    clear(call, kit)


def _hang_up(call: Call, kit: Kit, _name: str) -> None:
    clear(call, kit)
    call.stage = Stage.ENDED


SENDERS: dict[Kind, Sender] = {
    Kind.QUEUE: _to_queue,
    Kind.SEAT: _to_seat,
    Kind.GROUP: _to_group,
    Kind.NUMBER: _to_number,
    Kind.MENU: _to_menu,
    Kind.MAILBOX: _to_mailbox,
    Kind.CALLBACK: _to_callback,
    Kind.OPERATOR: _to_operator,
    Kind.HANGUP: _hang_up,
}
"""Whoever makes a stage for another kind of target adds it here."""
