"""Decide a whole class before it begins: the session, its cases and when each caller rings, as rows."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from datasets.language import Language
from lab_server.drawn import as_row
from lab_server.ids import new_id
from lab_server.store.tables import Case as CaseRow
from lab_server.store.tables import LabSession, Seat, User
from scenarios.case import Case
from scenarios.facts import Localised
from scenarios.persona import draw_case
from scenarios.schema import Scenario
from simulator.arrivals import poisson

PROFILES = ("perfect", "careless", "slow", "rude", "lost")
"""Which kind of robot sits at each seat, in turn."""
CALL_S = 24.0
"""About how long a scenario's call keeps an agent busy; measured on the three of the library."""
LOAD = 1.6
"""Calls offered per agent's capacity: over 1, so that a class sees a queue."""


class LaunchError(Exception):
    """The class can't be run as it was asked for."""

    def __init__(self, error_id: str, message: str) -> None:
        super().__init__(message)
        self.error_id = error_id


@dataclass(frozen=True)
class ClassPlan:
    """What an instructor asks for. `scenarios` are taken in turn; `profiles` go round the robots' seats."""

    agents: int
    calls: int
    seed: int
    language: Language
    scenarios: Sequence[Scenario]
    profiles: Sequence[str] = PROFILES

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
    rate_per_h = plan.agents * LOAD * 3600.0 / CALL_S
    times = poisson(chance, rate_per_h)
    draws = []
    for index, arrives_at_s in zip(range(plan.calls), times, strict=False):
        scenario = plan.scenarios[index % len(plan.scenarios)]
        draws.append(Draw(draw_case(scenario, plan.language, plan.seed, index, today), round(arrives_at_s, 3)))
    return draws


def launch(
    session: Session, plan: ClassPlan, draws: Sequence[Draw], *, site_id: str, now: datetime, engines: dict[str, str]
) -> str:
    """Write the class down; returns the session's id. The robots' users and seats are made if they are not there."""
    row = LabSession(
        id=new_id(),
        site_id=site_id,
        name=f"demo {now:%Y-%m-%d %H:%M}",
        seed=plan.seed,
        language=plan.language,
        scenarios={scenario.id: scenario.model_dump(mode="json", by_alias=True) for scenario in plan.scenarios},
        plan={"agents": plan.agents, "calls": plan.calls, "profiles": list(plan.profiles)},
        engines=engines,
        created_at=now,
    )
    session.add(row)
    session.flush()
    for each in draws:
        session.add(as_row(each.case, site_id=site_id, session_id=row.id, arrives_at_s=each.arrives_at_s))
    return row.id


def seat_robots(session: Session, site_id: str, seats: Sequence[str], titles: Localised, now: datetime) -> None:
    """A robot student at each of these seats. A seat where a person sits is refused."""
    for number in seats:
        seat = session.exec(select(Seat).where(col(Seat.site_id) == site_id, col(Seat.number) == number)).first()
        seat = seat or Seat(site_id=site_id, number=number)
        holder = session.get(User, seat.user_id) if seat.user_id else None
        if holder is not None and not holder.is_robot:
            raise LaunchError("seat_taken", f"seat {number} belongs to {holder.name}; robots sit only at free seats")
        if holder is None:
            login = f"robot-{number}"
            robot = session.exec(select(User).where(col(User.site_id) == site_id, col(User.login) == login)).first()
            if robot is None:
                robot = User(
                    site_id=site_id, login=login, name=f"{titles['en']} {number}", role="student", is_robot=True,
                    created_at=now,
                )  # fmt: skip
                session.add(robot)
                session.flush()
            seat.user_id = robot.id
        session.add(seat)


def cases_of(session: Session, session_id: str) -> list[CaseRow]:
    """The session's cases in the order they were drawn."""
    return list(session.exec(select(CaseRow).where(col(CaseRow.session_id) == session_id).order_by(col(CaseRow.index))))
