"""Recordings: what each leg's party said, how long it is, whether it is whole; and a customer's earlier ones."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import UnknownContactError, UnknownRecordingError
from lab_server.desk.ownership import Part, known, part_in
from lab_server.desk.rights import Right
from lab_server.store.tables import Contact, Leg, LegRole, Recording
from telephony.clock import Clock

SHORT_BY_S = 2.0
"""What may be missing at the end: Asterisk writes a second at a time, and begins a moment after the answer."""
_MOST = 20
_HEARD: tuple[Part, ...] = (Part.OWNER, Part.FORMER)


@dataclass(frozen=True)
class EarlierRecording:
    """One party's voice in an earlier contact. `path` is relative to the recordings folder."""

    id: str
    contact_id: str
    at: datetime
    role: LegRole
    seat: str
    path: str
    duration_s: float
    short: bool
    offset_s: float = 0.0
    """How much later than the customer's recording this one begins."""


def note_recording(
    session: Session,
    clock: Clock,
    *,
    contact_id: str,
    leg: str,
    duration_s: float,
    repaired: bool = False,
    expected_s: float | None = None,
) -> Recording:
    """The leg's file is finished and `duration_s` long; told again, the row is brought up to date.

    `expected_s`: how long it should be; None: from the leg's answer to its end. Raises `UnknownContactError` if there
    is no such leg, or none that was recorded.
    """
    row = session.exec(select(Leg).where(Leg.contact_id == contact_id, Leg.name == leg)).first()
    if row is None or not row.recording:
        raise UnknownContactError(f"contact {contact_id} has no leg {leg!r} that was recorded")
    if expected_s is None and row.answered_at is not None and row.ended_at is not None:
        expected_s = max(0.0, (row.ended_at - row.answered_at).total_seconds())
    recording = session.exec(select(Recording).where(Recording.leg_id == row.id)).first() or Recording(
        site_id=row.site_id, contact_id=contact_id, leg_id=row.id, path=row.recording, created_at=clock.utc()
    )
    recording.duration_s, recording.expected_s, recording.offset_s = duration_s, expected_s, row.offset_s
    recording.repaired = recording.repaired or repaired
    recording.short = expected_s is not None and duration_s < expected_s - SHORT_BY_S
    session.add(recording)
    session.flush()
    return recording


def short_recordings(session: Session, site_id: str, since: datetime) -> list[Recording]:
    """Those that hold less than was said, the oldest first."""
    rows = select(Recording).where(
        Recording.site_id == site_id, col(Recording.short).is_(True), col(Recording.created_at) >= since
    )
    return list(session.exec(rows.order_by(col(Recording.created_at))))


def earlier_recordings(desk: Desk, contact_id: str) -> list[EarlierRecording]:
    """What was recorded of this contact's customer in earlier contacts, the newest first, at most twenty.

    Of the same site and mode; in a class, of the same session. Raises `UnknownContactError`, `NotYoursError`,
    `NoRightError`.
    """
    contact = known(desk.session, desk.actor, contact_id)
    desk.check(Right.CALL_PLAY_RECORDING, own=part_in(desk.session, desk.actor, contact_id) in _HEARD)
    mine = [col(Contact.customer_number) == contact.customer_number] if contact.customer_number else []
    if contact.customer_id is not None:
        mine.append(col(Contact.customer_id) == contact.customer_id)
    if not mine:
        return []
    rows = (
        select(Recording, Leg, Contact.offered_at)
        .join(Leg, col(Recording.leg_id) == col(Leg.id))
        .join(Contact, col(Recording.contact_id) == col(Contact.id))
        .where(
            Contact.site_id == contact.site_id,
            Contact.mode == contact.mode,
            col(Contact.session_id).is_not_distinct_from(contact.session_id),
            col(Contact.offered_at) < contact.offered_at,
            or_(*mine),
        )
        .order_by(col(Contact.offered_at).desc(), col(Leg.started_at))
        .limit(_MOST)
    )
    return [_earlier(recording, leg, at) for recording, leg, at in desk.session.exec(rows)]


def recording_to_play(desk: Desk, contact_id: str, recording_id: str) -> EarlierRecording:
    """The one to play to this contact's customer. Raises `UnknownRecordingError` unless it is one of them."""
    found = next((one for one in earlier_recordings(desk, contact_id) if one.id == recording_id), None)
    if found is None:
        raise UnknownRecordingError(
            f"there is no recording {recording_id!r} of this customer's earlier contacts: take one from their list"
        )
    return found


def _earlier(recording: Recording, leg: Leg, at: datetime) -> EarlierRecording:
    return EarlierRecording(
        id=recording.id,
        contact_id=recording.contact_id,
        at=at,
        role=leg.role,
        seat=leg.seat,
        path=recording.path,
        duration_s=recording.duration_s,
        short=recording.short,
        offset_s=recording.offset_s,
    )
