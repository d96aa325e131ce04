"""From the store's rows to what `grading` judges by, and from its verdict back to rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar

from sqlmodel import Session, col, delete, or_, select

from grading.evidence import DeskRecord, Evidence, Timings, evidence_of
from grading.scorecard import Scorecard as Graded
from lab_server.desk import entries
from lab_server.desk.ownership import owner_leg, served_legs, serving_leg
from lab_server.drawn import from_row
from lab_server.store import journal
from lab_server.store.tables import Attempt, Contact, LabSession, Leg, Scorecard, ScorecardLine, Segment, Told
from lab_server.store.tables import Case as CaseRow
from scenarios.facts import Told as Telling
from scenarios.rubric import Rubric
from telephony.clock import Clock

T = TypeVar("T")

LATEST_S = 600.0
"""So long a contact that was handed on waits for its last agent's notes before it is graded without them."""
STAGE = "contact.stage"
"""The journal's word for a contact that went on to its next stage; `data.stage` names it."""


class EvidenceError(Exception):
    """Rows that belong together are not all there; the text names the missing one."""

    error_id: ClassVar[str] = "evidence"


@dataclass(frozen=True)
class Bundle:
    """One contact's evidence with the rubric that was frozen with its session, and whose scorecard it will be."""

    evidence: Evidence
    rubric: Rubric
    contact: Contact
    user_id: str | None


def is_over(session: Session, contact_id: str, now: datetime) -> bool:
    """Whether the contact has ended on the line: before that, its rating may still come. (`gather` misses others.)

    One that was handed on is over when its last agent has finished, too, or `LATEST_S` after its end.
    """
    contact = session.get(Contact, contact_id)
    if contact is None or contact.ended_at is None:
        return contact is None
    legs = served_legs(session, contact_id)
    last = owner_leg(legs)
    written = len(legs) < 2 or last is None or last.wrapped_at is not None
    return written or now - contact.ended_at > timedelta(seconds=LATEST_S)


def gather(session: Session, contact_id: str) -> Bundle | None:
    """The evidence of a lab call; None if no agent answered it, so that there is nobody to grade.

    Raises `EvidenceError` if the contact, its attempt, its case or its session's scenario are missing.
    """
    contact = _needed(session.get(Contact, contact_id), f"contact {contact_id}")
    attempt = _needed(session.get(Attempt, contact_id), f"attempt {contact_id}")
    row = _needed(session.get(CaseRow, attempt.case_id), f"case {attempt.case_id}")
    lab = _needed(session.get(LabSession, row.session_id), f"session {row.session_id}")
    scenario = _needed(lab.scenarios.get(row.scenario), f"scenario {row.scenario} of session {lab.id}")
    leg = answering_leg(session, contact_id)
    if leg is None:
        return None
    case = from_row(row)
    entry = entries.current(session, contact_id, case.truth.form)
    evidence = evidence_of(
        case,
        contact_id,
        told=_told(session, contact_id),
        recorded=DeskRecord(form=entry.form, values=entry.values) if entry is not None else None,
        timings=timings(session, contact, leg),
        rating=contact.rating or None,
        rating_asked=_was_rated(session, contact_id),
        outcome=contact.outcome,
    )
    return Bundle(evidence, Rubric.model_validate(scenario["rubric"]), contact, leg.user_id)


def store(session: Session, clock: Clock, bundle: Bundle, graded: Graded) -> Scorecard:
    """Write the scorecard, over the one that is there: a contact has one row, graded once or ten times.

    A human's score and overrides stay, and the automatic ones beside them are the newest.
    """
    contact = bundle.contact
    known = session.exec(select(Scorecard).where(Scorecard.contact_id == contact.id)).first()
    card = known or Scorecard(site_id=contact.site_id, contact_id=contact.id, graded_at=clock.utc())
    card.klass_id, card.session_id, card.user_id = contact.klass_id, contact.session_id, bundle.user_id
    card.scenario = bundle.evidence.scenario
    card.rubric = bundle.rubric.model_dump(mode="json")
    card.score, card.raw_score, card.passed = graded.score, graded.raw_score, graded.passed
    card.critical_failures, card.not_applicable = list(graded.critical_failures), list(graded.not_applicable)
    card.graded_at = clock.utc()
    session.add(card)
    session.flush()
    _store_lines(session, card, graded)
    return card


