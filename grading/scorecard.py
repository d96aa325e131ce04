"""Evidence and rubric in, scorecard out: a pure function."""

from collections.abc import Sequence

from grading.crm import field_lines
from grading.evidence import Evidence
from grading.handling import measure_line
from grading.line import Line, Verdict
from scenarios.facts import Frozen
from scenarios.rubric import Rubric


class Scorecard(Frozen):
    """`raw_score`: per cent of the points that count, 0 to 100, whatever was critical; None if nothing could be graded.

    `score`: the same, but 0 if a critical line failed the call (`critical_failures` names its items). `passed`: no
    critical failure and at least the pass mark. `not_applicable`: items that this call cannot be graded by (no rating
    was given), left out.
    """

    lines: tuple[Line, ...]
    raw_score: float | None
    score: float | None
    passed: bool | None
    critical_failures: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()


def grade(evidence: Evidence, rubric: Rubric) -> Scorecard:
    """The scorecard of one contact; the same evidence and rubric always give the same one.

    Raises `RubricMismatchError` if the rubric grades a field that the form does not have.
    """
    fields = field_lines(evidence, rubric)
    lines: list[Line] = []
    not_applicable: list[str] = []
    for item in rubric.items:
        line = fields.get(item.key) if item.kind == "field" else measure_line(item, evidence)
        if line is None:
            not_applicable.append(item.key)
        else:
            lines.append(line)
    return _total(lines, rubric.pass_mark, tuple(not_applicable))


def _total(lines: Sequence[Line], pass_mark: float, not_applicable: tuple[str, ...]) -> Scorecard:
    counting = [line for line in lines if not line.consequential]
    failures = tuple(line.item for line in counting if line.critical and line.verdict is not Verdict.RIGHT)
    of = sum(line.of for line in counting)
    raw = round(100 * sum(line.points for line in counting) / of, 2) if of else None
    return Scorecard(
        lines=tuple(lines),
        raw_score=raw,
        score=0.0 if failures and raw is not None else raw,
        passed=None if raw is None else not failures and raw >= pass_mark,
        critical_failures=failures,
        not_applicable=not_applicable,
    )
