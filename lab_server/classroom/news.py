"""What the workers and the floor tell of a session's contacts, and what follows from it. All of it returns at once."""

from lab_server.classroom import rows
from lab_server.classroom.desk_work import DeskWork
from lab_server.classroom.dialling import Dialling, seat_of
from lab_server.classroom.endings import ending_for, ending_of
from lab_server.classroom.on_line import OnLine
from lab_server.classroom.plans import Plans
from lab_server.classroom.roll import Attempt, Roll
from lab_server.classroom.stages import Stages
from lab_server.classroom.tools import Tools
from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.floor.errands import Errands
from telephony.useragent.messages import Brief, CallBroken, CallEnded, LineSaid

UNUSUAL = frozenset({Outcome.BROKEN, Outcome.STOPPED})
"""After these a party may be left whom the switch cannot tell that it is over."""


class News:
    """Contacts that are nobody's case are passed over."""

    def __init__(
        self,
        roll: Roll,
        tools: Tools,
        plans: Plans,
        *,
        line: OnLine,
        dialling: Dialling,
        desk: DeskWork,
        stages: Stages,
        errands: Errands,
    ) -> None:
        self._roll = roll
        self._tools = tools
        self._plans = plans
        self._line = line
        self._dialling = dialling
        self._desk = desk
        self._stages = stages
        self._errands = errands

    # -- of the workers -----------------------------------------------------------------------------------------------

    def line_said(self, message: LineSaid) -> None:
        """A caller has told facts: from now on the agent may write them down."""
        attempt = self._roll.attempt(message.contact)
        if attempt is not None and message.facts:
            site = self._tools.site_id
            self._tools.writer.post(lambda session: rows.add_told(session, site, message))

    def call_reported(self, message: CallEnded) -> None:
        """A worker's last word on a call: the caller's own, or a robot student's."""
        attempt = self._roll.attempt(message.contact)
        if attempt is None:
            return
        for line in message.lines:
            self.line_said(line)
        if message.call_id != attempt.contact:
            if attempt.case.direction == "out":
                self._errands.run(self._dialling.robot_ended(attempt, message), f"end of {message.call_id}")
            return
        attempt.lines_final = True
        report = message.model_dump(mode="json", exclude={"lines"})
        self._tools.writer.post(lambda session: rows.report(session, attempt.contact, report))
        if self._tools.floor.call(attempt.contact) is None:
            self._line.ended(attempt, "completed" if attempt.served else ending_of(message.cause))

    def call_broken(self, message: CallBroken) -> None:
        """A worker died with this call: whoever is left on the line is let go, but a caller who only waits waits on."""
        attempt = self._roll.attempt(message.contact) or self._roll.attempt(message.call_id)
        if attempt is None:
            return
        self._tools.journal.append(
            attempt.contact,
            "caller.broken",
            {"call": message.call_id, "why": message.why},
            session_id=self._roll.session,
            key=f"caller.broken/{message.call_id}",
        )
        seat, floor = seat_of(message.call_id), self._tools.floor
        if seat:
            self._robot_broken(attempt, seat)
            return
        attempt.lines_final = True
        if not floor.end(attempt.contact, Outcome.BROKEN):
            self._line.end_parties(attempt, attempt.seat)
            self._line.ended(attempt, "broken")

    def _robot_broken(self, attempt: Attempt, seat: str) -> None:
        floor = self._tools.floor
        call = floor.call(attempt.contact)
        if call is None and attempt.case.direction == "out" and not attempt.served:
            self._errands.run(self._dialling.give_up(attempt, seat), f"give up {attempt.contact}")
            self._line.ended(attempt, "broken")
        elif call is None or call.seat != seat or floor.agent_lost(attempt.contact, seat):
            return
        elif call.stage in {Stage.TALKING, Stage.SCREENED, Stage.DIALLING}:
            floor.end(attempt.contact, Outcome.BROKEN)

    # -- of the floor -------------------------------------------------------------------------------------------------

    def stage_entered(self, call: Call, stage: Stage) -> None:
        attempt = self._roll.attempt(call.contact)
        if attempt is None:
            return
        self._dialling.begun(call.contact)
        self._dialling.named(call, attempt)
        if stage is Stage.QUEUED and self._roll.for_seat and not attempt.served:
            call.wanted_seat = call.wanted_seat or self._roll.for_seat
        if stage is Stage.TALKING:
            attempt.seat = call.seat or attempt.seat  # a contact that is handed on is the last one's
            self._line.served(attempt)
        elif stage is Stage.RATED:
            self._talk_over(attempt, call.seat or attempt.seat)
        self._stages.tell(call.contact, stage)

    def leg_rings(self, call: Call, leg: Leg) -> None:
        """A robot is told what to say when its phone is rung: also if it is asked, or sent this contact. Until the
        customer is there too it listens."""
        attempt = self._roll.attempt(call.contact)
        if attempt is not None and leg.role == "agent" and leg.seat in self._roll.robots:
            self._errands.run(self._brief(attempt, leg.seat), f"brief {leg.seat} for {attempt.contact}")

    def call_ended(self, call: Call, outcome: Outcome) -> None:
        attempt = self._roll.attempt(call.contact)
        if attempt is None:
            return
        attempt.served = attempt.served or call.served  # it may have ended during the announcement
        attempt.seat = call.seat or attempt.seat
        self._stages.tell(call.contact, Stage.ENDED)
        self._talk_over(attempt, attempt.seat)
        if outcome in UNUSUAL or (call.direction == "out" and outcome is not Outcome.SERVED):
            self._line.end_parties(attempt, call.seat)
        self._line.ended(attempt, ending_for(outcome))

    def _talk_over(self, attempt: Attempt, seat: str | None) -> None:
        if attempt.served and seat in self._roll.robots:
            self._desk.write_up(attempt, seat)

    async def _brief(self, attempt: Attempt, seat: str) -> None:
        brief = Brief(
            seat=seat,
            contact=attempt.contact,
            conversation=self._plans.robot(attempt, seat),
            answer_after_s=self._plans.profile(seat).answer_after_s,
        )
        await self._tools.bus.send("fleet", brief, durable=True)
