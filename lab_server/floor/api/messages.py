"""The floor's door on the bus: the web asks, the brain answers; what happens goes to topic `floor-events`."""

from typing import Any

from lab_server.floor.api.answers import Answer
from lab_server.store.tables import Role
from telephony.bus import Message

EVENTS_TOPIC = "floor-events"


class DoOnFloor(Message):
    """A command by a user whose identity and role the sender has checked."""

    user_id: str
    name: str
    role: Role
    site_id: str
    seat: str | None = None
    key: str = ""
    command: dict[str, Any]


class FloorAnswer(Message):
    """The answer to `DoOnFloor`."""

    answer: Answer


class FloorDataChanged(Message):
    """To the brain, durable, from who has written lists, seats' settings, messages or call-backs elsewhere."""


class FloorEvent(Message):
    """Something happened on the floor. `data` is what `picture` says of the agent or the contact."""

    event: str  # one of `hearing.EVENTS`
    at: str  # UTC, ISO 8601
    contact: str | None = None
    seats: tuple[str, ...] = ()  # whose business it is
    data: dict[str, Any]
