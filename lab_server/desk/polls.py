"""Surveys: questions with jumps, quotas, and what was answered. The questions are fields of a form's template."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field
from sqlalchemy import func
from sqlmodel import Session, col, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, FormFaultsError, StateError, UnknownSurveyError
from lab_server.desk.ownership import contact_for
from lab_server.desk.rights import Right
from lab_server.desk.templates.faults import faults
from lab_server.desk.templates.jumps import asked, pruned
from lab_server.desk.templates.model import Template, TemplateField
from lab_server.desk.templates.transfer import checked
from lab_server.desk.typed import typed
from lab_server.store.tables import Contact, Survey, SurveyAnswer, SurveyState
from scenarios.facts import Frozen

QuotaKey = str


class Quota(Frozen):
    """Of those who answer `key` with one of `answers`, `most` are wanted."""

    key: QuotaKey
    answers: tuple[str, ...] = Field(min_length=1)
    most: int = Field(ge=0)


class QuotaState(Frozen):
    """How far a quota is filled."""

    quota: Quota
    count: int

    @property
    def full(self) -> bool:
        return self.count >= self.quota.most


class SurveyView(Frozen):
    """One version of a survey."""

    id: str
    name: str
    version: int
    title: str
    state: SurveyState
    questions: Template
    quotas: tuple[QuotaState, ...]


class SurveyCard(Frozen):
    """A survey on the screen pop."""

    id: str
    name: str
    title: str
    answered: bool


def save(
    desk: Desk, name: str, title: str, questions: Sequence[TemplateField], quotas: Sequence[Quota] = ()
) -> SurveyView:
    """Keep a draft: over the one that is there, else as a new version. Raises `TemplateError`, `BadValueError`."""
    desk.check(Right.DESK_SETUP)
    name = typed("name", name, 40, needed=True)
    template = checked(
        {"key": name, "form": "survey", "title": {"en": typed("title", title, 200)}, "fields": list(questions)}
    )
    for quota in quotas:
        field = template.field(quota.key)
        if field is None or (field.choices and not set(quota.answers) <= {one.code for one in field.choices}):
            raise BadValueError(f"quota {quota.key!r}: no question has that key and those answers")
    newest = _newest(desk, name)
    row = newest if newest is not None and newest.state == "draft" else None
    if row is None:
        version = 1 if newest is None else newest.version + 1
        row = Survey(site_id=desk.actor.site_id, name=name, version=version, questions=[], created_at=desk.clock.utc())
    row.title = title
    row.questions = [field.model_dump(mode="json") for field in template.fields]
    row.quotas = [quota.model_dump(mode="json") for quota in quotas]
    desk.session.add(row)
    desk.session.flush()
    desk.note(None, "survey.saved", {"survey": name, "version": row.version})
    return view(desk.session, row)


def start(desk: Desk, name: str) -> SurveyView:
    """Ask by the newest version from now on."""
    return _moved(desk, name, "running")


def stop(desk: Desk, name: str) -> SurveyView:
    """Ask no more."""
    return _moved(desk, name, "closed")


def running(session: Session, site_id: str, name: str) -> Survey | None:
    """The version that is asked now."""
    rows = select(Survey).where(Survey.site_id == site_id, Survey.name == name, Survey.state == "running")
    return session.exec(rows).first()


def read(desk: Desk, survey_id: str) -> SurveyView:
    """Raises `UnknownSurveyError`."""
    return view(desk.session, _survey(desk, survey_id))


def listed(desk: Desk) -> tuple[SurveyView, ...]:
    """The newest version of each survey; one that is asked now although a newer draft is there comes besides."""
    desk.check(Right.DESK_SETUP)
    rows = select(Survey).where(Survey.site_id == desk.actor.site_id)
    found: dict[str, list[Survey]] = {}
    for row in desk.session.exec(rows.order_by(col(Survey.name), col(Survey.version).desc())):
        known = found.setdefault(row.name, [])
        if not known or row.state == "running":
            known.append(row)
    return tuple(view(desk.session, row) for known in found.values() for row in known)


def history(desk: Desk, name: str) -> tuple[SurveyView, ...]:
    """Every version, the newest first. Raises `UnknownSurveyError`."""
    desk.check(Right.DESK_SETUP)
    rows = select(Survey).where(Survey.site_id == desk.actor.site_id, Survey.name == name)
    found = tuple(view(desk.session, row) for row in desk.session.exec(rows.order_by(col(Survey.version).desc())))
    if not found:
        raise UnknownSurveyError(f"there is no survey {name[:40]!r}: take it from the list")
    return found


def bring_back(desk: Desk, survey_id: str) -> SurveyView:
    """An older version's questions become the draft."""
    old = read(desk, survey_id)
    return save(desk, old.name, old.title, old.questions.fields, [one.quota for one in old.quotas])


def asked_now(session: Session, contact: Contact) -> tuple[SurveyCard, ...]:
    """The surveys that the contact's customer can be asked, and whether they were answered in it."""
    rows = select(Survey).where(Survey.site_id == contact.site_id, Survey.state == "running")
    found = session.exec(rows.order_by(col(Survey.name))).all()
    answers = select(SurveyAnswer.survey_id).where(SurveyAnswer.contact_id == contact.id).distinct()
    done = set(session.exec(answers)) if found else set()
    return tuple(SurveyCard(id=row.id, name=row.name, title=row.title, answered=row.id in done) for row in found)


