"""A call's scorecard for who may see it: each mark, what the caller really wanted, and the sound that proves it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlmodel import col, select

from datasets.language import Language
from lab_server.desk import reach
from lab_server.desk.desk import Desk
from lab_server.desk.entries import GRADE
from lab_server.desk.errors import NotYoursError, UnknownContactError
from lab_server.desk.ownership import agent_legs, known, serving_leg
from lab_server.desk.rights import Right
from lab_server.drawn import from_row
from lab_server.evidence import lines_of
from lab_server.report.gather import line_part, titles_of
from lab_server.report.model import LinePart
from lab_server.store.tables import Attempt, Contact, Job, Leg, Scorecard
from lab_server.store.tables import Case as CaseRow
from scenarios.case import Case


class Grading(StrEnum):
    """How far a call's grading is."""

    NONE = "none"  # no lesson's call, or nobody answered it
    WRITING = "writing"  # not written up yet
    UNDER_WAY = "under_way"
    FAILED = "failed"
    GRADED = "graded"


@dataclass(frozen=True)
class Mark:
    """One line. `number`: its place in the scorecard, from 1, by which its clip is asked for."""

    number: int
    line: LinePart

    @property
    def lost(self) -> bool:
        return self.line.points < self.line.of and not self.line.consequential


@dataclass(frozen=True)
class Card:
    """What a scorecard's page shows. `marks`: in the rubric's order. `title`: what the call was about."""

    contact_id: str
    grading: Grading
    at: datetime
    number: str
    caller: str = ""
    title: str = ""
    rating: int | None = None
    score: float | None = None
    raw_score: float | None = None
    passed: bool | None = None
    critical_failures: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def lost(self) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if mark.lost)

    @property
    def won(self) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if not mark.lost)


@dataclass(frozen=True)
class Voices:
    """The files of one call, each with the second of the caller's recording at which it begins; `clip`: from, to."""

    caller: Path | None
    agents: tuple[tuple[float, Path], ...]
    clip: tuple[float, float] | None = None


def card(desk: Desk, contact_id: str, language: Language) -> Card:
    """The scorecard; before there is one, how far it is. Raises `UnknownContactError`, `NotYoursError`,
    `NoRightError`."""
    contact = _within_reach(desk, contact_id)
    case = _case(desk, contact_id)
    row = _row(desk, contact_id)
    about = Card(
        contact_id=contact_id,
        grading=_grading(desk, contact, case, row),
        at=contact.offered_at,
        number=contact.customer_number,
        rating=contact.rating,
    )
    if row is None or case is None:
        return about
    lines = lines_of(desk.session, row.id)
    return replace(
        about,
        caller=case.person.name,
        title=case.title,
        score=row.score,
        raw_score=row.raw_score,
        passed=row.passed,
        critical_failures=tuple(titles_of(row, row.critical_failures, language)),
        not_applicable=tuple(titles_of(row, row.not_applicable, language)),
        marks=tuple(Mark(line.position, line_part(line, language)) for line in lines),
    )


def voices(desk: Desk, contact_id: str, recordings: Path, mark: int | None = None) -> Voices:
    """What is to be heard of the call, or of one mark of its scorecard; only files within `recordings`.

    Raises as `card` does, and `UnknownContactError` for a mark that has no clip.
    """
    _within_reach(desk, contact_id)
    clip = None
    if mark is not None:
        row = _row(desk, contact_id)
        lines = lines_of(desk.session, row.id) if row is not None else []
        line = next((one for one in lines if one.position == mark), None)
        if line is None or line.clip_from_s is None or line.clip_to_s is None:
            raise UnknownContactError(f"contact {contact_id} has no mark {mark} with a clip")
        clip = (line.clip_from_s, line.clip_to_s)
    legs = desk.session.exec(select(Leg).where(Leg.contact_id == contact_id).order_by(col(Leg.started_at))).all()
    found = [(leg, inside(recordings, leg.recording)) for leg in legs]
    return Voices(
        caller=next((file for leg, file in found if leg.role == "customer" and file is not None), None),
        agents=tuple((leg.offset_s, file) for leg, file in found if leg.role == "agent" and file is not None),
        clip=clip,
    )


def scores_of(desk: Desk, contacts: Sequence[str]) -> dict[str, float]:
    """Contact → the actor's own score, of those that are graded."""
    rows = select(Scorecard.contact_id, Scorecard.score).where(
        col(Scorecard.contact_id).in_(contacts), Scorecard.user_id == desk.actor.id
    )
    return {contact: score for contact, score in desk.session.exec(rows) if score is not None}


def inside(recordings: Path, name: str) -> Path | None:
    """The recording of that name; None if there is none, or its path leads out of the folder."""
    if not name or "\0" in name:
        return None
    folder = recordings.resolve()
    file = (folder / name).resolve()
    return file if file.is_relative_to(folder) and file.is_file() else None


def _within_reach(desk: Desk, contact_id: str) -> Contact:
    """A student's own is what he answered and nobody after him: whose the scorecard is."""
    contact = known(desk.session, desk.actor, contact_id)
    if not reach.has_contact(desk.session, desk.actor, contact_id):
        raise UnknownContactError(f"there is no contact {contact_id!r} that you may see")
    desk.check(Right.CALL_READ, own=True)
    if desk.actor.role == "student":
        leg = serving_leg(desk.session, contact_id)
        if leg is None or leg not in agent_legs(desk.session, desk.actor, contact_id):
            raise NotYoursError(f"contact {contact_id} was answered or taken over by another: the marks are his")
    return contact


def _row(desk: Desk, contact_id: str) -> Scorecard | None:
    return desk.session.exec(select(Scorecard).where(Scorecard.contact_id == contact_id)).first()


def _case(desk: Desk, contact_id: str) -> Case | None:
    attempt = desk.session.get(Attempt, contact_id)
    row = desk.session.get(CaseRow, attempt.case_id) if attempt is not None else None
    return from_row(row) if row is not None else None


def _grading(desk: Desk, contact: Contact, case: Case | None, row: Scorecard | None) -> Grading:
    if case is None or serving_leg(desk.session, contact.id) is None:
        return Grading.NONE
    if row is not None:
        return Grading.GRADED
    job = desk.session.exec(select(Job).where(Job.kind == GRADE, Job.key == contact.id)).first()
    if job is not None and job.state == "failed":
        return Grading.FAILED
    return Grading.UNDER_WAY if contact.wrapped_at is not None or job is not None else Grading.WRITING
