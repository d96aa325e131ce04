"""Saved as one types: each field by itself, in the order of the keys, so that nothing is lost when a page is."""

from datetime import datetime, timedelta

from lab_server.desk import draft_rows, entries
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError
from lab_server.desk.forms import checked, form_of
from lab_server.desk.ownership import contact_for
from lab_server.desk.templates.faults import Fault, faults
from lab_server.store.tables import Form
from scenarios.facts import Frozen

_AHEAD = timedelta(seconds=5)
"""A page's clock may run before ours; what lies further ahead would make later keys count for nothing."""


class Drafted(Frozen):
    """What stands in a form: `values` as the page shows them, `unsaved` the fields that no entry holds yet."""

    form: Form
    values: dict[str, str]
    unsaved: tuple[str, ...]
    faults: tuple[Fault, ...] = ()


def save_draft(desk: Desk, contact_id: str, form: Form, field: str, value: str, at: datetime) -> bool:
    """Keep what stands in one field since `at`. Told again, or late, it changes nothing and returns False.

    Raises as `entries.save_entry`; then nothing is changed.
    """
    contact = contact_for(desk.session, desk.actor, contact_id)
    entries.refuse_closed(desk, contact_id, form)
    if len(field) > 64:
        raise BadValueError(f"{field[:64]!r} is no field's name")
    checked({field: value}, form_of(desk.session, contact_id))
    now = desk.clock.utc()
    typed_at = min(at, now + _AHEAD)
    kept = draft_rows.keep(desk.session, contact, form, field, value, user_id=desk.actor.id, at=typed_at, now=now)
    if kept:
        data = {"form": form, "field": field, "length": len(value), "typed_at": typed_at.isoformat()}
        desk.note(contact, "desk.filled", data)
    return kept


def note_focus(desk: Desk, contact_id: str, form: Form, field: str, at: datetime) -> None:
    """The cursor went into `field` at `at`: written into the journal, once."""
    contact = contact_for(desk.session, desk.actor, contact_id, answered=False)
    if not field or len(field) > 64 or not field.isprintable():
        raise BadValueError(f"{field[:64]!r} is no field's name")
    moment = at.isoformat()
    key = f"desk.focus/{contact_id}/{desk.actor.id}/{moment}"[:120]
    desk.note(contact, "desk.focus", {"form": form, "field": field, "at": moment}, key)


def read(desk: Desk, contact_id: str, form: Form) -> Drafted:
    """What the page shows after a reload. Raises as `contact_for`."""
    contact_for(desk.session, desk.actor, contact_id, answered=False)
    drafted = draft_rows.values_of(desk.session, contact_id, form)
    entry = entries.current(desk.session, contact_id, form)
    values = draft_rows.over(entry.values if entry is not None else {}, drafted)
    view = form_of(desk.session, contact_id)
    found = faults(view.template, values, final=False) if view is not None and view.form == form else ()
    return Drafted(form=form, values=values, unsaved=tuple(sorted(drafted)), faults=found)


def save(desk: Desk, contact_id: str, form: Form, idempotency_key: str) -> Drafted:
    """Make an entry of what stands in the form. Nothing unsaved: nothing changes. Raises as `entries.save_entry`."""
    contact_for(desk.session, desk.actor, contact_id)
    if draft_rows.values_of(desk.session, contact_id, form):
        entries.save_drafted(desk, contact_id, form, idempotency_key)
    return read(desk, contact_id, form)


def missing(desk: Desk, contact_id: str, form: Form) -> tuple[Fault, ...]:
    """What would be wrong if the form were finished now, required questions too."""
    standing = read(desk, contact_id, form)
    view = form_of(desk.session, contact_id)
    return faults(view.template, standing.values) if view is not None and view.form == form else ()
