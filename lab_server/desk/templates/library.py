"""The school's templates: drafted, published, retired; which one a contact is recorded on.

A contact stays on the version it began with, whatever is published meanwhile.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import TakenError, UnknownTemplateError, WrongFormError
from lab_server.desk.ownership import contact_for
from lab_server.desk.rights import Right
from lab_server.desk.templates.model import Template
from lab_server.store.tables import Contact, ContactForm, FormTemplate, LabSession, TemplateState
from scenarios.facts import Form, Frozen, Localised


class TemplateCard(Frozen):
    """One version in a list."""

    id: str
    key: str
    version: int
    state: TemplateState
    form: Form
    title: Localised
    fields: int
    queues: tuple[str, ...]
    created_at: datetime
    published_at: datetime | None


def listed(desk: Desk, *, key: str | None = None, retired: bool = False) -> tuple[TemplateCard, ...]:
    """Every template's versions, the newest first; of one key, all of its history."""
    desk.check(Right.DESK_SETUP)
    rows = select(FormTemplate).where(FormTemplate.site_id == desk.actor.site_id)
    if key is not None:
        rows = rows.where(FormTemplate.key == key)
    elif not retired:
        rows = rows.where(FormTemplate.state != "retired")
    return tuple(
        _card(row) for row in desk.session.exec(rows.order_by(col(FormTemplate.key), col(FormTemplate.version).desc()))
    )


def read(desk: Desk, template_id: str) -> Template:
    """Raises `UnknownTemplateError`."""
    row = desk.session.get(FormTemplate, template_id)
    if row is None or row.site_id != desk.actor.site_id:
        raise UnknownTemplateError(f"there is no template {template_id!r}: take the id from the list")
    return definition(row)


def newest(desk: Desk, key: str) -> tuple[TemplateCard, Template]:
    """What an editor shows of a key: its draft, else the newest version. Raises `UnknownTemplateError`."""
    desk.check(Right.DESK_SETUP)
    row = _newest(desk, key)
    if row is None:
        raise UnknownTemplateError(f"there is no template {key[:40]!r}: take it from the list")
    return _card(row), definition(row)


def make(desk: Desk, template: Template) -> TemplateCard:
    """A template of a new key. Raises `TakenError` if there is one of that key."""
    desk.check(Right.DESK_SETUP)
    if _newest(desk, template.key) is not None:
        raise TakenError(f"there is a template {template.key!r} already: choose another key")
    return save_draft(desk, template)


def save_draft(desk: Desk, template: Template) -> TemplateCard:
    """Keep it as its key's draft: over the draft that is there, else as a new version. Nobody is asked by it yet."""
    desk.check(Right.DESK_SETUP)
    newest = _newest(desk, template.key)
    row = newest if newest is not None and newest.state == "draft" else None
    if row is None:
        row = FormTemplate(
            site_id=desk.actor.site_id, key=template.key, version=1 if newest is None else newest.version + 1,
            form=template.form, definition={}, created_at=desk.clock.utc(),
        )  # fmt: skip
    row.form, row.definition, row.user_id = template.form, template.model_dump(mode="json"), desk.actor.id
    return _kept(desk, row, "template.drafted")


def publish(desk: Desk, key: str) -> TemplateCard:
    """Ask by the draft from now on; the version before is retired. Raises `UnknownTemplateError` without a draft."""
    desk.check(Right.DESK_SETUP)
    row = _newest(desk, key)
    if row is None or row.state != "draft":
        raise UnknownTemplateError(f"{key!r} has no draft to publish: change the template first")
    for old in _published(desk.session, desk.actor.site_id, key):
        old.state = "retired"
        desk.session.add(old)
    row.state, row.published_at = "published", desk.clock.utc()
    return _kept(desk, row, "template.published")


def retire(desk: Desk, key: str) -> None:
    """Offer it no more. Contacts that are recorded on it go on."""
    desk.check(Right.DESK_SETUP)
    for row in _published(desk.session, desk.actor.site_id, key):
        row.state = "retired"
        _kept(desk, row, "template.retired")


