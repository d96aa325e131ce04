"""Saving what a student typed, undoing it, and ending the wrap-up.

Every save is a row of its own; the ticket, order or answers are brought to what the newest row says that is not undone.
"""

import logging
from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from lab_server.desk import draft_rows, orders, surveys, tickets
from lab_server.desk.desk import Desk
from lab_server.desk.errors import (
    DeskError,
    GradedError,
    HandedOnError,
    KeyReusedError,
    NothingToUndoError,
    NotYoursError,
    WrongFormError,
)
from lab_server.desk.forms import FormView, checked, completed, form_of
from lab_server.desk.ownership import agent_legs, contact_for, known, owner_leg, served_legs
from lab_server.ids import new_id
from lab_server.store import jobs
from lab_server.store.tables import Attempt, Contact, DeskEntry, Form, JournalEntry, Leg, Scorecard, User
from telephony.clock import Clock

log = logging.getLogger(__name__)

GRADE = "grade"
"""The kind of the job that grades a contact; its key is the contact's id."""


def save_entry(desk: Desk, contact_id: str, form: Form, values: Mapping[str, str], idempotency_key: str) -> DeskEntry:
    """Save the whole form as typed and return the row, which also says what the page hid and computed.

    The same key again returns the row it made the first time. Who handed the contact on may save until he finishes his
    wrap-up or the one who has it now has saved. Raises `UnknownContactError`, `NotYoursError`, `HandedOnError`,
    `WrongFormError`, `UnknownFieldError`, `BadValueError`, `GradedError`, `KeyReusedError`; then nothing is changed.
    """
    contact = contact_for(desk.session, desk.actor, contact_id)
    if (done := _by_key(desk.session, idempotency_key)) is not None:
        if (done.contact_id, done.form, done.user_id) != (contact_id, form, desk.actor.id):
            raise KeyReusedError(
                f"the key {idempotency_key!r} was used for another entry: make a new key for each save"
            )
        return done
    view = refuse_closed(desk, contact_id, form)
    kept = checked(values, view)
    entry = DeskEntry(
        site_id=contact.site_id,
        klass_id=contact.klass_id,
        session_id=contact.session_id,
        contact_id=contact_id,
        user_id=desk.actor.id,
        form=form,
        version=_newest_version(desk.session, contact_id, form) + 1,
        values=completed(kept, view) if view is not None else kept,
        idempotency_key=idempotency_key,
        saved_at=desk.clock.utc(),
    )
    desk.session.add(entry)
    desk.session.flush()
    draft_rows.clear(desk.session, contact_id, form)
    _apply(desk, contact, form, view)
    data = {"form": form, "version": entry.version, "fields": sorted(entry.values)}
    desk.note(contact, "desk.saved", data, f"desk.saved/{idempotency_key}")
    return entry


def save_drafted(desk: Desk, contact_id: str, form: Form, idempotency_key: str) -> DeskEntry:
    """Save the form as it stands: what is recorded, and over it what was typed since."""
    entry = current(desk.session, contact_id, form)
    drafted = draft_rows.values_of(desk.session, contact_id, form)
    values = draft_rows.over(entry.values if entry is not None else {}, drafted)
    return save_entry(desk, contact_id, form, values, idempotency_key)


def refuse_closed(desk: Desk, contact_id: str, form: Form) -> FormView | None:
    """The contact's form, if it can be written on still. Raises `GradedError`, `HandedOnError`, `WrongFormError`."""
    _refuse_graded(desk.session, contact_id)
    _refuse_late(desk, contact_id, current(desk.session, contact_id, form))
    view = form_of(desk.session, contact_id)
    if view is not None and view.form != form:
        raise WrongFormError(f"contact {contact_id} is recorded on the {view.form} form, not on {form}")
    return view


def undo(desk: Desk, contact_id: str, form: Form, idempotency_key: str) -> DeskEntry | None:
    """Undo the newest save of the form and return what counts now (None: nothing). A key undoes once."""
    contact = contact_for(desk.session, desk.actor, contact_id)
    key = f"desk.undone/{idempotency_key}"
    done = desk.session.exec(select(JournalEntry.id).where(JournalEntry.idempotency_key == key)).first()
    if done is not None:
        return current(desk.session, contact_id, form)
    _refuse_graded(desk.session, contact_id)
    entry = current(desk.session, contact_id, form)
    if entry is None:
        raise NothingToUndoError(
            f"nothing is saved on the {form} form of contact {contact_id}: there is nothing to undo"
        )
    _refuse_late(desk, contact_id, entry)
    draft_rows.clear(desk.session, contact_id, form)
    entry.undone_at = desk.clock.utc()
    desk.session.add(entry)
    desk.session.flush()
    _apply(desk, contact, form, form_of(desk.session, contact_id))
    desk.note(contact, "desk.undone", {"form": form, "version": entry.version}, key)
    return current(desk.session, contact_id, form)


