"""Figures that a menu says: what the desk or the queues know, as a sentence in the caller's language."""

from datasets import sayings
from datasets.language import Language
from lab_server.desk.members import Figures
from lab_server.floor.call import Call
from lab_server.floor.kit import Kit
from lab_server.routing.waits import Unit, as_said

_CHECKED = "member-"


def checked_as(number: str) -> str:
    """The note on the customer's channel that says whose a member number is, once its PIN was right."""
    return f"{_CHECKED}{number}"


async def sentence(call: Call, kit: Kit, figure: str, blanks: dict[str, str]) -> str | None:
    """What to say of `figure`; None: there is no such figure now. Never raises for what a caller has keyed."""
    language = call.language or kit.settings.plan.language
    match figure:
        case "number":
            return sayings.confirm_number(blanks["digits"], language) if blanks.get("digits") else None
        case "time":
            return sayings.time_now(kit.now_utc().astimezone(kit.settings.plan.zone).time(), language)
        case "queue_wait":
            return wait_said(kit.distribution.wait_for_next_s(blanks.get("queue", "")), language)
        case "queue_length":
            return sayings.queue_length(kit.distribution.length(blanks.get("queue", "")), language)
        case "balance" | "points" | "last_order":
            return _of_member(figure, await _figures(call, kit, blanks.get("member", "")), language)
        case _:
            return None


def wait_said(wait_s: float | None, language: Language) -> str | None:
    """An expected wait as people say it; None if it is not known."""
    if wait_s is None:
        return None
    unit, count = as_said(max(0.0, wait_s))
    if unit is Unit.MORE_THAN_AN_HOUR:
        return sayings.expected_wait("hours", 1, language)
    return sayings.expected_wait("minutes", count, language)


async def _figures(call: Call, kit: Kit, number: str) -> Figures | None:
    customer_id = call.customer.notes.get(checked_as(number)) if call.customer is not None else None
    return await kit.directory.figures(customer_id) if customer_id else None


def _of_member(figure: str, known: Figures | None, language: Language) -> str | None:
    if known is None:
        return None
    match figure:
        case "balance" if known.balance_cents is not None:
            return sayings.balance(known.balance_cents, language)
        case "points" if known.points is not None:
            return sayings.points(known.points, language)
        case "last_order" if known.order_state is not None:
            return sayings.order_state(known.order_state, language)
    return None
