"""What is told to the workers (through the fleet) and what they report to the brain."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from telephony.bus import Message

CONTACT_HEADER = "X-Ringside-Contact"

Role = Literal["callers", "robots"]
Party = Literal["customer", "agent"]
Behaviour = Literal["answer", "busy", "no_answer"]
Plan = dict[str, Any]

CallId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/-]*$")]
ContactId = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")]
Number = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[+*#A-Za-z0-9_.-]+$")]
SipUri = Annotated[str, Field(max_length=200, pattern=r'^sip:[^\s<>"]+$')]
HeaderName = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
HeaderValue = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Seconds = Annotated[float, Field(ge=0, le=86_400)]


class _CallCommand(Message):
    """`conversation` is the whole plan of this party (its `part` says who reads it); `stage` is where the contact
    stands when the call is answered, if nobody tells it otherwise; `max_s` ends a call that would never end.
    """

    call_id: CallId
    contact: ContactId = ""
    conversation: Plan
    stage: str = ""
    max_s: Annotated[float, Field(gt=0, le=86_400)] = 900.0


class PlaceCall(_CallCommand):
    """A caller calls in: INVITE to `target` (a SIP URI) as `from_number`; the contact travels in X-Ringside-Contact."""

    target: SipUri
    from_number: Number
    from_name: HeaderValue = ""
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)


class ExpectCall(_CallCommand):
    """A customer who will be phoned at `number`. Forgotten after `expires_s` without a call."""

    number: Number
    answer_after_s: Seconds = 2.0
    expires_s: Seconds = 600.0
    behaviour: Behaviour = "answer"


class RegisterAccount(Message):
    """A robot student's phone: register `seat` at `registrar` (a SIP URI) and answer after `answer_after_s`."""

    seat: Number
    user: Number
    password: str
    registrar: SipUri
    answer_after_s: Seconds = 1.0


class Unregister(Message):
    seat: Number


class DialOut(_CallCommand):
    """A robot student dials `number` from its registered phone."""

    seat: Number
    number: Number


class Brief(Message):
    """What the robot's phone is to say in the contact that is about to ring (matched by the INVITE's header)."""

    seat: Number
    contact: ContactId
    conversation: Plan
    stage: str = ""
    max_s: Annotated[float, Field(gt=0, le=86_400)] = 900.0
    answer_after_s: Seconds | None = None
    behaviour: Behaviour = "answer"

    @property
    def call_id(self) -> str:
        """The id under which this leg is reported."""
        return f"{self.contact}/{self.seat}"


class EndCall(Message):
    """Hang up that call, whatever it is doing."""

    call_id: CallId


class TransferCall(Message):
    """The phone sends its call on by itself (REFER): to `number`, or to whom it talks in its call `replaces`."""

    call_id: CallId
    number: Number | None = None
    replaces: CallId | None = None


class HoldCall(Message):
    """The phone puts that call on hold by its own key (re-INVITE), or takes it back."""

    call_id: CallId
    on: bool = True


class EndAll(Message):
    """Hang up every call; registrations stay."""


# --- the topic contact/<id> ---------------------------------------------------------------------------------------


class StageChanged(Message):
    """The floor moved the contact on."""

    contact: ContactId
    stage: str


class Spoken(Message):
    """A robot has finished a line which expresses `intents`: its partner, who cannot understand speech, is told so."""

    contact: ContactId
    role: Party
    intents: tuple[str, ...]
    line: str


# --- reports to the brain -----------------------------------------------------------------------------------------


class WorkerReady(Message):
    """A worker has opened its SIP side. Also sent to the fleet."""

    name: str
    role: Role
    sip_address: str
    sip_port: int
    capacity: int
    pid: int


class CallPlaced(Message):
    """The INVITE has gone out, or, for a call that was expected, has come in."""

    call_id: str
    contact: str
    at_utc: datetime
    monotonic_s: float


class CallAnswered(Message):
    """The leg is up: the beginning of its recording, second 0 of its lines."""

    call_id: str
    contact: str
    at_utc: datetime
    monotonic_s: float


class LineSaid(Message):
    """One line, `began_s` to `ended_s` seconds after the answer; `cut`: the call or the talk ended before it did."""

    call_id: str
    contact: str
    line: str
    facts: dict[str, str]
    intents: tuple[str, ...]
    began_s: float
    ended_s: float
    cut: bool


Cause = Literal["we_hung_up", "they_hung_up", "rejected", "never_answered", "expired", "time_limit", "ordered", "fault"]


class CallEnded(Message):
    """The last word about a call, exactly once, with every line again, so that this report alone suffices.

    `cause`: `we_hung_up` (the conversation did, `reason` says why), `they_hung_up`, `rejected` (with `sip_code`),
    `never_answered` (given up while ringing), `expired` (an expected call never came), `time_limit`, `ordered`
    (EndCall, EndAll or the worker was stopped), `fault` (`reason` says what broke). `duration_s` is since the answer.
    """

    call_id: str
    contact: str
    cause: Cause
    sip_code: int
    duration_s: float
    reason: str
    lines: tuple[LineSaid, ...]


class TransferTold(Message):
    """What the switch tells a phone of its REFER: a SIP status, `final` when nothing follows."""

    call_id: str
    contact: str
    code: int
    reason: str
    final: bool


class CallBroken(Message):
    """The call's worker died or could not take it: what it did say since the last report is unknown."""

    call_id: str
    contact: str
    why: str


class Registered(Message):
    """The state of a seat's phone has changed. Also sent to the fleet."""

    seat: str
    ok: bool
    code: int
    reason: str


class LampShown(Message):
    """A phone was told how many messages wait for it. For information: not sent again if it is lost."""

    seat: str
    new: int
    old: int


class AskStage(Message):
    """At which stage is this contact? Asked when a call is answered without having heard of one, and when the bus was
    away. The brain answers with `StageChanged` on the contact's topic.
    """

    contact: ContactId


class CallClosed(Message):
    """To the fleet only: the worker has a free place again."""

    call_id: str
