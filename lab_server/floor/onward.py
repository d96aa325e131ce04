"""Where a caller goes whom no agent has yet: the target of a line, a menu or a queue, or what stands in for it."""

from lab_server.floor.call import Call, Outcome, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.forwarding_place import follows
from lab_server.floor.kit import Kit
from lab_server.floor.last_agent import prefer, to_be_asked
from lab_server.floor.sending import send_to
from lab_server.routing.target import Kind, Target

HANG_UP = Target(Kind.HANGUP)


async def go_on(call: Call, kit: Kit, target: Target, otherwise: Target | None = None) -> Stage:
    """Send the caller to the first of `target`, `otherwise` and the plan's `at_last` that takes it; the stage there.

    None takes it: it is told so and hung up.
    """
    for one in (target, otherwise, kit.settings.plan.at_last):
        if one is None:
            continue
        try:
            _send(call, kit, one, otherwise if one is target else None)
        except Refused as refused:
            kit.book.noted(call, "contact.not_sent", {"to": str(one), "error": refused.error_id, "why": str(refused)})
            if one.kind is Kind.SEAT and call.customer is not None:
                await kit.switch.prompt(call, call.customer, "seat-not-available")
        else:
            kit.book.noted(call, "contact.sent", {"to": str(one)})
            break
    else:
        _closed(call, kit)
    if call.customer is not None:
        if not call.offered:  # else a phone is to ring first
            await kit.switch.note(call.customer)
        if call.stage is Stage.ENDED and call.outcome is Outcome.CLOSED_LOST:
            await kit.switch.prompt(call, call.customer, "nobody-free")
    return call.stage


def _send(call: Call, kit: Kit, target: Target, otherwise: Target | None) -> None:
    """Raises `Refused`; then nothing has changed."""
    match target.kind:
        case Kind.OPERATOR:
            _send(call, kit, kit.settings.plan.operator, otherwise)
        case Kind.QUEUE:
            _queue(call, kit, target, otherwise)
        case Kind.SEAT:
            _seat(call, kit, target, otherwise)
        case Kind.HANGUP:
            send_to(call, kit, target)
            if not call.served:
                call.outcome = call.outcome or Outcome.INFORMED
        case Kind.MENU:
            send_to(call, kit, target)
        case _:
            send_to(call, kit, target)
            call.digits = ""


def _queue(call: Call, kit: Kit, target: Target, otherwise: Target | None) -> None:
    """A full queue sends on; who has somewhere else to go by the menu goes there instead."""
    if target.name in kit.settings.plan.queues and kit.distribution.full(target.name):
        way = kit.distribution.way_in(target.name)
        kit.book.noted(call, "queue.full", {"queue": target.name, "to": str(otherwise or way)})
        if otherwise is not None:
            raise Refused("queue_full", f"As many wait in the queue {target.name!r} as it takes: try again later.")
        if way.kind is Kind.HANGUP:
            _closed(call, kit)
            return
        if way.kind is not Kind.QUEUE:
            _send(call, kit, way, None)
            return
        target = way
    send_to(call, kit, target)
    enter(call, kit)


def _seat(call: Call, kit: Kit, target: Target, otherwise: Target | None) -> None:
    """Who asks for one agent waits for it among the others of the queue that stands behind, if one does."""
    if follows(kit, target.name):
        send_to(call, kit, target)
        call.digits = ""
        return
    if not kit.distribution.can_expect(target.name):
        raise Refused("seat_not_available", f"Nobody can be expected at seat {target.name}: choose another.")
    send_to(call, kit, otherwise if otherwise is not None and otherwise.kind is Kind.QUEUE else target)
    call.digits = ""
    if call.stage is Stage.QUEUED:
        call.wanted_seat, call.wanted_s = target.name, None
        enter(call, kit)


def _closed(call: Call, kit: Kit) -> None:
    """Nobody takes the caller, and it is told so."""
    send_to(call, kit, HANG_UP)
    if not call.served:
        call.outcome = Outcome.CLOSED_LOST


def enter(call: Call, kit: Kit) -> None:
    """In the distribution at once: while we speak to the switch, somebody who came later must not be served first.

    Who is to choose its agent first is put there when it has.
    """
    call.digits = ""
    rules = kit.distribution.rules(call.queue or "")
    prefer(call, kit, rules)
    if not to_be_asked(call, kit, rules):
        kit.distribution.wait(call, kit.settings.wanted_seat_wait_s)
