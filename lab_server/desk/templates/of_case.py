"""Scenarios' forms as templates and back: what grading compares and what the page draws are one thing."""

from collections.abc import Sequence

from lab_server.desk.templates.model import FieldKind, Graded, Rule, Template, TemplateField
from scenarios.facts import Choice, Condition, FactKind, Form, RecordField

_AS_FIELD: dict[FactKind, FieldKind] = {
    FactKind.TEXT: FieldKind.TEXT,
    FactKind.NAME: FieldKind.NAME,
    FactKind.PHONE: FieldKind.PHONE,
    FactKind.ADDRESS: FieldKind.ADDRESS,
    FactKind.DATE: FieldKind.DATE,
    FactKind.AMOUNT: FieldKind.MONEY,
    FactKind.COUNT: FieldKind.NUMBER,
    FactKind.CHOICE: FieldKind.CHOICE,
    FactKind.POINTS: FieldKind.LONG_TEXT,
}
_AS_FACT: dict[FieldKind, FactKind] = {
    FieldKind.NAME: FactKind.NAME,
    FieldKind.NUMBER: FactKind.COUNT,
    FieldKind.MONEY: FactKind.AMOUNT,
    FieldKind.DATE: FactKind.DATE,
    FieldKind.CHOICE: FactKind.CHOICE,
    FieldKind.YES_NO: FactKind.CHOICE,
    FieldKind.PHONE: FactKind.PHONE,
    FieldKind.ADDRESS: FactKind.ADDRESS,
}
YES_NO = (
    Choice(code="yes", title={"zh-CN": "是", "en": "Yes"}),
    Choice(code="no", title={"zh-CN": "否", "en": "No"}),
)


def template_of(form: Form, fields: Sequence[RecordField], key: str = "") -> Template:
    """The template of a scenario's form; `record_fields` gives the same fields back."""
    return Template(key=key or form, form=form, title={}, fields=tuple(map(_field, fields)))


def record_fields(template: Template) -> tuple[RecordField, ...]:
    """What grading and the desk's entries know of each field."""
    return tuple(_record(template.form, field) for field in template.fields)


def _field(field: RecordField) -> TemplateField:
    condition = field.shown_if
    rules = (Rule(field=condition.fact, values=condition.among),) if condition is not None and condition.among else ()
    chosen = field.kind is FactKind.CHOICE and field.choices
    return TemplateField(
        key=field.field,
        kind=_AS_FIELD[field.kind] if chosen or field.kind is not FactKind.CHOICE else FieldKind.TEXT,
        title=field.title,
        required=field.required,
        choices=field.choices if chosen else (),
        shown_if=rules,
        graded=Graded(kind=field.kind, depends_on=field.depends_on, computed_from=field.computed_from),
    )


def _record(form: Form, field: TemplateField) -> RecordField:
    graded = field.graded or Graded(kind=_AS_FACT.get(field.kind, FactKind.TEXT))
    among = next((rule for rule in field.shown_if if rule.op == "among"), None)
    return RecordField(
        form=form,
        field=field.key,
        kind=graded.kind,
        title=field.title,
        required=field.required,
        depends_on=graded.depends_on,
        shown_if=Condition(fact=among.field, among=among.values) if among is not None else None,
        choices=YES_NO if field.kind is FieldKind.YES_NO else field.choices if graded.kind is FactKind.CHOICE else (),
        computed_from=graded.computed_from,
    )
