"""One virtual caller for one person at a seat: a class of a single call, ordered by a button."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlmodel import Session, col, select

from datasets.language import Language
from datasets.numbers import NumberRanges
from lab_server.classroom.launch import ClassPlan, draw, launch
from lab_server.classroom.rows import FOR_SEAT
from lab_server.config import Settings
from lab_server.desk.desk import Desk
from lab_server.store.tables import LabSession
from scenarios.schema import Scenario

BY_USER = "by_user"
"""In a session's plan: who ordered it."""
PAUSE_S = 8.0
"""So soon after one caller nobody gets the next."""
AN_HOUR = 30
"""So many callers one person gets in an hour."""
AT_ONCE = 30
"""So many such calls may go on at a time."""
FORGOTTEN_S = 1200.0
"""A call that was ordered this long ago holds up nobody any more."""
_OPEN = ("planned", "running")


class PracticeError(Exception):
    """No caller now; `error_id` says why: `class_runs`, `own_runs`, `too_soon`, `too_many`, `no_scenario`."""

    def __init__(self, error_id: str, message: str) -> None:
        super().__init__(message)
        self.error_id = error_id


def is_practice(row: LabSession) -> bool:
    return bool(row.plan.get(FOR_SEAT))


def order(
    desk: Desk,
    seat: str,
    language: Language,
    settings: Settings,
    scenarios: Mapping[str, Scenario],
    engines: Mapping[str, str],
) -> str:
    """Write down a class of one caller who wishes for `seat`; returns the session's id, for `StartSession`.

    Raises `PracticeError`.
    """
    _refuse(desk)
    fitting = _fitting(scenarios.values(), language, settings)
    seed = secrets.randbelow(2**31)
    scenario = fitting[seed % len(fitting)]
    numbers = NumberRanges(prefixes=settings.number_prefixes)
    plan = ClassPlan(1, 1, seed, language, (scenario,), numbers=numbers)
    now = desk.clock.utc()
    session_id = launch(
        desk.session, plan, draw(plan, now.astimezone(settings.zone).date()), [],
        name=f"{desk.actor.name[:60]} {now.astimezone(settings.zone):%Y-%m-%d %H:%M}", site_id=desk.actor.site_id,
        now=now, engines=dict(engines),
    )  # fmt: skip
    row = desk.session.get_one(LabSession, session_id)
    row.plan = {**row.plan, "agents": 0, FOR_SEAT: seat, BY_USER: desk.actor.id}
    desk.session.add(row)
    return session_id


def _refuse(desk: Desk) -> None:
    rows = _lately(desk.session, desk)
    mine = [row for row in rows if row.plan.get(BY_USER) == desk.actor.id]
    now = desk.clock.utc()
    going = [row for row in rows if row.status in _OPEN and now - row.created_at < timedelta(seconds=FORGOTTEN_S)]
    if class_runs(desk.session, desk.actor.site_id):
        raise PracticeError("class_runs", "a class is running: its callers ring whoever is ready")
    if any(row in going for row in mine):
        raise PracticeError("own_runs", "your caller is on the way, or its call is not written up and graded yet")
    if any(now - row.created_at < timedelta(seconds=PAUSE_S) for row in mine):
        raise PracticeError("too_soon", f"the last caller was {PAUSE_S:g} s ago or less: wait a moment")
    if len(mine) >= AN_HOUR:
        raise PracticeError("too_many", f"that were {AN_HOUR} callers in an hour: go on later")
    if len(going) >= AT_ONCE:
        raise PracticeError("too_many", f"{AT_ONCE} such calls are going on: wait until some are over")


def class_runs(session: Session, site_id: str) -> bool:
    """Whether a class of more than one person's single call is running."""
    running = select(LabSession).where(LabSession.site_id == site_id, LabSession.status == "running")
    return any(not is_practice(row) for row in session.exec(running))


def _lately(session: Session, desk: Desk) -> list[LabSession]:
    since = desk.clock.utc() - timedelta(hours=1)
    rows = select(LabSession).where(LabSession.site_id == desk.actor.site_id, col(LabSession.created_at) > since)
    return [row for row in session.exec(rows) if is_practice(row)]


def _fitting(known: Iterable[Scenario], language: Language, settings: Settings) -> list[Scenario]:
    """Those in which somebody rings, in the language, about what a queue of the floor is for."""
    led_to = set(settings.queues if settings.plan else settings.menu_keys.values()) or set(settings.queues)
    fitting = [one for one in known if one.direction == "in" and language in one.languages and one.queue in led_to]
    if not fitting:
        raise PracticeError("no_scenario", f"no scenario of an incoming call is written in {language}")
    return fitting
