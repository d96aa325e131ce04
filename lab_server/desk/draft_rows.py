"""What stands in the fields of a form and is not saved yet: the rows, without anybody's rights."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, delete, select

from lab_server.store.tables import Contact, DraftValue, Form


def values_of(session: Session, contact_id: str, form: Form) -> dict[str, str]:
    """Field → what stands in it; an empty text is a field that was emptied."""
    rows = select(DraftValue).where(DraftValue.contact_id == contact_id, DraftValue.form == form)
    return {row.field: row.value for row in session.exec(rows)}


def over(recorded: Mapping[str, str], drafted: Mapping[str, str]) -> dict[str, str]:
    """What the page shows: what is recorded, and over it what is being typed."""
    return {name: value for name, value in {**recorded, **drafted}.items() if value}


def forms_of(session: Session, contact_id: str) -> dict[Form, str]:
    """The contact's forms with something unsaved, each with who typed last."""
    rows = select(DraftValue).where(DraftValue.contact_id == contact_id).order_by(col(DraftValue.saved_at))
    return {row.form: row.user_id for row in session.exec(rows)}


def keep(
    session: Session, contact: Contact, form: Form, field: str, value: str, *, user_id: str, at: datetime, now: datetime
) -> bool:
    """Write it down unless something typed later is there already. Returns whether it changed anything."""
    rows = select(DraftValue).where(
        DraftValue.contact_id == contact.id, DraftValue.form == form, DraftValue.field == field
    )
    row = session.exec(rows).first()
    if row is not None and (at < row.typed_at or (at == row.typed_at and value == row.value)):
        return False
    row = row or DraftValue(
        site_id=contact.site_id, contact_id=contact.id, form=form, field=field, value="", user_id=user_id, typed_at=at,
        saved_at=now,
    )  # fmt: skip
    row.value, row.user_id, row.typed_at, row.saved_at = value, user_id, at, now
    session.add(row)
    session.flush()
    return True


def clear(session: Session, contact_id: str, form: Form) -> None:
    """The form was saved: what was typed is in its entry."""
    session.exec(delete(DraftValue).where(col(DraftValue.contact_id) == contact_id, col(DraftValue.form) == form))
