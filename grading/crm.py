"""What was written down against what was told, field by field: five verdicts, never mixed up."""

from collections.abc import Iterable, Mapping

from grading.consequences import mark_consequences
from grading.errors import RubricMismatchError
from grading.evidence import Evidence
from grading.line import Line, Verdict
from grading.normalise.compare import compare
from grading.normalise.match import Match
from grading.shown import shown
from scenarios.facts import RecordField, Told, expected_values
from scenarios.rubric import Rubric, RubricItem

CLIP_MARGIN_S = 0.3
"""Added on both sides of a line's words, so that its first and last sound are heard."""


def field_lines(evidence: Evidence, rubric: Rubric) -> dict[str, Line]:
    """One line an item that grades a field, by item key; items whose question does not apply have none.

    Raises `RubricMismatchError` if the form does not have an item's field.
    """
    expected = expected_values(evidence.truth, evidence.told)
    items = {item.key: item for item in rubric.items if item.kind == "field"}
    fields = {key: _field(item, evidence) for key, item in items.items()}
    lines: dict[str, Line] = {}
    for key, item in items.items():
        line = _line(item, fields[key], evidence, expected.get(fields[key].field))
        if line is not None:
            lines[key] = line
    return mark_consequences(lines, items, evidence)


def _field(item: RubricItem, evidence: Evidence) -> RecordField:
    try:
        return evidence.truth.field(item.field)
    except KeyError:
        raise RubricMismatchError(item.key, item.field, evidence.scenario) from None


def typed(values: Mapping[str, str] | None, field: str) -> str:
    """What stands in a field; spaces alone are nothing."""
    return (values or {}).get(field, "").strip()


def _line(item: RubricItem, field: RecordField, evidence: Evidence, told: Told | None) -> Line | None:
    found = typed(evidence.recorded.values if evidence.recorded else None, field.field)
    fact = evidence.truth.fact(field.field)
    if fact is None and not found:
        return None
    verdict, match = _verdict(field, evidence, told, found)
    meant = told.value if told else fact.value if fact else ""
    return Line(
        item=item.key,
        kind=field.kind.value,
        title=item.title,
        expected=shown(field, meant, evidence.language) if meant else "",
        found=_shown_found(field, found, evidence),
        verdict=verdict,
        reason=match.reason if fact or told else "not_applicable",
        params=match.params,
        told_at=None if told is None else round(told.began_s, 2),
        clip=None if told is None else _clip(told),
        points=round(item.points * match.share, 2),
        of=item.points,
        critical=item.critical,
    )


def _shown_found(field: RecordField, found: str, evidence: Evidence) -> str:
    """As it was typed; of a choice stored by its code, what the page showed for it."""
    if any(choice.code == found for choice in field.choices):
        return shown(field, found, evidence.language)
    return found


def _verdict(field: RecordField, evidence: Evidence, told: Told | None, found: str) -> tuple[Verdict, Match]:
    if told is None:
        if found:
            return Verdict.INVENTED, Match(share=0, reason="guessed")
        return Verdict.NOT_ASKED, Match(share=0, reason="never_told")
    if not found:
        return Verdict.MISSING, Match(share=0, reason="empty")
    match = compare(field, told.value, found, evidence.reference_date, evidence.language)
    if match.right:
        return Verdict.RIGHT, match
    if _told_before(field, evidence, told, found):
        return Verdict.WRONG, Match(share=0, reason="told_earlier")
    return Verdict.WRONG, match


def _told_before(field: RecordField, evidence: Evidence, counts: Told, found: str) -> bool:
    earlier: Iterable[Told] = (
        one
        for one in evidence.told
        if one.key == counts.key and one.value != counts.value and one.began_s < counts.began_s
    )
    return any(compare(field, one.value, found, evidence.reference_date, evidence.language).right for one in earlier)


def _clip(told: Told) -> tuple[float, float]:
    return round(max(0.0, told.began_s - CLIP_MARGIN_S), 2), round(told.ended_s + CLIP_MARGIN_S, 2)