def finish_wrap_up(desk: Desk, contact_id: str) -> Contact:
    """The actor has finished with the contact and can take the next one. Again: nothing changes.

    Once the agent who had it last has finished, a lab call is graded (as soon as it has ended on the line, too).
    """
    contact = known(desk.session, desk.actor, contact_id, lock=True)
    mine = agent_legs(desk.session, desk.actor, contact_id)
    if not mine:
        raise NotYoursError(f"contact {contact_id} was not answered at your seat: there is nothing for you to finish")
    for leg in mine:
        if leg.wrapped_at is None:
            desk.note(contact, "wrap_up.finished", {"leg": leg.name}, f"wrap_up.finished/{contact_id}/{leg.name}")
    _save_typed(desk.session, desk.clock, contact, mine)
    _wrap(desk.session, desk.clock, contact, mine)
    return contact


def close(session: Session, clock: Clock, contact: Contact, seat: str | None = None) -> None:
    """The wrap-up at `seat` is over (None: at every seat), ended by the floor's limit; a lab call can be graded."""
    legs = served_legs(session, contact.id)
    over = [leg for leg in legs if seat is None or seat in {leg.seat, leg.number}]
    _save_typed(session, clock, contact, over)
    _wrap(session, clock, contact, over)
    if not legs and contact.wrapped_at is None:
        _wrapped(session, clock, contact)


def _save_typed(session: Session, clock: Clock, contact: Contact, legs: Sequence[Leg]) -> None:
    """What those agents typed and did not save counts as saved: the page was lost, or the time was up."""
    for form, user_id in draft_rows.forms_of(session, contact.id).items():
        user = session.get(User, user_id)
        if user is None or not any(leg.user_id == user_id or leg.user_id is None for leg in legs):
            continue
        try:
            save_drafted(Desk(session, clock, user), contact.id, form, f"typed/{contact.id}/{form}/{new_id()}")
        except DeskError as refusal:
            log.warning("What was typed on contact %s was not saved: %s", contact.id, refusal)


def _wrap(session: Session, clock: Clock, contact: Contact, legs: Sequence[Leg]) -> None:
    """Those legs' agents have finished. The contact is wrapped up when the one who has it, or had it last, has."""
    fresh = [leg for leg in legs if leg.wrapped_at is None]
    for leg in fresh:
        leg.wrapped_at = clock.utc()
        session.add(leg)
    if owner_leg(served_legs(session, contact.id)) in fresh:
        _wrapped(session, clock, contact)


def _wrapped(session: Session, clock: Clock, contact: Contact) -> None:
    contact.wrapped_at = clock.utc()
    session.add(contact)
    if session.get(Attempt, contact.id) is not None:
        jobs.enqueue(session, clock, GRADE, contact.id, {"contact": contact.id})


def current(session: Session, contact_id: str, form: Form) -> DeskEntry | None:
    """What is recorded: the newest entry that is not undone."""
    entries = select(DeskEntry).where(
        DeskEntry.contact_id == contact_id, DeskEntry.form == form, col(DeskEntry.undone_at).is_(None)
    )
    return session.exec(entries.order_by(col(DeskEntry.version).desc())).first()


def history(session: Session, contact_id: str) -> list[DeskEntry]:
    """Every save of the contact's forms, the oldest first."""
    entries = select(DeskEntry).where(DeskEntry.contact_id == contact_id)
    return list(session.exec(entries.order_by(col(DeskEntry.saved_at), col(DeskEntry.version))))


def _apply(desk: Desk, contact: Contact, form: Form, view: FormView | None) -> None:
    entry = current(desk.session, contact.id, form)
    values = entry.values if entry is not None else None
    match form:
        case "ticket":
            tickets.apply(desk, contact, values)
        case "order":
            orders.apply(desk, contact, values, view)
        case "survey":
            surveys.apply(desk, contact, values)


def _by_key(session: Session, key: str) -> DeskEntry | None:
    return session.exec(select(DeskEntry).where(DeskEntry.idempotency_key == key)).first()


def _newest_version(session: Session, contact_id: str, form: Form) -> int:
    versions = select(DeskEntry.version).where(DeskEntry.contact_id == contact_id, DeskEntry.form == form)
    return session.exec(versions.order_by(col(DeskEntry.version).desc())).first() or 0


def _refuse_graded(session: Session, contact_id: str) -> None:
    if session.exec(select(Scorecard.id).where(Scorecard.contact_id == contact_id)).first() is not None:
        raise GradedError(f"contact {contact_id} has been graded: ask a grader if the scorecard is unfair")


def _refuse_late(desk: Desk, contact_id: str, entry: DeskEntry | None) -> None:
    """What the one who has the contact recorded is not overwritten by who handed it on."""
    owner = owner_leg(served_legs(desk.session, contact_id))
    if entry is None or owner is None or desk.actor.id in {entry.user_id, owner.user_id}:
        return
    if entry.user_id == owner.user_id:
        raise HandedOnError(
            f"contact {contact_id} was handed on to seat {owner.seat or owner.number}, where it has been recorded "
            "since: tell your colleague what is missing"
        )
