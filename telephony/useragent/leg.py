"""One call from the first order to the last report."""

import logging
from collections.abc import Callable

from telephony.bus import Message
from telephony.clock import Clock
from telephony.useragent.call import SipCall
from telephony.useragent.conversation import Conversation
from telephony.useragent.messages import (
    AskStage,
    Brief,
    CallAnswered,
    CallEnded,
    CallPlaced,
    Cause,
    DialOut,
    ExpectCall,
    LineSaid,
    Party,
    PlaceCall,
    Spoken,
    TransferTold,
)
from telephony.useragent.session import Said, Session

log = logging.getLogger(__name__)

CallOrder = PlaceCall | ExpectCall | DialOut | Brief


class Leg:
    """Holds a conversation and, once there is one, its SIP call. `turn` it; when `over`, the last report is out.

    `report` sends to the brain, `publish` to the contact's topic; `contact_known` is told when the contact is learnt
    from the switch's answer.
    """

    def __init__(
        self,
        order: CallOrder,
        *,
        contact: str,
        seat: str,
        conversation: Conversation,
        party: Party,
        clock: Clock,
        report: Callable[[Message], None],
        publish: Callable[[Spoken], None],
        contact_known: Callable[[str], None],
    ) -> None:
        self.call_id = order.call_id
        self.contact = contact
        self.seat = seat
        self.over = False
        self.call: SipCall | None = None
        self._conversation = conversation
        self._party = party
        self._clock = clock
        self._report = report
        self._publish = publish
        self._contact_known = contact_known
        self._stage = order.stage
        self._max_s = order.max_s
        self._began = clock.monotonic()
        self._answer_at: float | None = None
        self._incoming = False
        self._session: Session | None = None
        self._lines: list[LineSaid] = []
        self._ours: tuple[Cause, str] | None = None

    def placed(self, call: SipCall) -> None:
        """The INVITE has gone out."""
        self._attach(call)

    def rings(self, call: SipCall, answer_after_s: float | None) -> None:
        """The INVITE has come in; answer it after a while, or never (None)."""
        self._incoming = True
        self._attach(call)
        call.respond(180)
        if answer_after_s is not None:
            self._answer_at = self._clock.monotonic() + answer_after_s

    def turns_away(self, call: SipCall) -> None:
        """The INVITE has come in and is refused as busy."""
        self._incoming = True
        self._attach(call)
        self._ours = ("rejected", "busy")
        call.respond(486)

    def stage_changed(self, stage: str) -> None:
        self._stage = stage
        if self._session is not None:
            self._guarded(self._session.stage_changed, stage, self._now_s())

    def told(self, spoken: Spoken) -> None:
        if self._session is not None and spoken.role != self._party:
            self._session.told(spoken.intents, self._now_s())

    def end(self, cause: Cause, reason: str) -> None:
        """Hang up, or give up waiting. The last report follows when the call has gone."""
        if self.over or self._ours is not None:
            return
        self._ours = (cause, reason)
        if self.call is None:
            self._close(0, "")
        else:
            self.call.hang_up()

    def drop(self) -> None:
        """Let the SIP call's object go now, by breaking the circle through the session.

        pjsua2 gives a call's number to the next one, and an old object that goes late takes the new call's events away.
        """
        if self.call is not None:
            self.call.stop()
        self.call = self._session = None

    def turn(self) -> None:
        """Do what is due; cheap when nothing is."""
        call, now = self.call, self._clock.monotonic()
        if self.over or call is None:
            return
        while call.referred:
            told = call.referred.popleft()
            self._report(
                TransferTold(
                    call_id=self.call_id, contact=self.contact, code=told.code, reason=told.reason, final=told.final
                )
            )
        if call.contact and not self.contact:
            self.contact = call.contact
            self._contact_known(self.contact)
        if call.ended is not None:
            self._close(call.ended.code, call.ended.reason)
            return
        if self._ours is not None:
            return  # hung up: the library tells when it is gone, at the latest by its own time-out
        if self._answer_at is not None and now >= self._answer_at:
            self._answer_at = None
            call.respond(200)
        if self._session is None and call.answered_at is not None:
            self._answered(call)
        if self._session is not None:
            self._guarded(self._session.turn, self._now_s())
            if self._session.hang_up_reason is not None:
                self._ours = self._ours or ("we_hung_up", self._session.hang_up_reason)
        if now - (call.answered_at or self._began) > self._max_s:
            self.end("time_limit", f"longer than {self._max_s:g} s")

    def _attach(self, call: SipCall) -> None:
        self.call = call
        self.contact = self.contact or call.contact
        self._began = self._clock.monotonic()
        self._report(
            CallPlaced(call_id=self.call_id, contact=self.contact, at_utc=self._clock.utc(), monotonic_s=self._began)
        )

    def _answered(self, call: SipCall) -> None:
        self._session = Session(self._conversation, call, self._said, self._stage)
        assert call.answered_at is not None  # noqa: S101 (for the type checker; the caller has looked)
        self._report(
            CallAnswered(
                call_id=self.call_id, contact=self.contact, at_utc=self._clock.utc(), monotonic_s=call.answered_at
            )
        )
        if self.contact and not self._stage:
            self._report(AskStage(contact=self.contact))  # in case the news of it came before we listened
        self._guarded(self._session.answered)

    def _said(self, said: Said) -> None:
        line = LineSaid(
            call_id=self.call_id,
            contact=self.contact,
            line=said.say.line,
            facts=said.say.facts,
            intents=said.say.intents,
            began_s=round(said.began_s, 3),
            ended_s=round(said.ended_s, 3),
            cut=said.cut,
        )
        self._lines.append(line)
        self._report(line)
        if said.say.intents and not said.cut:
            self._publish(Spoken(contact=self.contact, role=self._party, intents=said.say.intents, line=said.say.line))

    def _guarded(self, act: Callable[..., None], *arguments: object) -> None:
        """A conversation that fails ends its own call with the reason, and no other."""
        try:
            act(*arguments)
        except Exception as error:  # whatever it is, it is reported as this call's fault
            log.exception("%s: its conversation failed", self.call_id)
            self.end("fault", f"{type(error).__name__}: {error}")

    def _close(self, code: int, reason: str) -> None:
        duration_s = self._now_s() if self._session is not None else 0.0
        if self._session is not None:
            self._session.ended(duration_s)
        self.over = True
        cause, why = self._ours or (self._their_cause(code), reason)
        self._report(
            CallEnded(
                call_id=self.call_id,
                contact=self.contact,
                cause=cause,
                sip_code=code,
                duration_s=round(duration_s, 3),
                reason=why,
                lines=tuple(self._lines),
            )
        )
        self.drop()

    def _their_cause(self, code: int) -> Cause:
        if self._session is not None or (self.call is not None and self.call.answered_at is not None):
            return "they_hung_up"
        if self._incoming or code == 487:
            return "never_answered"
        return "rejected"

    def _now_s(self) -> float:
        """Seconds since the answer."""
        answered_at = self.call.answered_at if self.call is not None else None
        return self._clock.monotonic() - answered_at if answered_at is not None else 0.0
