"""Many callers through one queue, fast: for planning runs of hundreds of thousands of callers.

The same cases, rules and draws as `callers.crowd` on an `agents.ModelFloor`, outcome by outcome (a property test holds
the two together), for callers who do not ring again. It is fast because nothing is built for a caller but two SimPy
events: patience is looked at when an agent comes to the caller in the queue; until then nobody's time depends on it.
"""

from collections import deque
from collections.abc import Iterable

from simpy import Environment, Event

from simulator import checks
from simulator.agents import Draw
from simulator.callers import Outcome, Record
from simulator.errors import TimeError
from simulator.floor import CallerCase


def play(env: Environment, cases: Iterable[CallerCase], agents: int, talk: Draw, record: Record) -> None:
    """Run `cases` (in order of arrival, read lazily) to the end through `agents` agents behind one queue.

    `talk` draws each conversation's seconds. `record` is told the outcome of a served caller when it begins to talk, of
    one who gave up when an agent would have come to it. Raises `TimeError` for a caller out of order, or one who would
    ring again.
    """
    queue: deque[CallerCase] = deque()
    idle = checks.count("agents", agents)
    coming = iter(cases)

    def await_next() -> None:
        case = next(coming, None)
        if case is None:
            return
        delay_s = case.arrives_at_s - env.now
        if not delay_s >= 0 or not case.patience_s >= 0 or case.rings_again:
            raise TimeError(f"{case}: sort by arrival, patience is 0 or more, who rings again needs `callers.crowd`")
        env.timeout(delay_s, case).callbacks.append(arrive)

    def arrive(event: Event) -> None:
        nonlocal idle
        case: CallerCase = event.value  # type: ignore[assignment]  # what `await_next` put there
        if idle:
            idle -= 1
            serve(case, 0.0)
        else:
            queue.append(case)
        await_next()

    def serve(case: CallerCase, waited_s: float) -> None:
        talk_s = talk()
        env.timeout(talk_s).callbacks.append(hang_up)
        record(case, Outcome("served", 1, waited_s, talk_s))

    def hang_up(_: Event) -> None:
        nonlocal idle
        while queue:
            case = queue.popleft()
            waited_s = env.now - case.arrives_at_s
            if waited_s <= case.patience_s:
                serve(case, waited_s)
                return
            record(case, Outcome("abandoned", 1, case.patience_s, 0.0))
        idle += 1

    await_next()
    env.run()
