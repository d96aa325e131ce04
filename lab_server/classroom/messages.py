"""What the classroom says and hears on the bus. Topic `floor` carries the live picture."""

from telephony.bus import Message

FLOOR_TOPIC = "floor"


class StartSession(Message):
    """Run the session whose rows have been drawn. Repeating it is harmless."""

    session: str


class StopSession(Message):
    """End the session: no further arrivals, every call of it hung up."""

    session: str


class SessionEnded(Message):
    """All calls of the session are over and graded (or could not be)."""

    session: str
    status: str
    why: str = ""


class AgentPicture(Message):
    seat: str
    state: str
    since_s: float
    contact: str | None = None
    robot: bool = False


class FloorPicture(Message):
    """The floor at one moment: sent twice a second to topic `floor` while a session runs."""

    session: str
    status: str
    cases: int
    planned: int
    waiting: int
    ringing: int
    talking: int
    ended: int
    graded: int
    agents: tuple[AgentPicture, ...]
    elapsed_s: float
    note: str = ""
