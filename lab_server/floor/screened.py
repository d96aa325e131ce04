"""The door: who rings, which line was dialled, whether it is open; then what is said first, and the way on."""

from lab_server.desk.numbers import e164
from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.floor.kit import Kit
from lab_server.floor.knowing import mode_of
from lab_server.floor.onward import go_on
from lab_server.routing.plan import Arrival
from lab_server.routing.screening import Action, Caller


def customer(call: Call) -> Leg:
    """The customer's leg, which an inbound contact has from its first moment."""
    if call.customer is None:
        raise LookupError(f"contact {call.contact} has no customer's leg")
    return call.customer


async def screened(call: Call, kit: Kit) -> Stage:
    """Decide before anything is answered: who is refused hears the busy tone, and pays nothing."""
    arrival = await arrived(call, kit)
    if arrival.to is None:
        return await _refused(call, kit)
    await kit.switch.answer(customer(call))
    return Stage.GREETED


async def greeted(call: Call, kit: Kit) -> Stage:
    """Say what the line, the hours and the caller's standing ask for; keys count already for what comes next."""
    arrival = await arrived(call, kit)
    if arrival.to is None:  # put on the list since an earlier brain let it in
        return await _refused(call, kit)
    for prompt in arrival.prompts:
        await kit.switch.prompt(call, customer(call), prompt)
    return await go_on(call, kit, arrival.to)


async def arrived(call: Call, kit: Kit) -> Arrival:
    """Where this call begins; looked up once, and again by a brain that finds it at the door."""
    if call.arrival is not None:
        return call.arrival
    known = await kit.directory.caller(call.customer_number, mode_of(call))
    caller = Caller(
        number=call.customer_number,
        dialled=call.dialled,
        e164=e164(call.customer_number),
        dialled_e164=e164(call.dialled),
        withheld=known.hides,
        recognised=known.known,
        vip=known.is_vip,
        blacklisted=known.blacklisted,
    )
    plan = kit.settings.plan
    arrival = call.arrival = plan.arrival(caller, kit.now_utc())
    line = plan.lines[arrival.line]
    call.facts, call.language, call.last_seat = arrival.facts, arrival.facts.language, known.last_seat
    call.priority, call.music = arrival.verdict.priority, line.music
    customer(call).notes |= {
        "language": arrival.facts.language, "priority": str(call.priority or ""), "music": call.music,
        "last": call.last_seat or "",
    }  # fmt: skip
    kit.book.noted(call, "contact.screened", _said(arrival))
    return arrival


async def _refused(call: Call, kit: Kit) -> Stage:
    call.outcome, call.released_by = Outcome.REFUSED, "system"
    await kit.hang_up(call, customer(call), "busy")
    return Stage.ENDED


def _said(arrival: Arrival) -> dict[str, object]:
    """For the journal: what was decided, and why."""
    verdict = arrival.verdict
    return {
        "line": arrival.line, "period": arrival.period.name if arrival.period else "", "action": verdict.action,
        "why": verdict.reason, "priority": verdict.priority, "to": str(arrival.to or ""),
        "refused": verdict.action is Action.REFUSE,
    }  # fmt: skip
