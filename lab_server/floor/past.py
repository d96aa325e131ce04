"""What happened to channels while no brain was there to see it, from the switch's own log of them (CEL)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from lab_server.floor.call import Call, Leg
from telephony.asterisk.cel import ChannelEvent


@dataclass
class Trace:
    """One channel's times; None for what has not happened, or is not in the log."""

    channel: str
    contact: str = ""
    leg: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Past:
    """Traces by channel id. Without a log it knows nothing, and things happened when they were noticed."""

    traces: dict[str, Trace] = field(default_factory=dict)

    def recall(self, call: Call, agent_was_there: bool) -> None:
        """Give the call's legs their real times, and back the agent's leg that went (if there was one)."""
        if call.agent is None and agent_was_there:
            call.agent = self._agent_gone(call)
        if call.direction == "conf":
            call.notes["member"] = str(max(self._members(call)))
        for leg in call.legs():
            trace = self.traces.get(leg.channel)
            if trace is not None:
                leg.up = leg.up or trace.answered_at is not None
                leg.up_at = leg.up_at or trace.answered_at
                leg.gone_at = leg.gone_at or trace.ended_at

    def _members(self, call: Call) -> Iterator[int]:
        """The numbers that members have had, gone or not: none is given twice."""
        yield int(call.notes.get("member", "0"))
        begins = f"{call.contact}-member-"
        for channel in self.traces:
            number = channel.removeprefix(begins)
            if channel.startswith(begins) and number.isdecimal():
                yield int(number)

    def close(self, call: Call, lost_at: datetime | None = None) -> None:
        """When did a call end that is not there any more, and who hung up first?

        `lost_at`: when the switch was last heard; what its log does not tell ended with it.
        """
        self.recall(call, agent_was_there=call.served)
        ends = [(leg.gone_at, leg.name) for leg in call.legs() if leg.gone_at is not None]
        if ends and len(ends) == len(call.legs()):
            first = min(ends)[1]
            call.released_by = call.released_by or ("customer" if first == "customer" else "agent")
        for leg in call.legs():
            leg.gone_at = leg.gone_at or lost_at
        call.ended_at = max((leg.gone_at for leg in call.legs() if leg.gone_at is not None), default=lost_at)

    def _agent_gone(self, call: Call) -> Leg | None:
        gone = [
            trace
            for trace in self.traces.values()
            if trace.contact == call.contact and trace.leg.startswith("agent-") and trace.ended_at is not None
        ]
        if not gone:
            return None
        last = max(gone, key=lambda trace: (len(trace.leg), trace.leg))
        answered = last.answered_at is not None
        return Leg(last.channel, last.leg, up=answered, gone=True, seat=call.seat, rung=True, talked=answered)


def past(events: Iterable[ChannelEvent]) -> Past:
    """Read from the log's events, oldest first."""
    traces: dict[str, Trace] = {}
    for event in events:
        trace = traces.setdefault(event.channel_id, Trace(event.channel_id))
        trace.contact, trace.leg = event.contact or trace.contact, event.leg or trace.leg
        if event.kind == "ANSWER":
            trace.answered_at = trace.answered_at or event.at
        elif event.kind in {"HANGUP", "CHAN_END"}:
            trace.ended_at = trace.ended_at or event.at
    return Past(traces)
