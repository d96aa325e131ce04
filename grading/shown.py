"""A canonical value as a person reads it, in the language of the call."""

from datasets.language import Language
from scenarios.facts import FactKind, RecordField, point_wordings
from scenarios.record import as_written


def shown(field: RecordField, value: str, language: Language) -> str:
    """`39900` → `399.00`, a choice's code → its title, points → the first wording of each."""
    if field.kind is FactKind.CHOICE:
        return next(
            (choice.title.get(language, choice.code) for choice in field.choices if choice.code == value), value
        )
    if field.kind is FactKind.POINTS:
        return ("；" if language == "zh-CN" else "; ").join(point[0] for point in point_wordings(value) if point)
    return as_written(field.kind, value)
