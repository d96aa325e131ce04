"""A caller waits: music, news of its place, a key for a call-back; until an agent is found or it is too late."""

from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.last_agent import ask, to_be_asked
from lab_server.floor.onward import go_on
from lab_server.floor.queue_news import tell
from lab_server.floor.screened import customer
from lab_server.floor.sending import send_to
from lab_server.routing.queues import QueueRules
from lab_server.routing.target import Kind, Target


async def queued(call: Call, kit: Kit) -> Stage:
    """Wait. An agent who is found cuts short whatever is being said."""
    leg = customer(call)
    call.queue = queue = call.queue or kit.settings.fallback
    if call.waiting_since_s is None:
        call.waiting_since_s = kit.clock.monotonic()
    rules = kit.distribution.rules(queue)
    first = call.offers == 0 and not call.adopted
    _remember(call, kit, leg)
    if call.offered:  # at once: its phone goes first, and what is to be written follows
        call.unheld = True
        return Stage.RINGING
    await kit.switch.note(leg)
    if first and not call.offered and to_be_asked(call, kit, rules):
        await ask(call, kit, rules)
    kit.distribution.wait(call, kit.settings.wanted_seat_wait_s)
    await kit.switch.note(leg, wanted=call.wanted_seat or "", wanted_s="" if call.wanted_s is None else call.wanted_s)
    if first and not call.offered:
        await kit.switch.prompt(call, leg, "queued", cut=lambda: bool(call.offered))
    if call.offered:
        call.unheld = True
        return Stage.RINGING
    await kit.switch.hold_in_queue(leg, queue, rules.music)
    call.unheld = False
    return await _wait(call, kit, queue, rules, first)


async def _wait(call: Call, kit: Kit, queue: str, rules: QueueRules, first: bool) -> Stage:
    clock, every_s = kit.clock, rules.announce_every_s
    began_s = call.back_since_s if call.back_since_s is not None else call.waiting_since_s or clock.monotonic()
    late_s = began_s + (kit.settings.max_wait_s if rules.max_wait_s is None else rules.max_wait_s)
    said_s = clock.monotonic() - (every_s or 0.0) if first else clock.monotonic()

    while True:
        due_s = late_s if every_s is None else min(late_s, said_s + every_s)
        left_s = max(0.0, due_s - clock.monotonic())
        if await call.until(lambda: bool(call.offered or call.digits), left_s):
            if call.offered:
                return Stage.RINGING
            if _ordered(call, kit, rules):
                await kit.switch.take_out_of_queue(customer(call), queue)
                return call.stage
        elif clock.monotonic() >= late_s:
            return await _late(call, kit, queue, rules)
        else:
            await tell(call, kit)
            said_s = clock.monotonic()


def _ordered(call: Call, kit: Kit, rules: QueueRules) -> bool:
    """Whether the keys since last time are an order to be called back which is taken. Other keys mean nothing."""
    keyed, call.digits = call.digits, ""
    if rules.callback_key is None or rules.callback_key not in keyed:
        return False
    try:
        send_to(call, kit, Target(Kind.CALLBACK, rules.name))
    except Refused as refused:
        kit.book.noted(call, "callback.refused", {"queue": rules.name, "error": refused.error_id, "why": str(refused)})
        return False
    return True


async def _late(call: Call, kit: Kit, queue: str, rules: QueueRules) -> Stage:
    """Nobody was free for longer than the queue lets anybody wait."""
    leg = customer(call)
    kit.book.noted(call, "queue.late", {"queue": queue, "to": str(rules.when_late)})
    await kit.switch.take_out_of_queue(leg, queue)
    if rules.when_late.kind is not Kind.HANGUP:
        return await go_on(call, kit, rules.when_late)
    kit.distribution.leave(call)
    if not call.served:
        call.outcome = Outcome.CLOSED_LOST
    await kit.switch.prompt(call, leg, "nobody-free")
    return Stage.ENDED


def _remember(call: Call, kit: Kit, leg: Leg) -> None:
    """What the next brain needs to give the caller its place again, to be written with the next note."""
    leg.notes |= {
        "queue": call.queue or "",
        "since": str(_epoch_ms(kit, call.waiting_since_s)),
        "back": str(_epoch_ms(kit, call.back_since_s)),
        "wanted": call.wanted_seat or "",
        "wanted_s": "" if call.wanted_s is None else str(call.wanted_s),
        "dropped": str(call.dropped),
        "priority": str(call.priority or ""),
    }


def _epoch_ms(kit: Kit, at_s: float | None) -> int | str:
    if at_s is None:
        return ""
    return round((kit.now_utc().timestamp() - (kit.clock.monotonic() - at_s)) * 1000)
