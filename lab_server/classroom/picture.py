"""The floor at one moment, as the terminal and the pages show it."""

from lab_server.classroom.messages import AgentPicture, FloorPicture
from lab_server.classroom.roll import Roll
from lab_server.classroom.tools import Tools
from lab_server.floor.call import Stage

WAITING = frozenset({Stage.SCREENED, Stage.GREETED, Stage.MENU, Stage.QUEUED})
RINGING = frozenset({Stage.RINGING, Stage.DIALLING})
TALKING = frozenset({Stage.TALKING, Stage.RATED})


def drawn(
    roll: Roll, tools: Tools, *, status: str, note: str, cases: int, ended: int, graded: int, elapsed_s: float
) -> FloorPicture:
    """The session's own calls, and every agent."""
    stages = [call.stage for call in tools.floor.calls() if call.contact in roll.attempts]
    now_s = tools.clock.monotonic()
    return FloorPicture(
        session=roll.session,
        status=status,
        note=note,
        cases=cases,
        planned=max(0, cases - ended - len(stages)),
        waiting=sum(stage in WAITING for stage in stages),
        ringing=sum(stage in RINGING for stage in stages),
        talking=sum(stage in TALKING for stage in stages),
        ended=ended,
        graded=graded,
        agents=tuple(
            AgentPicture(
                seat=agent.seat,
                state=agent.state.value,
                since_s=max(0.0, now_s - agent.since_s),
                contact=agent.contact,
                robot=agent.seat in roll.robots,
            )
            for agent in tools.distribution.agents()
        ),
        elapsed_s=elapsed_s,
    )
