"""Decide a whole class before it begins: the session, its cases and when each caller rings, as rows."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from sqlmodel import Session, col, select

from datasets.language import Language
from datasets.numbers import DEFAULT, NumberRanges
from lab_server.desk.users import at_seat, ensure_user, sit_down
from lab_server.drawn import as_row
from lab_server.ids import new_id
from lab_server.store.tables import Case as CaseRow
from lab_server.store.tables import LabSession
from scenarios.case import Case
from scenarios.persona import draw_case
from scenarios.profiles import ProfileName
from scenarios.schema import Scenario
from simulator.arrivals import poisson
from telephony.clock import Clock

ROBOTS: tuple[ProfileName, ...] = ("perfect", "careless", "slow", "rude", "lost")
"""Which kind of robot sits at each seat, in turn."""
CALL_S = 24.0
"""About how long a scenario's call keeps an agent busy; measured on the three of the library."""
FIRST_CALL_S = 1.0
"""The first caller rings so soon after the beginning; nobody waits for a class to begin."""
LOAD = 2.8
"""Calls offered per agent's capacity: over 1, so that a class sees a queue."""


class LaunchError(Exception):
    """The class can't be run as it was asked for."""

    def __init__(self, error_id: str, message: str) -> None:
        super().__init__(message)
        self.error_id = error_id


@dataclass(frozen=True)
class ClassPlan:
    """What an instructor asks for. `scenarios` are taken in turn; `profiles` go round the robots' seats.

    `numbers`: what the callers ring from. `load`: calls offered per robot's capacity.
    """

    agents: int
    calls: int
    seed: int
    language: Language
    scenarios: Sequence[Scenario]
    profiles: Sequence[ProfileName] = ROBOTS
    numbers: NumberRanges = DEFAULT
    load: float = LOAD

    def check(self, seats: int) -> None:
        """Raises LaunchError with the reason."""
        if not 1 <= self.agents <= seats:
            raise LaunchError("agents", f"{self.agents} agents: there are seats for 1 to {seats}; see RINGSIDE_SEATS")
        if not 1 <= self.calls <= 5000:
            raise LaunchError("calls", f"{self.calls} calls: expected 1 to 5000")
        if not self.scenarios:
            raise LaunchError("scenarios", "no scenario was chosen; see: ringside scenario list")
        for scenario in self.scenarios:
            if self.language not in scenario.languages:
                raise LaunchError("language", f"scenario {scenario.id} is not written in {self.language}")


@dataclass(frozen=True)
class Draw:
    """One drawn case and when it rings, in seconds after the class's start."""

    case: Case
    arrives_at_s: float


def draw(plan: ClassPlan, today: date) -> list[Draw]:
    """All cases of the class. Depends on nothing but the plan and the day, so the same seed gives the same class."""
    chance = random.Random(f"{plan.seed}/arrivals")  # noqa: S311 (a class, no lock)
    rate_per_h = plan.agents * plan.load * 3600.0 / CALL_S
    times = list(islice(poisson(chance, rate_per_h), plan.calls))
    draws = []
    for index, arrives_at_s in enumerate(time - times[0] + FIRST_CALL_S for time in times):
        scenario = plan.scenarios[index % len(plan.scenarios)]
        case = draw_case(scenario, plan.language, plan.seed, index, today, ranges=plan.numbers)
        draws.append(Draw(case, round(arrives_at_s, 3)))
    return draws


def launch(
    session: Session,
    plan: ClassPlan,
    draws: Sequence[Draw],
    seats: Sequence[str],
    *,
    name: str,
    site_id: str,
    now: datetime,
    engines: dict[str, str],
) -> str:
    """Write the class down for the agents at `seats`; returns the session's id."""
    row = LabSession(
        id=new_id(),
        site_id=site_id,
        name=name,
        seed=plan.seed,
        language=plan.language,
        scenarios={scenario.id: scenario.model_dump(mode="json", by_alias=True) for scenario in plan.scenarios},
        plan={"agents": plan.agents, "calls": plan.calls, "seats": list(seats), "profiles": list(plan.profiles)},
        engines=engines,
        created_at=now,
    )
    session.add(row)
    session.flush()
    for each in draws:
        session.add(as_row(each.case, site_id=site_id, session_id=row.id, arrives_at_s=each.arrives_at_s))
    return row.id


def seat_robots(session: Session, clock: Clock, site_id: str, seats: Sequence[str]) -> None:
    """A robot student at each of these seats. Raises LaunchError if a person sits at one of them."""
    for number in seats:
        holder = at_seat(session, site_id, number)
        if holder is not None and not holder.is_robot:
            raise LaunchError("seat_taken", f"seat {number} belongs to {holder.name}; robots sit only at free seats")
        if holder is None:
            robot = ensure_user(
                session, clock, site_id=site_id, login=f"robot-{number}", name=f"Robot {number}", role="student",
                is_robot=True,
            )  # fmt: skip
            sit_down(session, robot, number)


def cases_of(session: Session, session_id: str) -> list[CaseRow]:
    """The session's cases in the order they were drawn."""
    return list(session.exec(select(CaseRow).where(col(CaseRow.session_id) == session_id).order_by(col(CaseRow.index))))
