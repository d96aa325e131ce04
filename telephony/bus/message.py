"""What travels on the bus: frozen records; a message's kind is the name of its class."""

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """Base of every message. Subclasses add fields; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def kind(cls) -> str:
        return cls.__name__


class Heartbeat(Message):
    """The loop of `process` is still turning. Sent every half second to `supervisor`."""

    process: str
    pid: int
