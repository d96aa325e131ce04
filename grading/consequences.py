"""Mistakes that only follow from another one: they are shown, but nobody pays twice."""

from collections.abc import Iterable, Mapping

from datasets.language import Language
from grading.evidence import Evidence
from grading.line import Line, Verdict
from grading.normalise.compare import canonical, compare
from scenarios.facts import RecordField, computed_value
from scenarios.rubric import RubricItem


def mark_consequences(
    lines: Mapping[str, Line], items: Mapping[str, RubricItem], evidence: Evidence
) -> dict[str, Line]:
    """The same lines, those that only follow from another one's mistake marked `consequential`.

    Two things follow: a total computed rightly from what was recorded wrongly (or that could not be computed, a part
    being absent), and an answer that is absent because a wrong answer hid its question.
    """
    by_field = {items[key].field: line for key, line in lines.items()}
    marked: dict[str, Line] = {}
    for key, line in lines.items():
        field = evidence.truth.field(items[key].field)
        others = [items[other].field for other in items[key].depends_on if other in items]
        causes = [] if line.verdict is Verdict.RIGHT else _not_right([*_sources(field), *others], by_field)
        marked[key] = _marked(line, causes, evidence.language) if causes and _follows(line, field, evidence) else line
    return marked


def _sources(field: RecordField) -> list[str]:
    return [*field.depends_on, *field.computed_from, *([field.shown_if.fact] if field.shown_if else [])]


def _not_right(names: Iterable[str], by_field: Mapping[str, Line]) -> list[Line]:
    lines = [by_field[name] for name in dict.fromkeys(names) if name in by_field]
    return [line for line in lines if line.verdict is not Verdict.RIGHT]


def _marked(line: Line, causes: Iterable[Line], language: Language) -> Line:
    titles = ("、" if language == "zh-CN" else ", ").join(cause.title.get(language, cause.item) for cause in causes)
    update = {"consequential": True, "points": 0.0, "reason": "follows", "params": {"fields": titles}}
    return line.model_copy(update=update)


def _follows(line: Line, field: RecordField, evidence: Evidence) -> bool:
    if field.computed_from:
        return _computed_from_record(line, field, evidence)
    return field.shown_if is not None and not line.found and _hidden(field, evidence)


def _computed_from_record(line: Line, field: RecordField, evidence: Evidence) -> bool:
    value = computed_value(field, _recorded(evidence))
    if value is None:
        return not line.found
    return bool(line.found) and compare(field, value, line.found, evidence.reference_date, evidence.language).right


def _hidden(field: RecordField, evidence: Evidence) -> bool:
    condition = field.shown_if
    if condition is None or not condition.among:
        return False
    return _recorded(evidence).get(condition.fact) not in condition.among


def _recorded(evidence: Evidence) -> dict[str, str]:
    """What the page knew when it computed and hid: the given values, and what was typed in canonical form."""
    values = dict(evidence.truth.given)
    typed = evidence.recorded.values if evidence.recorded else {}
    for field in evidence.truth.fields:
        value = canonical(field, typed.get(field.field, "").strip())
        if value is not None:
            values[field.field] = value
    return values
