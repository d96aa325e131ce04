"""A session's rows → its report. Everything here is read; nothing is judged again."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from sqlmodel import Session, col, select

from datasets.language import Language
from lab_server.config import Settings
from lab_server.drawn import from_row
from lab_server.evidence import answering_leg, lines_of, timings
from lab_server.report.model import (
    AgentPart,
    CallPart,
    EnginePart,
    LegPart,
    LinePart,
    RecordingPart,
    SessionPart,
    SessionReport,
)
from lab_server.report.totals import completed
from lab_server.store.tables import Attempt, Contact, LabSession, Leg, Scorecard, ScorecardLine, User
from lab_server.store.tables import Case as CaseRow
from scenarios.case import Case

OPEN = "open"
"""The outcome of a call that has not ended; a finished session has none."""


class UnknownSessionError(Exception):
    """There is no session of that id."""

    error_id: ClassVar[str] = "report.unknown_session"


def gather(session: Session, session_id: str, settings: Settings) -> SessionReport:
    """The report of a session, its paths relative to the folder it is written to. Raises `UnknownSessionError`."""
    row = session.get(LabSession, session_id)
    if row is None:
        raise UnknownSessionError(f"there is no session {session_id}: the start page lists those there are")
    cases = {case.id: from_row(case) for case in _cases(session, session_id)}
    attempts = session.exec(
        select(Attempt).where(col(Attempt.case_id).in_(list(cases))).order_by(col(Attempt.id))
    ).all()
    profiles = _profiles(row)
    reader = _Reader(session, row, profiles, _Places(settings.recordings, settings.reports / session_id))
    calls = [reader.call(attempt, cases[attempt.case_id]) for attempt in attempts]
    return completed(
        SessionReport(
            session=SessionPart(
                id=row.id,
                name=row.name,
                site=settings.site_name,
                language=row.language,
                seed=row.seed,
                status=row.status,
                started_at=row.started_at,
                ended_at=row.ended_at,
                time_zone=settings.time_zone,
            ),
            engine=EnginePart(**{name: row.engines.get(name, "") for name in EnginePart.model_fields}),
            calls=sorted(calls, key=lambda call: (call.offered_at, call.id)),
            agents=[AgentPart(seat=seat, robot=True, profile=profile) for seat, profile in profiles.items()],
        )
    )


class _Places:
    """Where the report's folder finds a recording."""

    def __init__(self, recordings: Path, report: Path) -> None:
        self._recordings = recordings.absolute()
        self._report = report.absolute()

    def of(self, leg: Leg | None) -> str | None:
        """None if nothing was recorded, or the file has gone."""
        if leg is None or not leg.recording or not (self._recordings / leg.recording).is_file():
            return None
        return Path(os.path.relpath(self._recordings / leg.recording, self._report)).as_posix()


def _cases(session: Session, session_id: str) -> list[CaseRow]:
    return list(session.exec(select(CaseRow).where(col(CaseRow.session_id) == session_id)))


def _profiles(row: LabSession) -> dict[str, str]:
    """Seat → what kind of robot sat there."""
    profiles = row.plan.get("profiles") or [""]
    return {seat: profiles[index % len(profiles)] for index, seat in enumerate(row.plan.get("seats", []))}


@dataclass(frozen=True)
class _Reader:
    """Reads the calls of one session."""

    session: Session
    lab: LabSession
    profiles: dict[str, str]
    places: _Places

    def call(self, attempt: Attempt, case: Case) -> CallPart:
        """An attempt as the report shows it; one that never reached the floor has only what the caller knows."""
        contact = self.session.get(Contact, attempt.id)
        if contact is not None:
            return self._contact(contact, case)
        began: datetime = attempt.placed_at or self.lab.started_at or self.lab.created_at
        return CallPart(
            id=attempt.id,
            **_who(case),
            agent=None,
            offered_at=began,
            ended_at=attempt.ended_at,
            outcome=attempt.outcome or OPEN,
        )

    def _contact(self, contact: Contact, case: Case) -> CallPart:
        session = self.session
        legs = list(session.exec(select(Leg).where(col(Leg.contact_id) == contact.id).order_by(col(Leg.started_at))))
        answered = answering_leg(session, contact.id)
        seat = answered.number if answered is not None and contact.answered_at is not None else None
        times = timings(session, contact, answered) if answered is not None else None
        card = session.exec(select(Scorecard).where(col(Scorecard.contact_id) == contact.id)).first()
        return CallPart(
            id=contact.id,
            **_who(case),
            agent=seat,
            robot=seat in self.profiles,
            profile=self.profiles.get(seat or "", ""),
            offered_at=contact.offered_at,
            answered_at=contact.answered_at,
            ended_at=contact.ended_at,
            wait_s=_wait_s(contact),
            ring_s=times.ring_s if times else None,
            talk_s=times.talk_s if times else None,
            hold_s=times.hold_s if times else None,
            wrap_s=times.wrap_s if times else None,
            outcome=contact.outcome or OPEN,
            ended_by=contact.ended_by,
            rating=contact.rating,
            recording=RecordingPart(
                caller=self.places.of(next((leg for leg in legs if leg.role == "customer"), None)),
                agent=self.places.of(answered),
            ),
            legs=[_leg(session, leg, self.places) for leg in legs],
            score=card.score if card else None,
            raw_score=card.raw_score if card else None,
            passed=card.passed if card else None,
            critical_failures=titles_of(card, card.critical_failures, self.lab.language) if card else [],
            not_applicable=titles_of(card, card.not_applicable, self.lab.language) if card else [],
            lines=[line_part(line, self.lab.language) for line in lines_of(session, card.id)] if card else [],
        )


def _who(case: Case) -> dict[str, Any]:
    return {
        "scenario": case.scenario,
        "scenario_title": case.title,
        "direction": case.direction,
        "caller_number": case.caller_number,
        "caller_name": case.person.name,
    }


def _wait_s(contact: Contact) -> float | None:
    """From entering the queue to the agent's answer, or to the end for who was never answered."""
    until = contact.answered_at or contact.ended_at
    if contact.queued_at is None or until is None:
        return None
    return max(0.0, (until - contact.queued_at).total_seconds())


def _leg(session: Session, leg: Leg, places: _Places) -> LegPart:
    user = session.get(User, leg.user_id) if leg.user_id else None
    return LegPart(
        name=leg.name,
        role=leg.role,
        number=leg.number,
        agent=user.name if user is not None else None,
        started_at=leg.started_at,
        answered_at=leg.answered_at,
        ended_at=leg.ended_at,
        cause=leg.cause,
        recording=places.of(leg),
        offset_s=leg.offset_s,
    )


def titles_of(card: Scorecard, items: list[str], language: Language) -> list[str]:
    """What the items of a scorecard are called; those that no line shows are named in its rubric."""
    titles = {item["key"]: item["title"].get(language, item["key"]) for item in card.rubric.get("items", [])}
    return [titles.get(item, item) for item in items]


def line_part(line: ScorecardLine, language: Language) -> LinePart:
    """A line as the report and the desk show it, its title in that language."""
    clip = (line.clip_from_s, line.clip_to_s) if line.clip_from_s is not None and line.clip_to_s is not None else None
    return LinePart(
        item=line.item,
        title=line.title.get(language, line.item),
        kind=line.kind,
        expected=line.expected,
        found=line.found,
        verdict=line.verdict,
        reason=line.reason,
        params=line.params,
        told_at=line.told_at_s,
        clip=clip,
        points=line.points,
        of=line.of,
        consequential=line.consequential,
        critical=line.critical,
    )
