"""How the call was handled: speed of answer, talk, hold, wrap-up and the caller's rating against their bands."""

from grading.evidence import Evidence
from grading.line import Line, Verdict
from grading.rating import rating_line
from scenarios.rubric import Band, RubricItem


def measure_line(item: RubricItem, evidence: Evidence) -> Line | None:
    """The line of an item that grades a measure; None if this call has no such measure."""
    if item.measure is None:
        return None
    value = evidence.measured(item.measure)
    if value is None:
        return None
    if item.measure == "rating":
        return rating_line(item, value)
    share = item.share(value)
    reason, params = _reason(value, item.bands, share)
    low, high = _target(item.bands)
    return Line(
        item=item.key,
        kind=item.measure,
        title=item.title,
        expected=f"≤ {high:g} s" if low == 0 else f"{low:g}–{high:g} s",
        found=f"{value:.1f} s",
        verdict=Verdict.RIGHT if share == 1 else Verdict.WRONG,
        reason=reason,
        params=params,
        points=round(item.points * share, 2),
        of=item.points,
        critical=item.critical,
    )


def _target(bands: tuple[Band, ...]) -> tuple[float, float]:
    """From where to where the most is earned, in seconds."""
    best = max(band.share for band in bands)
    first = next(index for index, band in enumerate(bands) if band.share == best)
    last = max(index for index, band in enumerate(bands) if band.share == best)
    return (bands[first - 1].upto if first else 0.0), bands[last].upto


def _reason(value: float, bands: tuple[Band, ...], share: float) -> tuple[str, dict[str, str]]:
    if share == 1:
        return "in_band", {}
    low, high = _target(bands)
    params = {"value": f"{value:.1f}", "low": f"{low:g}", "limit": f"{high:g}"}
    return ("above_band" if low == 0 else "outside_band"), params
