"""Which questions hang on which: what would break if one was moved, renamed or taken away. Pure."""

from collections.abc import Sequence
from typing import Literal

from lab_server.desk.templates.model import Jump, Rule, TemplateField
from scenarios.facts import Frozen


class Hanging(Frozen):
    """Field `field` hangs on `other`, which is not where it has to be."""

    field: str
    other: str
    why: Literal["jump", "rule", "lesson"]


def hanging(fields: Sequence[TemplateField]) -> tuple[Hanging, ...]:
    """What keeps these fields from being a template; empty if nothing does."""
    places = {field.key: place for place, field in enumerate(fields)}
    found = []
    for place, field in enumerate(fields):
        for rule in field.shown_if:
            if not 0 <= places.get(rule.field, -1) < place:
                found.append(Hanging(field=field.key, other=rule.field, why="rule"))
            elif fields[places[rule.field]].lesson > field.lesson:
                found.append(Hanging(field=field.key, other=rule.field, why="lesson"))
        found += [
            Hanging(field=field.key, other=jump.to, why="jump")
            for jump in field.jumps
            if jump.to and places.get(jump.to, -1) <= place
        ]
    return tuple(found)


def renamed(fields: Sequence[TemplateField], old: str, new: str) -> tuple[TemplateField, ...]:
    """The fields, with whatever hung on `old` hanging on `new`."""

    def rule(one: Rule) -> Rule:
        return one.model_copy(update={"field": new}) if one.field == old else one

    def jump(one: Jump) -> Jump:
        return one.model_copy(update={"to": new}) if one.to == old else one

    return tuple(
        field.model_copy(update={"shown_if": tuple(map(rule, field.shown_if)), "jumps": tuple(map(jump, field.jumps))})
        for field in fields
    )
