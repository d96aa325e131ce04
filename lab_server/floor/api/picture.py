"""The floor as it is now: agents, queues, lines. Numbers and names of others' contacts are for supervisors."""

from collections import defaultdict
from typing import Any

from lab_server.desk.rights import Right, may
from lab_server.floor.api.actor import Actor
from lab_server.floor.call import Call, Place, Stage
from lab_server.floor.floor import Floor
from lab_server.floor.kit import Kit
from lab_server.floor.parking import SLOT
from lab_server.floor.recording import is_paused
from lab_server.routing.agents import Agent


def floor_state(floor: Floor, kit: Kit, actor: Actor) -> dict[str, Any]:
    """`agents`, `queues` and `contacts`, ready for JSON; times are seconds in the present state."""
    now_s, calls = kit.clock.monotonic(), floor.calls()
    agents = [agent_state(agent, now_s) for agent in sorted(kit.distribution.agents(), key=lambda one: one.seat)]
    seen = [
        contact_state(call, now_s)
        for call in calls
        if may(actor.role, Right.CALL_READ, own=actor.seat is not None and call.leg_at(actor.seat) is not None)
    ]
    return {"agents": agents, "queues": queue_states(calls, now_s), "contacts": seen}


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
