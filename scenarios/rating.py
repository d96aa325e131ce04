"""How a caller rates a call, from how it was treated. A pure function, so that a class can be shown why."""

from scenarios.case import Temper
from scenarios.facts import Frozen

BEST, WORST = 5, 1


class Treatment(Frozen):
    """What happened to the caller. `waited`: its time in the queue as a share of its patience; `held_s`: longest hold.

    `nags`: how often it had to ask whether anybody is there. `untold`: facts nobody asked it for.
    """

    waited: float = 0.0
    greeted: bool = True
    closed: bool = True
    curt: bool = False
    held_s: float = 0.0
    nags: int = 0
    untold: int = 0


def rate(treatment: Treatment, temper: Temper) -> int:
    """1 (bad) to 5 (good). What annoys costs a point, rudeness two; an angry caller forgives only once."""
    costs = (
        2 if treatment.curt else 0,
        1 if not treatment.greeted else 0,
        1 if not treatment.closed else 0,
        1 if treatment.waited > 0.7 else 0,
        1 if treatment.held_s > 15 else 0,
        min(treatment.nags, 2),
        min(treatment.untold, 2),
    )
    total = sum(costs)
    if temper == "angry" and total > 1:
        total += 1
    return max(WORST, BEST - total)
