"""The classroom's rows: read and written as units of work for the store's threads. All of them may run twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from lab_server.classroom.roll import Attempt
from lab_server.drawn import from_row
from lab_server.store.tables import Attempt as AttemptRow
from lab_server.store.tables import Case as CaseRow
from lab_server.store.tables import (
    CaseStatus,
    Contact,
    DeskEntry,
    Job,
    LabSession,
    Leg,
    Seat,
    SessionStatus,
    Told,
    User,
)
from scenarios.case import Case
from scenarios.schema import Scenario
from telephony.useragent.messages import LineSaid

__all__ = ["AttemptRow", "CaseRow", "CaseStatus", "SessionStatus"]

OVER = frozenset({"done", "broken"})
OVER_ATTEMPT = frozenset({"ended", "broken"})
GRADE = "grade"
FOR_SEAT = "for_seat"
"""In a session's plan: the one seat that its callers wish for."""


@dataclass(frozen=True)
class SessionState:
    """Everything a session's run begins with: for a new one, and for one that a dead brain left behind."""

    row: LabSession
    scenarios: dict[str, Scenario]
    cases: list[tuple[CaseRow, Case]]
    attempts: dict[str, list[AttemptRow]]  # by case, in order


@dataclass(frozen=True)
class Served:
    """A contact that an agent answered, found again after a restart."""

    contact: str
    seat: str
    entered: bool


def running_sessions(session: Session, site_id: str) -> list[str]:
    """Sessions that were begun and not ended: a new brain goes on with them."""
    return list(
        session.exec(
            select(LabSession.id).where(col(LabSession.site_id) == site_id, col(LabSession.status) == "running")
        )
    )


def read_session(session: Session, session_id: str) -> SessionState:
    """Raises LookupError if there is no such session."""
    row = session.get(LabSession, session_id)
    if row is None:
        raise LookupError(f"there is no session {session_id}")
    cases = session.exec(select(CaseRow).where(col(CaseRow.session_id) == session_id).order_by(col(CaseRow.index)))
    pairs = [(case, from_row(case)) for case in cases]
    attempts: dict[str, list[AttemptRow]] = {}
    ids = [case.id for case, _ in pairs]
    for attempt in session.exec(
        select(AttemptRow).where(col(AttemptRow.case_id).in_(ids)).order_by(col(AttemptRow.number))
    ):
        attempts.setdefault(attempt.case_id, []).append(attempt)
    scenarios = {name: Scenario.model_validate(data) for name, data in row.scenarios.items()}
    return SessionState(row, scenarios, pairs, attempts)


def served(session: Session, contacts: Iterable[str]) -> list[Served]:
    """Which of these contacts an agent has answered, at which seat, and whether anything was written down for it."""
    wanted = list(contacts)
    entries = set(session.exec(select(DeskEntry.contact_id).where(col(DeskEntry.contact_id).in_(wanted))))
    legs = session.exec(
        select(Leg)
        .join(Contact, col(Contact.id) == col(Leg.contact_id))
        .where(col(Leg.contact_id).in_(wanted), col(Leg.role) == "agent", col(Contact.answered_at).is_not(None))
        .order_by(col(Leg.name))
    )
    last = {leg.contact_id: leg.number for leg in legs}
    return [Served(contact, seat, contact in entries) for contact, seat in last.items()]


def endings(session: Session, contacts: Iterable[str]) -> dict[str, str]:
    """The outcome of each of these contacts that has been on the floor; empty for one whose row is still open."""
    wanted = list(contacts)
    return {row.id: row.outcome for row in session.exec(select(Contact).where(col(Contact.id).in_(wanted)))}


def users_at(session: Session, site_id: str, seats: Iterable[str]) -> dict[str, User]:
    """Who sits at these seats."""
    found = session.exec(
        select(Seat, User)
        .join(User, col(User.id) == col(Seat.user_id))
        .where(col(Seat.site_id) == site_id, col(Seat.number).in_(list(seats)))
    )
    return {seat.number: user for seat, user in found}


def order(session: Session, session_id: str) -> bool:
    """From now on the session is some brain's to run, whatever happens to the one that was told. Whether it is for one
    seat alone."""
    row = session.get(LabSession, session_id)
    if row is not None and row.status == "planned":
        row.status = "running"
        session.add(row)
    return row is not None and bool(row.plan.get(FOR_SEAT))


def stop(session: Session, session_id: str) -> None:
    """The session has been called off, whatever happens to the brain that was told."""
    row = session.get(LabSession, session_id)
    if row is not None:
        row.plan = {**row.plan, "stopped": True}
        session.add(row)


def begin(session: Session, session_id: str, now: datetime) -> float:
    """Mark the session as running; returns the seconds since it began (0 the first time)."""
    row = session.get_one(LabSession, session_id)
    row.started_at = row.started_at or now
    row.status = "running"
    session.add(row)
    return max(0.0, (now - row.started_at).total_seconds())


def end(session: Session, session_id: str, status: SessionStatus, now: datetime) -> None:
    row = session.get_one(LabSession, session_id)
    row.status, row.ended_at = status, row.ended_at or now
    session.add(row)


def end_case(session: Session, case_id: str, status: CaseStatus) -> None:
    row = session.get_one(CaseRow, case_id)
    row.status = status
    session.add(row)


def add_attempt(session: Session, site_id: str, attempt: Attempt) -> None:
    if session.get(AttemptRow, attempt.contact) is None:
        row = AttemptRow(id=attempt.contact, site_id=site_id, case_id=attempt.case_id, number=attempt.number)
        session.add(row)
        if attempt.called_back:
            return  # the case may be over: its caller has rung, and was served or not
        case = session.get_one(CaseRow, attempt.case_id)
        case.status = "running"
        session.add(case)


def placed(session: Session, contact: str, now: datetime) -> None:
    row = session.get_one(AttemptRow, contact)
    if row.status == "planned":
        row.status, row.placed_at = "placed", now
        session.add(row)


def end_attempt(session: Session, contact: str, ending: str, now: datetime) -> None:
    row = session.get_one(AttemptRow, contact)
    row.status = "broken" if ending == "broken" else "ended"
    row.outcome, row.ended_at = ending, row.ended_at or now
    session.add(row)


def report(session: Session, contact: str, data: dict[str, Any]) -> None:
    """The worker's last word on the caller's call."""
    row = session.get_one(AttemptRow, contact)
    row.report = data
    session.add(row)


def add_told(session: Session, site_id: str, line: LineSaid) -> None:
    """The facts a line told. A line that was cut short told nothing for certain, and is not counted."""
    if line.cut:
        return
    known = session.exec(
        select(Told).where(
            col(Told.contact_id) == line.contact, col(Told.line) == line.line, col(Told.began_s) == line.began_s
        )
    ).first()
    if known is None:
        for fact, value in line.facts.items():
            session.add(
                Told(
                    site_id=site_id, contact_id=line.contact, fact=fact, value=value, line=line.line,
                    began_s=line.began_s, ended_s=line.ended_s,
                )
            )  # fmt: skip


def told(session: Session, contact: str) -> list[Told]:
    return list(session.exec(select(Told).where(col(Told.contact_id) == contact).order_by(col(Told.began_s))))


def ungraded(session: Session, contacts: Iterable[str]) -> int:
    """How many of these contacts have neither been graded nor given up."""
    wanted = list(contacts)
    settled = session.exec(
        select(func.count())
        .select_from(Job)
        .where(col(Job.kind) == GRADE, col(Job.key).in_(wanted), col(Job.state).in_(["done", "failed"]))
    ).one()
    return len(wanted) - settled
