"""The simulator's `Floor`, bound to the real one: a caller's life runs the same in simulated time and on the line."""

from collections.abc import Callable

from simpy import Environment, Event

from simulator.floor import CallerCase, Ending


class LiveVisit:
    """One attempt on the line. The events are succeeded from outside, at the moment the floor tells of them."""

    def __init__(self, env: Environment, case_id: str, attempt: int, leave: Callable[["LiveVisit"], None]) -> None:
        self.case_id = case_id
        self.attempt = attempt
        self._served = env.event()
        self._ended = env.event()
        self._leave = leave

    @property
    def served(self) -> Event:
        return self._served

    @property
    def ended(self) -> Event:
        return self._ended

    def leave(self) -> None:
        self._leave(self)

    def was_served(self) -> None:
        """An agent and the caller talk. Told twice, it counts once."""
        if not self._served.triggered:
            self._served.succeed()

    def has_ended(self, ending: Ending) -> None:
        """The visit is over. Told twice, it counts once."""
        if not self._ended.triggered:
            self._ended.succeed(ending)


class LiveFloor:
    """`place` sends the caller to the real floor, `leave` takes it away again; neither may block."""

    def __init__(
        self, env: Environment, place: Callable[[LiveVisit], None], leave: Callable[[LiveVisit], None]
    ) -> None:
        self._env = env
        self._place = place
        self._leave = leave

    def enter(self, case: CallerCase, attempt: int) -> LiveVisit:
        visit = self.visit(case.case_id, attempt)
        self._place(visit)
        return visit

    def visit(self, case_id: str, attempt: int) -> LiveVisit:
        """A visit that is under way already: what a restarted brain resumes with."""
        return LiveVisit(self._env, case_id, attempt, self._leave)
