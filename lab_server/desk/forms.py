"""The form a contact is recorded on: its fields, what the page knows without asking, what it hides and computes.

Of a case this takes the form's definition and what is given, never a fact.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator
from sqlmodel import Session

from grading.normalise.compare import canonical
from lab_server.desk.errors import BadValueError, UnknownFieldError
from lab_server.desk.templates.jumps import asked
from lab_server.desk.templates.library import pinned
from lab_server.desk.templates.model import Template
from lab_server.desk.templates.of_case import record_fields, template_of
from lab_server.desk.typed import odd
from lab_server.drawn import from_row
from lab_server.store.tables import Attempt, Form
from lab_server.store.tables import Case as CaseRow
from scenarios.facts import FactKind, Frozen, RecordField, computed_value
from scenarios.record import as_written

LONGEST = 2000


class FormView(Frozen):
    """What a page needs to draw the form. `given`: canonical values the desk knows, such as a unit price."""

    form: Form
    fields: tuple[RecordField, ...]
    given: dict[str, str] = Field(default_factory=dict)
    template: Template

    @model_validator(mode="before")
    @classmethod
    def _is_of_a_template(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Fields and template say the same: the one that is missing is made of the other."""
        if "template" not in data:
            return {**data, "template": template_of(data["form"], data["fields"])}
        return {"form": data["template"].form, "fields": record_fields(data["template"]), **data}

    def field(self, name: str) -> RecordField | None:
        """The field of that name."""
        return next((field for field in self.fields if field.field == name), None)


def form_of(session: Session, contact_id: str) -> FormView | None:
    """The form of a lab call's scenario, as it was at launch; of another contact, that of its acceptance type.

    None as long as none was chosen.
    """
    attempt = session.get(Attempt, contact_id)
    row = session.get(CaseRow, attempt.case_id) if attempt is not None else None
    if row is None:
        chosen = pinned(session, contact_id)
        return FormView.model_validate({"template": chosen}) if chosen is not None else None
    truth = from_row(row).truth
    return FormView.model_validate({"form": truth.form, "fields": truth.fields, "given": truth.given})


def checked(values: Mapping[str, str], view: FormView | None) -> dict[str, str]:
    """The values worth keeping: as typed, without empty ones. Raises `UnknownFieldError` or `BadValueError`."""
    kept = {}
    for name, value in values.items():
        if view is not None and view.field(name) is None:
            known = ", ".join(field.field for field in view.fields)
            raise UnknownFieldError(f"the {view.form} form has no field {name!r}: it has {known}")
        if len(value) > LONGEST:
            raise BadValueError(f"{name}: {len(value)} characters are too many: at most {LONGEST} can be kept")
        if (found := odd(value)) is not None:
            raise BadValueError(f"{name}: the character U+{ord(found):04X} cannot be kept: type the text again")
        if value.strip():
            kept[name] = value
    return kept


def completed(values: Mapping[str, str], view: FormView) -> dict[str, str]:
    """The values as the page saves them: without hidden questions, with computed fields computed."""
    known = _known(values, view)
    shown = {name: value for name, value in values.items() if is_shown(view, name, known)}
    for field in view.fields:
        if field.computed_from:
            shown.pop(field.field, None)
            total = computed_value(field, known)
            if total is not None:
                shown[field.field] = as_written(FactKind.AMOUNT, total) if field.kind is FactKind.AMOUNT else total
    return shown


def is_shown(view: FormView, name: str, known: Mapping[str, str]) -> bool:
    """Whether the page asks for field `name` when the other fields hold `known` (canonical values)."""
    return view.field(name) is None or any(field.key == name for field in asked(view.template, known))


def _known(values: Mapping[str, str], view: FormView) -> dict[str, str]:
    """What a condition or a product can be read from: the given values, and what was typed, in canonical form.

    A question that is hidden answers nothing, though something may still stand in it.
    """
    known = dict(view.given)
    for field in view.fields:  # in the form's order: a question comes after the one it hangs on
        value = canonical(field, values.get(field.field, "").strip())
        if value is not None and is_shown(view, field.field, known):
            known[field.field] = value
    return known