def bring_back(desk: Desk, template_id: str) -> TemplateCard:
    """An older version, or a retired one, becomes the draft again."""
    return save_draft(desk, read(desk, template_id))


def offered(session: Session, contact: Contact) -> tuple[TemplateCard, ...]:
    """The acceptance types an agent may choose from for this contact; those made for its queue first."""
    rows = select(FormTemplate).where(FormTemplate.site_id == contact.site_id, FormTemplate.state == "published")
    cards = [_card(row) for row in session.exec(rows.order_by(col(FormTemplate.key)))]
    fit = [card for card in cards if not card.queues or contact.queue in card.queues]
    return tuple(sorted(fit, key=lambda card: not card.queues))


def pinned(session: Session, contact_id: str) -> Template | None:
    """What the contact is recorded on, as its lesson has it; None: nothing was chosen."""
    chosen = select(ContactForm, FormTemplate).join(FormTemplate).where(ContactForm.contact_id == contact_id)
    found = session.exec(chosen).first()
    return definition(found[1]).at(found[0].lesson) if found is not None else None


def choose(desk: Desk, contact_id: str, key: str) -> Template:
    """Record the contact on the published version of `key`. Again: the version it began with.

    Raises `WrongFormError` once something is recorded on another form, `UnknownTemplateError`, and as `contact_for`.
    """
    contact = contact_for(desk.session, desk.actor, contact_id)
    there = desk.session.exec(select(ContactForm).where(ContactForm.contact_id == contact_id)).first()
    if there is not None:
        known = desk.session.get_one(FormTemplate, there.template_id)
        if known.key == key:
            return definition(known).at(there.lesson)
        _refuse_recorded(desk, contact_id, known.form)
    row = next(iter(_published(desk.session, contact.site_id, key)), None)
    if row is None:
        raise UnknownTemplateError(f"there is no acceptance type {key!r}: choose one of those that are offered")
    row_of = there or ContactForm(
        site_id=contact.site_id, contact_id=contact_id, template_id=row.id, chosen_at=desk.clock.utc()
    )
    row_of.template_id, row_of.lesson = row.id, lesson_of(desk.session, contact)
    desk.session.add(row_of)
    desk.session.flush()
    desk.note(contact, "desk.form_chosen", {"template": key, "version": row.version})
    return definition(row).at(row_of.lesson)


def lesson_of(session: Session, contact: Contact) -> int | None:
    """Which lesson the contact's session is (`plan["lesson"]`); None outside of lessons."""
    lab = session.get(LabSession, contact.session_id) if contact.session_id is not None else None
    lesson = lab.plan.get("lesson") if lab is not None else None
    return lesson if isinstance(lesson, int) else None


def definition(row: FormTemplate) -> Template:
    """The template of a row."""
    return Template.model_validate(row.definition)


def _refuse_recorded(desk: Desk, contact_id: str, form: Form) -> None:
    from lab_server.desk import entries  # noqa: PLC0415 (entries record on templates)

    if entries.current(desk.session, contact_id, form) is not None:
        raise WrongFormError(f"contact {contact_id} is recorded on another form already: undo that first")


def _newest(desk: Desk, key: str) -> FormTemplate | None:
    rows = select(FormTemplate).where(FormTemplate.site_id == desk.actor.site_id, FormTemplate.key == key)
    return desk.session.exec(rows.order_by(col(FormTemplate.version).desc())).first()


def _published(session: Session, site_id: str, key: str) -> list[FormTemplate]:
    rows = select(FormTemplate).where(
        FormTemplate.site_id == site_id, FormTemplate.key == key, FormTemplate.state == "published"
    )
    return list(session.exec(rows))


def _kept(desk: Desk, row: FormTemplate, kind: str) -> TemplateCard:
    desk.session.add(row)
    desk.session.flush()
    desk.note(None, kind, {"template": row.key, "version": row.version})
    return _card(row)


def _card(row: FormTemplate) -> TemplateCard:
    template = definition(row)
    return TemplateCard(
        id=row.id, key=row.key, version=row.version, state=row.state, form=row.form, title=template.title,
        fields=len(template.fields), queues=template.queues, created_at=row.created_at, published_at=row.published_at,
    )  # fmt: skip
