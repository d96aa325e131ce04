"""How an attempt ended, in the simulator's words, by what the worker, the floor or the rows say."""

from lab_server.floor.call import Outcome
from simulator.floor import Ending


def ending_of(cause: str) -> Ending:
    """How a call ended that the floor never saw, or no longer knows, by the worker's word for it."""
    if cause == "fault":
        return "broken"
    return "refused" if cause in {"rejected", "expired", "ordered"} else "abandoned"


def ending_for(outcome: Outcome) -> Ending:
    endings: dict[Outcome, Ending] = {
        Outcome.SERVED: "completed",
        Outcome.ABANDONED: "abandoned",
        Outcome.BROKEN: "broken",
    }
    return endings.get(outcome, "refused")


def known_ending(outcome: str | None, report_cause: str) -> Ending | None:
    """What the rows tell of an attempt: its contact's outcome (None: it never came to the floor, empty: still open)
    and its worker's last word (empty: not yet). None if it may still be under way.
    """
    if outcome:
        return ending_for(Outcome(outcome))
    return ending_of(report_cause) if report_cause and outcome is None else None
