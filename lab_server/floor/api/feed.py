"""Tells the outside what happens on the floor, as events: agents, queues, lines, conferences, messages, alerts.

`hearing.EVENTS` says who may hear them. What has not changed is not told again. News go out a moment after they
happened: a phone that is to ring is rung first, and the picture of the queues is drawn once for all that changed.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from lab_server.desk.mailboxes import Counts
from lab_server.floor.api.messages import EVENTS_TOPIC, FloorEvent
from lab_server.floor.api.picture import (
    agent_state,
    callback_states,
    conference_state,
    contact_state,
    mailbox_names,
    place_states,
    queue_states,
)
from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.floor.floor import Floor
from lab_server.floor.mailbox_place import boxes_of
from lab_server.routing.agents import NO_ANSWER, Agent, AgentState
from telephony.bus import Endpoint
from telephony.clock import Clock

MOMENT_S = 0.02
AT_ONCE = 16
"""So many are sent before the calls have another turn."""


class Feed:
    """A `floor.kit.Listener` that posts to the bus; `noted` is one of the kit's watchers."""

    def __init__(self, bus: Endpoint, clock: Clock, floor: Floor) -> None:
        self._bus = bus
        self._clock = clock
        self._floor = floor
        self._places: list[dict[str, Any]] = []
        self._callbacks: list[dict[str, Any]] = []
        self._mailboxes: dict[str, Counts] = {}
        self._alerts: dict[str, Mapping[str, Any]] = {}
        self._news: deque[FloorEvent] = deque()
        self._queues_changed = False
        self._sending: asyncio.TimerHandle | None = None

    def stage_entered(self, call: Call, stage: Stage) -> None:
        data = contact_state(call, self._clock.monotonic()) | {"stage": stage.value, "offered": list(call.offered)}
        self._tell("contact", data, call)
        if stage in {Stage.QUEUED, Stage.RINGING, Stage.TALKING}:
            self._queues()

    def leg_rings(self, call: Call, leg: Leg) -> None:
        """A colleague is asked, or somebody is rung into the talk: who rings there wants to see whose call it is."""
        if leg.seat is not None and call.stage is not Stage.RINGING:
            now_s = self._clock.monotonic()
            self._tell("contact", contact_state(call, now_s) | {"offered": [leg.seat]}, call)

    def call_ended(self, call: Call, outcome: Outcome) -> None:
        data = contact_state(call, self._clock.monotonic()) | {
            "stage": Stage.ENDED.value,
            "outcome": outcome.value,
            "by": call.released_by or "system",
            "rating": call.rating,
        }
        self._tell("ended", data, call)
        self._queues()

    def agent_changed(self, agent: Agent) -> None:
        data = agent_state(agent, self._clock.monotonic())
        self._post("agent", data, agent.contact, (agent.seat,))
        if agent.state is AgentState.NOT_READY and agent.reason == NO_ANSWER:
            self._post("set_aside", data, None, (agent.seat,))

    def noted(self, call: Call, kind: str) -> None:
        """A conference has changed from within: somebody was asked, came, left, was muted …"""
        if kind.startswith("conference."):
            data = conference_state(call)
            seats = [data["owner"], *(member["seat"] for member in data["members"])]
            self._post("conference", data | {"what": kind.removeprefix("conference.")}, call.contact, _each(seats))

    def mailboxes_counted(self) -> None:
        """Some mailbox's counts may have changed."""
        kit = self._floor.kit
        for name in mailbox_names(kit):
            counts = kit.mailboxes.counts(name)
            if counts != self._mailboxes.get(name, Counts()):
                self._mailboxes[name] = counts
                hearing = [seat for seat in kit.settings.plan.seats if name in boxes_of(kit, seat)]
                data = {"mailbox": name, "new": counts.new, "old": counts.old}
                self._post("mailbox", data, None, _each(hearing))

    def callbacks_changed(self) -> None:
        """Some call-back may have begun to wait, or waits no more."""
        waiting = callback_states(self._floor.kit)
        if waiting != self._callbacks:
            self._callbacks = waiting
            self._post("callbacks", {"callbacks": waiting}, None, ())

    def alerts(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """All alerts that are open now, as `desk_rows.alert_row` tells them."""
        now = {str(row["alert"]): row for row in rows}
        for which, row in now.items():
            if which not in self._alerts:
                self._post("alert", dict(row) | {"over": False}, None, ())
        for which, row in self._alerts.items():
            if which not in now:
                self._post("alert", dict(row) | {"over": True}, None, ())
        self._alerts = now

    def _queues(self) -> None:
        self._queues_changed = True
        self._soon(MOMENT_S)

    def _draw_queues(self) -> None:
        calls, now_s = self._floor.calls(), self._clock.monotonic()
        self._post("queues", {"queues": queue_states(calls, now_s)}, None, ())
        places = place_states(self._floor.kit)
        if [one | {"expected_s": None} for one in places] != self._places:
            self._places = [one | {"expected_s": None} for one in places]
            self._post("places", {"places": places}, None, ())

    def _tell(self, event: str, data: dict[str, object], call: Call) -> None:
        self._post(event, data, call.contact, _each([*call.offered, *(leg.seat for leg in call.legs())]))

    def _post(self, event: str, data: dict[str, object], contact: str | None, seats: tuple[str, ...]) -> None:
        at = self._clock.utc().isoformat()
        self._news.append(FloorEvent(event=event, at=at, contact=contact, seats=seats, data=data))
        self._soon(MOMENT_S)

    def _soon(self, delay_s: float) -> None:
        if self._sending is None:
            self._sending = asyncio.get_running_loop().call_later(delay_s, self._send)

    def _send(self) -> None:
        self._sending = None
        if self._queues_changed:
            self._queues_changed = False
            self._draw_queues()
        for _ in range(min(AT_ONCE, len(self._news))):
            self._bus.post(EVENTS_TOPIC, self._news.popleft())
        if self._news:
            self._soon(0.0)


def _each(seats: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(seat for seat in seats if seat))
