"""Who may hear which event. What an event is about is his own whose seat it names."""

from collections.abc import Mapping

from lab_server.desk.rights import Right, may
from lab_server.floor.api.messages import FloorEvent
from lab_server.store.tables import Role

EVENTS: Mapping[str, Right] = {
    "agent": Right.QUEUE_READ,
    "queues": Right.QUEUE_READ,
    "contact": Right.CALL_READ,
    "ended": Right.CALL_READ,
    "places": Right.CALL_READ,
    "conference": Right.CALL_READ,
    "set_aside": Right.AGENT_SET_OWN,
    "mailbox": Right.MAILBOX_READ,
    "callbacks": Right.CALLBACK_READ,
    "alert": Right.ALERTS_READ,
}
"""The right that hearing it needs; a role that has it only for its own hears only of its own seat."""


def may_hear(role: Role, seat: str | None, event: FloorEvent) -> bool:
    """Whether somebody of this role, at this seat or at none, may hear the event. An unknown one nobody does."""
    right = EVENTS.get(event.event)
    return right is not None and may(role, right, own=seat is not None and seat in event.seats)
