"""The agent's note on a contact and its disposition, out of the school's list."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError
from lab_server.desk.ownership import contact_for
from lab_server.desk.rights import Right
from lab_server.desk.ticketing.categories import localised
from lab_server.desk.typed import typed
from lab_server.store.tables import Contact, ContactNote, Disposition, User
from scenarios.facts import Frozen, Localised


class DispositionView(Frozen):
    """One way a contact can end."""

    code: str
    title: Localised
    queues: tuple[str, ...]


class NoteView(Frozen):
    """What one agent noted."""

    user_id: str
    name: str
    disposition: str
    text: str
    saved_at: datetime


def save(desk: Desk, contact_id: str, *, text: str | None = None, disposition: str | None = None) -> NoteView:
    """Keep the actor's note, the code, or both (None: as it is). Raises `BadValueError`, and as `contact_for`."""
    contact = contact_for(desk.session, desk.actor, contact_id)
    rows = select(ContactNote).where(ContactNote.contact_id == contact_id, ContactNote.user_id == desk.actor.id)
    row = desk.session.exec(rows).first() or ContactNote(
        site_id=contact.site_id, contact_id=contact_id, user_id=desk.actor.id, saved_at=desk.clock.utc()
    )
    if text is not None:
        row.text = typed("text", text, 4000, lines=True)
    if disposition is not None:
        if disposition and disposition not in {one.code for one in offered(desk.session, contact)}:
            raise BadValueError(f"disposition: {disposition[:40]!r} is not on the list of this queue")
        row.disposition = disposition
    row.saved_at = desk.clock.utc()
    desk.session.add(row)
    desk.session.flush()
    desk.note(contact, "desk.noted", {"disposition": row.disposition, "length": len(row.text)})
    return NoteView(**row.model_dump(include=set(NoteView.model_fields)), name=desk.actor.name)


def of_contact(session: Session, contact_id: str) -> tuple[NoteView, ...]:
    """Everybody's notes on a contact, the oldest first: they travel with it. The caller has checked who asks."""
    return of_contacts(session, [contact_id]).get(contact_id, ())


def of_contacts(session: Session, contact_ids: Sequence[str]) -> dict[str, tuple[NoteView, ...]]:
    """The notes of several; one without any is not named."""
    rows = select(ContactNote, User.name).join(User).where(col(ContactNote.contact_id).in_(contact_ids))
    found: dict[str, tuple[NoteView, ...]] = {}
    for row, name in session.exec(rows.order_by(col(ContactNote.saved_at))):
        one = NoteView(**row.model_dump(include=set(NoteView.model_fields)), name=name)
        found[row.contact_id] = (*found.get(row.contact_id, ()), one)
    return found


def offered(session: Session, contact: Contact) -> tuple[DispositionView, ...]:
    """The codes an agent may choose from."""
    rows = select(Disposition).where(Disposition.site_id == contact.site_id, col(Disposition.active).is_(True))
    found = session.exec(rows.order_by(col(Disposition.position), col(Disposition.code)))
    return tuple(_view(row) for row in found if not row.queues or contact.queue in row.queues)


def save_disposition(
    desk: Desk, code: str, title: Localised, *, queues: tuple[str, ...] = (), position: int = 0, active: bool = True
) -> DispositionView:
    """Make a code, or bring it up to date."""
    desk.check(Right.DESK_SETUP)
    code = typed("code", code, 40, needed=True)
    rows = select(Disposition).where(Disposition.site_id == desk.actor.site_id, Disposition.code == code)
    row = desk.session.exec(rows).first() or Disposition(site_id=desk.actor.site_id, code=code, title={})
    row.title = {str(key): typed("title", text, 80, needed=True) for key, text in title.items()}
    row.queues, row.position, row.active = list(queues), position, active
    desk.session.add(row)
    desk.session.flush()
    desk.note(None, "disposition.saved", {"disposition": code, "active": active})
    return _view(row)


def _view(row: Disposition) -> DispositionView:
    return DispositionView(code=row.code, title=localised(row.title), queues=tuple(row.queues))
