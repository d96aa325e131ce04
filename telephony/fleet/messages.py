"""What the fleet is asked and what it tells. It also takes every command of `telephony.useragent.messages`."""

from typing import Annotated

from pydantic import Field

from telephony.bus import Message
from telephony.useragent.messages import Number, Role


class EnsureFleet(Message):
    """Keep room for `capacity` calls (callers) or accounts (robots): as many workers as that takes, 0 for none.

    Fewer than before: workers without calls and accounts are stopped, the others when their calls are over.
    """

    role: Role
    capacity: Annotated[int, Field(ge=0, le=4000)]


class WhereIs(Message):
    """Which worker expects a call to this number? Answered with `Host`."""

    number: Number


class Host(Message):
    """Where to send an INVITE for `number`; port 0 when nobody expects a call there."""

    number: str
    address: str = ""
    port: int = 0


class AskFleet(Message):
    """Answered with `FleetState`."""


class WorkerState(Message):
    """One worker. `sip_port` is 0 until it is ready; `seats`: its accounts and whether each is registered."""

    name: str
    role: Role
    pid: int | None
    sip_address: str
    sip_port: int
    calls: tuple[str, ...]
    seats: dict[str, bool]


class FleetState(Message):
    """Every worker as the fleet knows it. Sent to `brain` on every change, at most ten times a second."""

    workers: tuple[WorkerState, ...]
