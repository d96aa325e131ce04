"""What a survey came to: counts by question, and every answer as a sheet."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import fmean

from sqlmodel import col, select

from datasets.language import LANGUAGES, Language
from lab_server.desk import polls
from lab_server.desk.cells import harmless
from lab_server.desk.desk import Desk
from lab_server.desk.polls import SurveyView
from lab_server.desk.rights import Right
from lab_server.desk.templates.model import CHOOSING, FieldKind, TemplateField
from lab_server.desk.templates.of_case import YES_NO
from lab_server.store.tables import SurveyAnswer, User
from scenarios.facts import Choice, Frozen, Localised

_TEXTS = 10


class Counted(Frozen):
    """How many gave an answer; `share` of those who answered the question, 0 to 1."""

    title: Localised
    count: int
    share: float


class QuestionResult(Frozen):
    """One question. `counts` of choices; `mean` of numbers; `texts`, the newest, of anything else."""

    key: str
    title: Localised
    answered: int
    counts: tuple[Counted, ...] = ()
    mean: float | None = None
    texts: tuple[str, ...] = ()


class Results(Frozen):
    """`contacts`: in how many it was answered."""

    survey: SurveyView
    contacts: int
    questions: tuple[QuestionResult, ...]


def results(desk: Desk, survey_id: str) -> Results:
    """Of one version. Raises `UnknownSurveyError`."""
    desk.check(Right.DESK_SETUP)
    survey = polls.read(desk, survey_id)
    rows = select(SurveyAnswer.contact_id, SurveyAnswer.question, SurveyAnswer.answer)
    given, contacts = defaultdict[str, list[str]](list), set[str]()
    for contact, question, answer in desk.session.exec(
        rows.where(SurveyAnswer.survey_id == survey_id).order_by(col(SurveyAnswer.answered_at), col(SurveyAnswer.id))
    ):
        contacts.add(contact)
        given[question].append(answer)
    questions = tuple(_of(field, given.get(field.key, [])) for field in survey.questions.fields)
    return Results(survey=survey, contacts=len(contacts), questions=questions)


def sheet(desk: Desk, survey_id: str, language: Language) -> bytes:
    """A row a contact, as CSV in UTF-8 with a byte order mark, which Excel wants; formulas are none any more."""
    desk.check(Right.DESK_SETUP)
    survey = polls.read(desk, survey_id)
    rows = select(SurveyAnswer, User.name).join(User, col(SurveyAnswer.user_id) == col(User.id))
    found: dict[str, dict[str, str]] = {}
    for row, name in desk.session.exec(
        rows.where(SurveyAnswer.survey_id == survey_id).order_by(col(SurveyAnswer.answered_at), col(SurveyAnswer.id))
    ):
        line = found.setdefault(
            row.contact_id, {"contact": row.contact_id, "at": row.answered_at.isoformat(), "agent": name}
        )
        line[f".{row.question}"] = row.answer
    fields = survey.questions.fields
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(
        [harmless(text) for text in ("contact", "at", "agent", *(_said(one.title, language) for one in fields))]
    )
    for line in found.values():
        answers = [_read(one, line.get(f".{one.key}", ""), language) for one in fields]
        writer.writerow([harmless(text) for text in (line["contact"], line["at"], line["agent"], *answers)])
    desk.note(None, "survey.exported", {"survey": survey.name, "version": survey.version})
    return out.getvalue().encode("utf-8-sig")


def _of(field: TemplateField, answers: Sequence[str]) -> QuestionResult:
    counts: tuple[Counted, ...] = ()
    texts: tuple[str, ...] = ()
    mean: float | None = None
    if choices := _choices(field):
        counted = Counter(code for one in answers for code in _codes(field, one))
        total = max(1, len(answers))
        counts = tuple(
            Counted(title=one.title, count=counted[one.code], share=counted[one.code] / total) for one in choices
        )
    elif field.kind in {FieldKind.NUMBER, FieldKind.MONEY}:
        numbers = [number for one in answers if (number := _number(one)) is not None]
        mean = fmean(numbers) if numbers else None
    else:
        texts = tuple(reversed(answers[-_TEXTS:]))
    return QuestionResult(
        key=field.key, title=field.title, answered=len(answers), counts=counts, mean=mean, texts=texts
    )


def _choices(field: TemplateField) -> tuple[Choice, ...]:
    return YES_NO if field.kind is FieldKind.YES_NO else field.choices if field.kind in CHOOSING else ()


def _codes(field: TemplateField, answer: str) -> list[str]:
    return [one.strip() for one in answer.split(",")] if field.kind is FieldKind.MULTI_CHOICE else [answer]


def _read(field: TemplateField, answer: str, language: Language) -> str:
    """A choice by its title, as people read it."""
    titles = {one.code: _said(one.title, language) for one in _choices(field)}
    return "; ".join(titles.get(code, code) for code in _codes(field, answer)) if titles and answer else answer


def _said(text: Localised, language: Language) -> str:
    return next((text[one] for one in (language, *LANGUAGES) if text.get(one)), "")


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None
