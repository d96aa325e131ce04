"""Tells the outside what happens on the floor, as events: states of agents, queues and lines."""

from lab_server.floor.api.messages import EVENTS_TOPIC, FloorEvent
from lab_server.floor.api.picture import agent_state, contact_state, queue_states
from lab_server.floor.call import Call, Outcome, Stage
from lab_server.floor.floor import Floor
from lab_server.routing.agents import Agent
from telephony.bus import Endpoint
from telephony.clock import Clock


class Feed:
    """A `floor.kit.Listener` that posts to the bus."""

    def __init__(self, bus: Endpoint, clock: Clock, floor: Floor) -> None:
        self._bus = bus
        self._clock = clock
        self._floor = floor

    def stage_entered(self, call: Call, stage: Stage) -> None:
        data = contact_state(call, self._clock.monotonic()) | {"stage": stage.value, "offered": list(call.offered)}
        self._tell("contact", data, call)
        if stage in {Stage.QUEUED, Stage.RINGING, Stage.TALKING}:
            self._queues()

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
        self._post("agent", agent_state(agent, self._clock.monotonic()), agent.contact, (agent.seat,))

    def _queues(self) -> None:
        self._post("queues", {"queues": queue_states(self._floor.calls(), self._clock.monotonic())}, None, ())

    def _tell(self, event: str, data: dict[str, object], call: Call) -> None:
        legs = [leg.seat for leg in call.legs() if leg.seat is not None]
        self._post(event, data, call.contact, tuple(dict.fromkeys([*call.offered, *legs])))

    def _post(self, event: str, data: dict[str, object], contact: str | None, seats: tuple[str, ...]) -> None:
        self._bus.post(
            EVENTS_TOPIC,
            FloorEvent(event=event, at=self._clock.utc().isoformat(), contact=contact, seats=seats, data=data),
        )
