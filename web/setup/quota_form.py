"""A survey's quotas as people type them: of those who answer so, at most so many."""

from collections.abc import Mapping, Sequence

from datasets.language import Language
from lab_server.desk.polls import Quota
from lab_server.desk.templates.model import CHOOSING, FieldKind, Template
from lab_server.desk.templates.of_case import YES_NO
from web.setup.words import in_words

MOST = 12


def offered(template: Template, language: Language) -> list[tuple[str, str]]:
    """`key=code` and how it reads, of every answer that can be counted."""
    found = []
    for field in template.fields:
        choices = YES_NO if field.kind is FieldKind.YES_NO else field.choices
        if field.kind in CHOOSING or field.kind is FieldKind.YES_NO:
            title = in_words(field.title, language)
            found += [(f"{field.key}={one.code}", f"{title}: {in_words(one.title, language)}") for one in choices]
    return found


def as_typed(quotas: Sequence[Quota]) -> list[tuple[str, str]]:
    """The rows, and an empty one."""
    rows = [(f"{one.key}={','.join(one.answers)}", str(one.most)) for one in quotas]
    return [*rows, ("", "")][:MOST]


def parsed(form: Mapping[str, str]) -> tuple[list[Quota], str]:
    """The quotas of a page, or a word of `words.fault`."""
    found = []
    for at in range(MOST):
        answer, most = form.get(f"quota{at}_answer", "")[:400], form.get(f"quota{at}_most", "").strip()
        key, _, codes = answer.partition("=")
        if not key or not codes:
            continue
        if not (most.isascii() and most.isdecimal() and len(most) < 7):
            return [], "number"
        found.append(Quota(key=key, answers=tuple(codes.split(",")), most=int(most)))
    return found, ""