def answers_of(desk: Desk, contact_id: str, survey_id: str) -> dict[str, str]:
    """What was answered in the contact, question → answer. Raises as `contact_for`."""
    contact_for(desk.session, desk.actor, contact_id, answered=False)
    rows = select(SurveyAnswer).where(SurveyAnswer.contact_id == contact_id, SurveyAnswer.survey_id == survey_id)
    return {one.question: one.answer for one in desk.session.exec(rows)}


def next_question(view_: SurveyView, answers: Mapping[str, str]) -> TemplateField | None:
    """The first question that is asked and not answered; None: that was all."""
    return next((one for one in asked(view_.questions, answers) if not answers.get(one.key, "").strip()), None)


def full_quotas(view_: SurveyView, answers: Mapping[str, str]) -> tuple[Quota, ...]:
    """The quotas that these answers fall into and that are full: thank the customer and end."""
    counted = pruned(view_.questions, answers)
    return tuple(one.quota for one in view_.quotas if one.full and counted.get(one.quota.key) in one.quota.answers)


def finish(desk: Desk, contact_id: str, survey_id: str, answers: Mapping[str, str]) -> SurveyView:
    """Keep a contact's answers; those of questions that are not asked are left out. Again: the newest count.

    Raises `FormFaultsError` with every fault, `StateError` if it is not asked any more or a quota is full.
    """
    contact = contact_for(desk.session, desk.actor, contact_id)
    row = desk.session.get(Survey, survey_id, with_for_update=True)  # two may not fill the last place of a quota
    if row is None or row.site_id != desk.actor.site_id:
        raise UnknownSurveyError(f"there is no survey {survey_id[:40]!r}")
    there = _answers(desk.session, contact_id, survey_id)
    seen = view(desk.session, row)
    if row.state != "running":
        raise StateError(f"the survey {row.name} is {row.state}: it is asked no more")
    if found := faults(seen.questions, answers):
        raise FormFaultsError(found)
    if not there and (full := full_quotas(seen, answers)):
        raise StateError(f"enough customers have answered {full[0].key} so: thank this one and end")
    for one in there:
        desk.session.delete(one)
    desk.session.flush()
    _refuse_taken(desk.session, contact_id, pruned(seen.questions, answers))
    now = desk.clock.utc()
    desk.session.add_all(
        SurveyAnswer(**desk.scope(contact), survey_id=row.id, question=key, answer=value.strip(), answered_at=now)
        for key, value in pruned(seen.questions, answers).items()
        if value.strip()
    )
    desk.session.flush()
    desk.note(contact, "survey.finished", {"survey": row.name, "version": row.version})
    return view(desk.session, row)


def view(session: Session, row: Survey) -> SurveyView:
    """The survey of a row, with how far its quotas are filled."""
    template = Template.model_validate(
        {"key": row.name, "form": "survey", "title": {"en": row.title}, "fields": row.questions}
    )
    quotas = tuple(_quota(session, row, Quota.model_validate(one)) for one in row.quotas)
    return SurveyView(
        id=row.id,
        name=row.name,
        version=row.version,
        title=row.title,
        state=row.state,
        questions=template,
        quotas=quotas,
    )


def _quota(session: Session, row: Survey, quota: Quota) -> QuotaState:
    count = session.exec(
        select(func.count()).where(
            SurveyAnswer.survey_id == row.id,
            SurveyAnswer.question == quota.key,
            col(SurveyAnswer.answer).in_(quota.answers),
        )
    ).one()
    return QuotaState(quota=quota, count=count)


def _answers(session: Session, contact_id: str, survey_id: str) -> list[Any]:
    """Those to this survey, in whichever version of it."""
    name, site = session.get_one(Survey, survey_id).name, session.get_one(Survey, survey_id).site_id
    versions = select(Survey.id).where(Survey.name == name, Survey.site_id == site)
    rows = select(SurveyAnswer).where(SurveyAnswer.contact_id == contact_id)
    return list(session.exec(rows.where(col(SurveyAnswer.survey_id).in_(versions))))


def _refuse_taken(session: Session, contact_id: str, answers: Mapping[str, str]) -> None:
    """A contact has one answer of each key: two surveys, or the form, may not ask by the same."""
    rows = select(SurveyAnswer.question).where(SurveyAnswer.contact_id == contact_id)
    if taken := set(session.exec(rows.where(col(SurveyAnswer.question).in_(answers)))):
        raise StateError(f"{min(taken)} was answered in this contact for another survey: change the question's key")


def _moved(desk: Desk, name: str, state: SurveyState) -> SurveyView:
    desk.check(Right.DESK_SETUP)
    row = _newest(desk, name)
    if row is None:
        raise UnknownSurveyError(f"there is no survey {name[:40]!r}: save it first")
    if state == "running" and (old := running(desk.session, desk.actor.site_id, name)) is not None:
        old.state = "closed"
        desk.session.add(old)
    row.state = state
    desk.session.add(row)
    desk.session.flush()
    desk.note(None, f"survey.{state}", {"survey": name, "version": row.version})
    return view(desk.session, row)


def _newest(desk: Desk, name: str) -> Survey | None:
    rows = select(Survey).where(Survey.site_id == desk.actor.site_id, Survey.name == name)
    return desk.session.exec(rows.order_by(col(Survey.version).desc())).first()


def _survey(desk: Desk, survey_id: str) -> Survey:
    row = desk.session.get(Survey, survey_id)
    if row is None or row.site_id != desk.actor.site_id:
        raise UnknownSurveyError(f"there is no survey {survey_id[:40]!r}")
    return row
