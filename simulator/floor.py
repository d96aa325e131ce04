"""What a caller meets when it rings: the one seam between a caller's life and whatever answers it.

In simulated time it is `simulator.agents.ModelFloor`; on the wall clock the classroom binds it to the real switch: its
`enter` sends a caller's plan to a SIP worker, and the events are succeeded as the floor's news come in
(`simulator.pacing.Pace.call_soon`). All times are seconds of the SimPy environment.
"""

from typing import Literal, NamedTuple, Protocol

from simpy import Event

Ending = Literal["completed", "abandoned", "refused", "broken"]
"""How a visit ended, the value of `Visit.ended`: talked to the end; the caller's side gave up by itself (a live caller
carries its own patience, too); turned away (busy, closed, queue full); or something failed (a worker died)."""


class CallerCase(NamedTuple):
    """Who rings: drawn before the class begins, so that the same seed gives the same callers.

    `patience_s`: how long it waits to be served in each attempt, `inf` for ever. `rings_again`: the pause in seconds
    before each further attempt, after giving up or being turned away; an empty tuple never rings again.
    """

    arrives_at_s: float
    patience_s: float
    rings_again: tuple[float, ...] = ()
    case_id: str = ""


class Visit(Protocol):
    """One attempt of one caller on the floor."""

    @property
    def served(self) -> Event:
        """Succeeds when the caller begins to talk with an agent; never, if that does not happen."""
        ...

    @property
    def ended(self) -> Event:
        """Succeeds with an `Ending` when the visit is over. Need not come after `leave`."""
        ...

    def leave(self) -> None:
        """The caller's patience is over: it hangs up. Called at most once, and only before `served`."""
        ...


class Floor(Protocol):
    """Where callers go."""

    def enter(self, case: CallerCase, attempt: int) -> Visit:
        """The caller rings now, for the `attempt`-th time (from 1). May raise only if the whole run is to stop."""
        ...