def lines_of(session: Session, scorecard_id: str) -> list[ScorecardLine]:
    """A scorecard's lines, in the rubric's order."""
    lines = select(ScorecardLine).where(ScorecardLine.scorecard_id == scorecard_id)
    return list(session.exec(lines.order_by(col(ScorecardLine.position))))


def _store_lines(session: Session, card: Scorecard, graded: Graded) -> None:
    known = {line.item: line for line in lines_of(session, card.id)}
    for position, line in enumerate(graded.lines, start=1):
        row = known.pop(line.item, None) or ScorecardLine(
            scorecard_id=card.id, position=position, item=line.item, verdict="", points=0, of=0
        )
        row.position, row.kind, row.title = position, line.kind, {str(key): text for key, text in line.title.items()}
        row.expected, row.found, row.verdict = line.expected[:2000], line.found[:2000], line.verdict.value
        row.reason, row.params = line.reason, dict(line.params)
        row.told_at_s = line.told_at
        row.clip_from_s, row.clip_to_s = line.clip if line.clip is not None else (None, None)
        row.points, row.of = line.points, line.of
        row.critical, row.consequential = line.critical, line.consequential
        session.add(row)
    if known:
        session.exec(delete(ScorecardLine).where(col(ScorecardLine.id).in_([line.id for line in known.values()])))
    session.flush()


def _told(session: Session, contact_id: str) -> tuple[Telling, ...]:
    rows = session.exec(select(Told).where(Told.contact_id == contact_id).order_by(col(Told.began_s)))
    return tuple(
        Telling(key=row.fact, value=row.value, line=row.line, began_s=row.began_s, ended_s=row.ended_s) for row in rows
    )


def answering_leg(session: Session, contact_id: str) -> Leg | None:
    """The leg of the agent who spoke last: the form is his."""
    return serving_leg(session, contact_id)


def timings(session: Session, contact: Contact, leg: Leg) -> Timings:
    """Speed of answer runs from the ring at this agent's phone; wrap-up from the end of this agent's leg to its own.

    Talk and hold are this agent's with the customer: what another did before a transfer, or what he asked a colleague,
    is not his.
    """
    customer = select(Leg.id).where(Leg.contact_id == contact.id, Leg.role == "customer")
    own = or_(Segment.one_leg_id == leg.id, Segment.other_leg_id == leg.id)
    with_customer = or_(col(Segment.one_leg_id).in_(customer), col(Segment.other_leg_id).in_(customer))
    segments = session.exec(select(Segment).where(Segment.contact_id == contact.id, own, with_customer)).all()
    talks = [(one.ended_at - one.began_at).total_seconds() for one in segments if one.ended_at is not None]
    hold_s = sum(one.hold_s for one in segments)
    ring_s = None
    if contact.direction == "in" and leg.answered_at is not None:
        ring_s = max(0.0, (leg.answered_at - leg.started_at).total_seconds())
    wrap_s = None
    if leg.wrapped_at is not None and leg.ended_at is not None:
        wrap_s = max(0.0, (leg.wrapped_at - leg.ended_at).total_seconds())
    return Timings(
        ring_s=ring_s,
        talk_s=max(0.0, sum(talks) - hold_s) if talks else None,
        hold_s=hold_s if talks else None,
        wrap_s=wrap_s,
    )


def _was_rated(session: Session, contact_id: str) -> bool:
    """Whether the caller was asked for a rating, given or not."""
    return any(
        entry.kind == STAGE and entry.data.get("stage") == "rated" for entry in journal.read(session, contact_id)
    )


def _needed(found: T | None, what: str) -> T:
    if found is None:
        raise EvidenceError(f"{what} is not in the database: the contact cannot be graded without it")
    return found
