"""The figures of a report, worked out from its calls."""

from collections.abc import Iterable, Sequence
from statistics import fmean

from lab_server.report.model import AgentPart, CallPart, SessionReport, TotalsPart

BROKEN = "broken"


def completed(report: SessionReport) -> SessionReport:
    """The report with totals, and with an entry for each agent of a call, known already or not."""
    known = {agent.seat: agent for agent in report.agents}
    for call in report.calls:
        if call.agent is not None and call.agent not in known:
            known[call.agent] = AgentPart(seat=call.agent, robot=call.robot, profile=call.profile)
    agents = [_agent(agent, [call for call in report.calls if call.agent == seat]) for seat, agent in known.items()]
    agents.sort(key=lambda agent: (len(agent.seat), agent.seat))
    return report.model_copy(update={"agents": agents, "totals": totals(report.calls)})


def totals(calls: Sequence[CallPart]) -> TotalsPart:
    """The figures of some calls."""
    answered = [call for call in calls if call.answered_at is not None]
    inbound = [call.wait_s for call in answered if call.direction == "in"]
    return TotalsPart(
        calls=len(calls),
        answered=len(answered),
        unanswered=len(calls) - len(answered),
        broken=sum(call.outcome == BROKEN for call in calls),
        graded=sum(call.score is not None for call in calls),
        passed=sum(call.passed is True for call in calls),
        mean_score=_mean(call.score for call in calls),
        mean_rating=_mean(call.rating for call in calls),
        mean_wait_s=_mean(inbound),
        longest_wait_s=max((call.wait_s for call in calls if call.wait_s is not None), default=None),
        mean_talk_s=_mean(call.talk_s for call in answered),
    )


def _agent(agent: AgentPart, calls: Sequence[CallPart]) -> AgentPart:
    figures = totals(calls)
    return agent.model_copy(
        update={
            "profile": agent.profile or next((call.profile for call in calls if call.profile), ""),
            "calls": figures.calls,
            "graded": figures.graded,
            "passed": figures.passed,
            "mean_score": figures.mean_score,
            "mean_rating": figures.mean_rating,
            "mean_talk_s": figures.mean_talk_s,
        }
    )


def _mean(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return round(fmean(there), 2) if there else None
