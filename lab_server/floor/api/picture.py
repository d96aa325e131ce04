"""The floor as it is now: agents, queues, lines, conferences, mailboxes, call-backs that wait.

Numbers and names of others' contacts are for supervisors.
"""

from collections import Counter, defaultdict
from typing import Any

from lab_server.desk.rights import Right, may
from lab_server.floor.api.actor import Actor
from lab_server.floor.call import Call, Place, Stage
from lab_server.floor.conference import LOCKED, TITLE, members, owner
from lab_server.floor.floor import Floor
from lab_server.floor.kit import Kit
from lab_server.floor.mailbox_place import boxes_of
from lab_server.floor.parking import SLOT
from lab_server.floor.recording import is_paused
from lab_server.routing.agents import Agent


def floor_state(floor: Floor, kit: Kit, actor: Actor) -> dict[str, Any]:
    """`agents`, `queues`, `contacts`, `conferences`, `mailboxes` and `callbacks`, ready for JSON.

    Times are seconds in the present state. Of what the actor may not see there is nothing.
    """
    now_s, calls = kit.clock.monotonic(), floor.calls()
    agents = [agent_state(agent, now_s) for agent in sorted(kit.distribution.agents(), key=lambda one: one.seat)]
    seen = [
        contact_state(call, now_s)
        for call in calls
        if may(actor.role, Right.CALL_READ, own=actor.seat is not None and call.leg_at(actor.seat) is not None)
    ]
    held = [
        conference_state(call)
        for call in calls
        if call.direction == "conf" and may(actor.role, Right.CALL_READ, own=_takes_part(actor, call))
    ]
    return {
        "agents": agents,
        "queues": queue_states(calls, now_s),
        "contacts": seen,
        "conferences": held,
        "mailboxes": mailboxes_of(kit, actor) if may(actor.role, Right.MAILBOX_READ, own=True) else [],
        "callbacks": callback_states(kit) if may(actor.role, Right.CALLBACK_READ, own=True) else [],
    }


def _takes_part(actor: Actor, call: Call) -> bool:
    return actor.seat is not None and (owner(call) == actor.seat or call.leg_at(actor.seat) is not None)


def conference_state(call: Call) -> dict[str, Any]:
    """Who called it, who takes part or is rung."""
    return {
        "contact": call.contact,
        "title": call.notes.get(TITLE, ""),
        "owner": owner(call),
        "locked": bool(call.notes.get(LOCKED)),
        "members": [
            {"leg": leg.name, "seat": leg.seat, "number": leg.number, "answered": leg.up, "muted": leg.muted}
            for leg in members(call)
        ],
    }


def mailboxes_of(kit: Kit, actor: Actor) -> list[dict[str, Any]]:
    """The mailboxes that the actor may hear, with how many messages are new and old."""
    names = mailbox_names(kit)
    if not may(actor.role, Right.MAILBOX_READ, own=False):
        names = [name for name in names if actor.seat is not None and name in boxes_of(kit, actor.seat)]
    counts = {name: kit.mailboxes.counts(name) for name in names}
    return [{"mailbox": name, "new": one.new, "old": one.old} for name, one in counts.items()]


def mailbox_names(kit: Kit) -> list[str]:
    """Every mailbox there is: the plan's, then the seats' own."""
    plan = kit.settings.plan
    return list(dict.fromkeys([*plan.mailboxes, *(name for seat in plan.seats for name in boxes_of(kit, seat))]))


def callback_states(kit: Kit) -> list[dict[str, Any]]:
    """How many call-backs keep a place in each queue now; those that are not due yet keep none."""
    waiting = Counter(one.queue for one in kit.distribution.waiting() if one.callback)
    return [{"queue": queue, "waiting": waiting[queue]} for queue in sorted(waiting)]


def place_states(kit: Kit) -> list[dict[str, Any]]:
    """Everybody who waits, with the place in the queue (from 1) and how long it is expected to wait, if known."""
    distribution = kit.distribution
    places = []
    for one in distribution.waiting():
        expected_s = distribution.expected_wait_s(one.contact)
        places.append(
            {
                "contact": one.contact,
                "queue": one.queue,
                "place": distribution.place(one.contact),
                "callback": one.callback,
                "expected_s": None if expected_s is None else round(expected_s, 1),
            }
        )
    return places


def agent_state(agent: Agent, now_s: float) -> dict[str, Any]:
    return {
        "seat": agent.seat,
        "state": agent.state.value,
        "reason": agent.reason,
        "contact": agent.contact,
        "for_s": round(max(0.0, now_s - agent.since_s), 1),
    }


def queue_states(calls: list[Call], now_s: float) -> list[dict[str, Any]]:
    """How many wait in each queue that somebody is in, and how long the first of them has."""
    waits: dict[str, list[float]] = defaultdict(list)
    for call in calls:
        if call.stage in {Stage.QUEUED, Stage.RINGING} and call.queue and call.waiting_since_s is not None:
            waits[call.queue].append(now_s - call.waiting_since_s)
    return [
        {"queue": queue, "waiting": len(waits[queue]), "longest_s": round(max(waits[queue]), 1)}
        for queue in sorted(waits)
    ]


def contact_state(call: Call, now_s: float) -> dict[str, Any]:
    """One line: who is in it, and where."""
    waited = None if call.waiting_since_s is None else round(now_s - call.waiting_since_s, 1)
    return {
        "contact": call.contact,
        "direction": call.direction,
        "stage": (Stage.HELD if call.held else call.stage).value,
        "number": call.customer_number,
        "dialled": call.dialled,
        "queue": call.queue or "",
        "seat": call.seat,
        "since_queued_s": waited,
        "slot": call.customer.notes.get(SLOT, "") if call.customer is not None else "",
        "recorded": not is_paused(call),
        "legs": [
            {
                "leg": leg.name,
                "seat": leg.seat,
                "number": leg.number,
                "answered": leg.up,
                "place": leg.place.value,
                "muted": leg.muted,
            }
            for leg in call.legs()
            if not leg.gone and leg.place is not Place.OUT
        ],
    }
