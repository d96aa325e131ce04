"""What a message is put into for its way, and its form on the wire: one frame of JSON."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from telephony.bus.errors import MalformedEnvelopeError

MAX_BYTES = 1 << 20
PROCESS_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_PLACE = r"^[A-Za-z0-9][A-Za-z0-9/_.:-]{0,99}$"

Place = Annotated[str, Field(pattern=_PLACE)]
Id = Annotated[str, Field(min_length=1, max_length=40)]


class Envelope(BaseModel):
    """`message` carries one; `ack` and `refusal` answer a durable one of the same id; `hello` and `welcome` are the
    client's and the hub's sign of life (`topics`: all the client listens to; `incarnation`: which start of the hub).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["message", "ack", "refusal", "hello", "welcome"]
    id: Id
    sender: Place
    to: Place
    kind: str = ""
    body: str = ""
    durable: bool = False
    reply_to: str = ""
    incarnation: str = ""
    topics: tuple[Place, ...] = ()

    def packed(self) -> bytes:
        return self.model_dump_json(exclude_defaults=True).encode()

    def answered(self, answer: Literal["ack", "refusal"], reason: str = "") -> "Envelope":
        return Envelope(type=answer, id=self.id, sender=self.to, to=self.sender, body=reason)


def unpacked(data: bytes) -> Envelope:
    """Read one frame; `MalformedEnvelopeError` says which field is wrong."""
    if len(data) > MAX_BYTES:
        raise MalformedEnvelopeError(f"an envelope of {len(data)} bytes; at most {MAX_BYTES} are taken")
    try:
        return Envelope.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "envelope"
        raise MalformedEnvelopeError(f"{where}: {first['msg']}") from error
