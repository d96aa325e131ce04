"""Rows as a class leaves them: a site, two students, drawn cases, a served contact."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache

from sqlalchemy import Engine

from lab_server.desk import contacts
from lab_server.desk.desk import Desk
from lab_server.desk.users import ensure_seats, ensure_user, sit_down
from lab_server.drawn import as_row
from lab_server.ids import new_id
from lab_server.store import journal
from lab_server.store.engine import writing
from lab_server.store.tables import Attempt, Contact, LabSession, Leg, Role, Segment, Site, Told, User
from scenarios.case import Case
from scenarios.load import library
from scenarios.persona import draw_case
from scenarios.schema import Scenario

TODAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


class HandClock:
    """A clock that goes on when told to."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def utc(self) -> datetime:
        return NOON + timedelta(seconds=self.passed_s)

    def monotonic(self) -> float:
        return 1000.0 + self.passed_s

    def forward(self, seconds: float) -> None:
        self.passed_s += seconds


@dataclass
class Lab:
    """What `a_lab` has written. `cases` by scenario."""

    engine: Engine
    clock: HandClock
    site: Site
    session_id: str
    student: User
    other: User
    cases: dict[str, Case]
    case_ids: dict[str, str]
    attempts: dict[str, int] = field(default_factory=dict)

    def staff(self, role: Role) -> User:
        """The site's user of that role, named after it."""
        with writing(self.engine) as session:
            return ensure_user(session, self.clock, site_id=self.site.id, login=role, name=role, role=role)

    def stranger(self) -> User:
        """An admin of another site."""
        with writing(self.engine) as session:
            site = Site(name=new_id(), time_zone="UTC", language="en", virtual_prefixes=[])
            session.add(site)
            session.flush()
            return ensure_user(session, self.clock, site_id=site.id, login="admin", name="x", role="admin")

    @contextmanager
    def desk(self, actor: User) -> Iterator[Desk]:
        """`actor` at work, in one transaction."""
        with writing(self.engine) as session:
            yield Desk(session, self.clock, actor)

    def serve(self, scenario: str, *, ended: bool = True, seat: str = "1001") -> str:
        """A contact of that scenario's case, answered at `seat` after 3 s, talked for 60 s; returns its id."""
        case, contact_id, now = self.cases[scenario], new_id(), self.clock.utc()
        self.attempts[scenario] = self.attempts.get(scenario, 0) + 1
        user = self.student if seat == "1001" else self.other
        with writing(self.engine) as session:
            session.add(
                Attempt(
                    id=contact_id,
                    site_id=self.site.id,
                    case_id=self.case_ids[scenario],
                    number=self.attempts[scenario],
                    status="answered",
                )
            )
            session.flush()
            inbound = case.direction == "in"
            contact = contacts.begin(
                session,
                self.site,
                contact_id=contact_id,
                mode="training",
                direction=case.direction,
                trunk="lab",
                caller=case.caller_number if inbound else seat,
                called="95500" if inbound else case.caller_number,
                offered_at=now,
                session_id=self.session_id,
            )
            answered = now + timedelta(seconds=10)
            customer = Leg(
                site_id=self.site.id, contact_id=contact_id, name="customer", role="customer", started_at=now,
                answered_at=now,
            )  # fmt: skip
            agent = Leg(
                site_id=self.site.id, contact_id=contact_id, name="agent-1", role="agent", number=seat,
                user_id=user.id, started_at=answered - timedelta(seconds=3), answered_at=answered,
                ended_at=answered + timedelta(seconds=60) if ended else None,
            )  # fmt: skip
            session.add_all([customer, agent])
            session.flush()
            session.add(
                Segment(
                    site_id=self.site.id, contact_id=contact_id, seq=1, one_leg_id=customer.id, other_leg_id=agent.id,
                    began_at=answered, ended_at=agent.ended_at,
                )
            )  # fmt: skip
            contact.answered_at, contact.queue = answered, case.queue
            if ended:
                self._end(contact, answered + timedelta(seconds=68))
        self.clock.forward(80)
        return contact_id

    def end(self, contact_id: str) -> None:
        """The contact ends now, rated 5."""
        with writing(self.engine) as session:
            self._end(session.get_one(Contact, contact_id), self.clock.utc())

    def _end(self, contact: Contact, at: datetime) -> None:
        contact.ended_at, contact.stage, contact.outcome, contact.rating = at, "ended", "served", 5

    def tell_all(self, scenario: str, contact_id: str) -> dict[str, str]:
        """The caller told every fact of the case, one a second; returns key → value."""
        truth = self.cases[scenario].truth
        told = {fact.key: fact.value for fact in truth.facts if not fact.derived_from and fact.key not in truth.given}
        with writing(self.engine) as session:
            for second, (key, value) in enumerate(told.items(), start=12):
                session.add(
                    Told(
                        site_id=self.site.id, contact_id=contact_id, fact=key, value=value, line=f"line_{key}",
                        began_s=second, ended_s=second + 0.8,
                    )
                )  # fmt: skip
            rated = journal.make(
                "contact.stage", source="test", clock=self.clock, contact=contact_id, data={"stage": "rated"}
            )
            journal.record(session, [rated])
        return told


@cache
def drawn() -> tuple[dict[str, Scenario], dict[str, Case]]:
    """The library's scenarios, and a case of each."""
    scenarios = library()
    return scenarios, {name: draw_case(scenario, "zh-CN", 7, 0, TODAY) for name, scenario in scenarios.items()}


def a_lab(engine: Engine) -> Lab:
    """Write it and say what it is."""
    clock = HandClock()
    scenarios, cases = drawn()
    with writing(engine) as session:
        site = Site(name="School", time_zone="Asia/Shanghai", language="zh-CN", virtual_prefixes=["163", "164"])
        session.add(site)
        session.flush()
        ensure_seats(session, site.id, ("1001", "1002", "1003"))
        students = [
            ensure_user(
                session, clock, site_id=site.id, login=f"robot-{seat}", name=seat, role="student", is_robot=True
            )
            for seat in ("1001", "1002")
        ]
        for student, seat in zip(students, ("1001", "1002"), strict=True):
            sit_down(session, student, seat)
        lab = LabSession(
            site_id=site.id,
            name="demo",
            seed=7,
            language="zh-CN",
            status="running",
            scenarios={name: one.model_dump(mode="json", by_alias=True) for name, one in scenarios.items()},
            plan={"calls": 3, "agents": 2},
            created_at=clock.utc(),
        )
        session.add(lab)
        session.flush()
        case_ids = {}
        for index, (name, case) in enumerate(cases.items()):
            row = as_row(case, site_id=site.id, session_id=lab.id, arrives_at_s=float(index))
            row.index = index
            session.add(row)
            case_ids[name] = row.id
    return Lab(engine, clock, site, lab.id, students[0], students[1], cases, case_ids)
