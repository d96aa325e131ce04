"""The caller's own rating, 1 (bad) to 5 (good), asked by key after the agent hung up."""

from grading.line import Line, Verdict
from scenarios.rubric import RubricItem

BEST = 5


def rating_line(item: RubricItem, rating: float) -> Line:
    """The line of a rating that was given."""
    share = item.share(rating)
    best = max((int(band.upto) for band in item.bands if band.share == 1), default=BEST)
    least = min((value for value in range(1, BEST + 1) if item.share(value) == 1), default=best)
    return Line(
        item=item.key,
        kind="rating",
        title=item.title,
        expected=f"≥ {least}" if least < BEST else f"{BEST}",
        found=f"{rating:g}",
        verdict=Verdict.RIGHT if share == 1 else Verdict.WRONG,
        reason="rated",
        points=round(item.points * share, 2),
        of=item.points,
        critical=item.critical,
    )
