"""Which questions are asked, by what was answered before them: pure."""

from collections.abc import Mapping

from lab_server.desk.templates.model import FieldKind, Rule, Template, TemplateField


def asked(template: Template, answers: Mapping[str, str]) -> tuple[TemplateField, ...]:
    """The fields that are asked, in order. One walk: a question that is not asked answers nothing."""
    found, counted, until = [], dict[str, str](), None
    for field in template.fields:
        if until is not None and field.key != until:
            continue
        until = None
        if not all(_holds(rule, counted) for rule in field.shown_if):
            continue
        found.append(field)
        value = answers.get(field.key, "").strip()
        if value:
            counted[field.key] = value
            until = _target(field, value)
    return tuple(found)


def pruned(template: Template, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers of those that are asked; what else was typed is left out."""
    keys = [field.key for field in asked(template, answers)]
    return {key: answers[key] for key in keys if key in answers}


def _target(field: TemplateField, value: str) -> str | None:
    """Where to go on; None: at the next field."""
    given = {part.strip() for part in value.split(",")} if field.kind is FieldKind.MULTI_CHOICE else {value}
    return next((jump.to for jump in field.jumps if not jump.among or given & set(jump.among)), None)


def _holds(rule: Rule, counted: Mapping[str, str]) -> bool:
    value = counted.get(rule.field)
    match rule.op:
        case "filled":
            return value is not None
        case "empty":
            return value is None
        case "among":
            return value is not None and bool({value, *(part.strip() for part in value.split(","))} & set(rule.values))
        case "not_among":
            return value is None or not {value, *(part.strip() for part in value.split(","))} & set(rule.values)
        case _:
            return _compared(rule, value)


def _compared(rule: Rule, value: str | None) -> bool:
    try:
        number, limit = float(value or ""), float(rule.values[0])
    except ValueError:
        return False
    return number >= limit if rule.op == "at_least" else number <= limit
