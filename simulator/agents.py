"""A modelled floor for pure simulation: one queue, first come first served, and agents who talk and wrap up."""

from collections import deque
from collections.abc import Callable

from simpy import Environment, Event

from simulator import checks
from simulator.floor import CallerCase

Draw = Callable[[], float]
"""Draws one duration in seconds, for example `partial(rng.expovariate, 1 / 240)`."""


class ModelVisit:
    """One caller in the modelled queue or at a modelled agent."""

    __slots__ = ("_floor", "ended", "has_left", "served")

    def __init__(self, floor: "ModelFloor", served: Event, ended: Event) -> None:
        self._floor = floor
        self.served = served
        self.ended = ended
        self.has_left = False

    def hang_up(self, conversation: Event) -> None:
        """The conversation is over: the end of a visit that began in the queue."""
        self.ended.succeed(conversation.value)

    def leave(self) -> None:
        """Out of the queue; the place is closed up when an agent comes to it, which costs less than searching now."""
        self.has_left = True
        self._floor.waiting -= 1


class ModelFloor:
    """`agents` agents behind one queue in order of arrival; the agent idle longest takes the next call.

    `talk` draws each conversation's seconds, `wrap_up` (none by default) the agent's work after it. With `lines`, a
    caller who finds that many waiting and talking is turned away: as many lines as agents is Erlang's loss system.
    Figures to read: `waiting`, `talking`, `most_waiting`, `busy_s` per agent.
    """

    def __init__(
        self, env: Environment, agents: int, talk: Draw, wrap_up: Draw | None = None, lines: int | None = None
    ) -> None:
        checks.count("agents", agents)
        if lines is not None:
            checks.count("lines", lines)
        self._env = env
        self._talk = talk
        self._wrap_up = wrap_up
        self._lines = lines
        self._queue: deque[ModelVisit] = deque()
        self._idle = deque(range(agents))
        self._at_once = _over(env)
        self.waiting = 0
        self.talking = 0
        self.most_waiting = 0
        self.busy_s = [0.0] * agents

    def enter(self, case: CallerCase, attempt: int) -> ModelVisit:
        """A caller rings: served at once by an idle agent, else queued, else turned away."""
        env = self._env
        if self._lines is not None and self.waiting + self.talking >= self._lines:
            return ModelVisit(self, Event(env), Event(env).succeed("refused"))
        if self._idle:
            return ModelVisit(self, self._at_once, self._conversation(self._idle.popleft()))
        visit = ModelVisit(self, Event(env), Event(env))
        self._queue.append(visit)
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        return visit

    def _conversation(self, agent: int) -> Event:
        """An agent begins to talk; the returned event is the conversation's end."""
        talk_s = self._talk()
        self.busy_s[agent] += talk_s
        self.talking += 1
        over = self._env.timeout(talk_s, "completed")
        over.callbacks.append(lambda _: self._hung_up(agent))
        return over

    def _hung_up(self, agent: int) -> None:
        self.talking -= 1
        if self._wrap_up is None:
            self._next(agent)
            return
        wrap_s = self._wrap_up()
        self.busy_s[agent] += wrap_s
        self._env.timeout(wrap_s).callbacks.append(lambda _: self._next(agent))

    def _next(self, agent: int) -> None:
        """The agent is free: the first in the queue who still waits, or a rest."""
        queue = self._queue
        while queue:
            visit = queue.popleft()
            if not visit.has_left:
                self.waiting -= 1
                self._conversation(agent).callbacks.append(visit.hang_up)
                visit.served.succeed()
                return
        self._idle.append(agent)


def _over(env: Environment) -> Event:
    """An event that has already happened: all who are served at once share it, since it says nothing of its own."""
    event = Event(env)
    event._ok = True
    event._value = None
    event.callbacks = None  # type: ignore[assignment]  # how SimPy itself marks an event as over
    return event
