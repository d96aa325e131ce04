"""Talk scripts (话术) by queue and language, step by step; every save is a version."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from datasets.language import Language
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, UnknownScriptError
from lab_server.desk.knowledge import blanks
from lab_server.desk.rights import Right
from lab_server.desk.typed import typed
from lab_server.store.tables import TalkScript
from scenarios.facts import Frozen

MOST_STEPS = 30


class ScriptStep(Frozen):
    """One step: what it is called, and what to say."""

    key: str
    title: str
    text: str


class ScriptView(Frozen):
    """A talk script."""

    id: str
    queue: str
    language: Language
    version: int
    current: bool
    title: str
    steps: tuple[ScriptStep, ...]
    saved_at: datetime


def for_queue(session: Session, site_id: str, queue: str, language: Language) -> ScriptView | None:
    """The queue's script; if it has none, the one for all; if not in that language, in the other."""
    rows = select(TalkScript).where(
        TalkScript.site_id == site_id, col(TalkScript.queue).in_({queue, ""}), col(TalkScript.current).is_(True)
    )
    found = sorted(session.exec(rows), key=lambda one: (one.language != language, one.queue == ""))
    return _view(found[0]) if found else None


def filled(script: ScriptView, values: Mapping[str, str]) -> ScriptView:
    """The script as it is said to this customer."""
    steps = tuple(one.model_copy(update={"text": blanks.filled(one.text, values)}) for one in script.steps)
    return script.model_copy(update={"steps": steps})


def save(desk: Desk, queue: str, language: Language, title: str, steps: Sequence[ScriptStep]) -> ScriptView:
    """The queue's script from now on (queue empty: for those without their own). Raises `BadValueError`."""
    desk.check(Right.DESK_SETUP)
    if not 0 < len(steps) <= MOST_STEPS or len({one.key for one in steps}) < len(steps):
        raise BadValueError(f"a script has 1 to {MOST_STEPS} steps, each with its own key")
    kept = [
        {
            "key": typed("key", one.key, 40, needed=True),
            "title": typed("title", one.title, 80),
            "text": blanks.checked(typed("text", one.text, 2000, lines=True, needed=True)),
        }
        for one in steps
    ]
    version = 1
    for row in _versions(desk, queue, language):
        version = max(version, row.version + 1)
        row.current = False
        desk.session.add(row)
    desk.session.flush()
    row = TalkScript(
        site_id=desk.actor.site_id, queue=typed("queue", queue, 40), language=language, version=version,
        title=typed("title", title, 120, needed=True), steps=kept, user_id=desk.actor.id, saved_at=desk.clock.utc(),
    )  # fmt: skip
    desk.session.add(row)
    desk.session.flush()
    desk.note(None, "script.saved", {"queue": queue, "language": language, "version": version})
    return _view(row)


def history(desk: Desk, queue: str, language: Language) -> tuple[ScriptView, ...]:
    """Every version, the newest first."""
    desk.check(Right.DESK_SETUP)
    return tuple(_view(row) for row in _versions(desk, queue, language))


def bring_back(desk: Desk, script_id: str) -> ScriptView:
    """An older version is said again, as a new one. Raises `UnknownScriptError`."""
    row = desk.session.get(TalkScript, script_id)
    if row is None or row.site_id != desk.actor.site_id:
        raise UnknownScriptError(f"there is no talk script {script_id[:40]!r}: take the id from the history")
    old = _view(row)
    return save(desk, old.queue, old.language, old.title, old.steps)


def listed(desk: Desk) -> tuple[ScriptView, ...]:
    """What is said now, by queue and language."""
    rows = select(TalkScript).where(TalkScript.site_id == desk.actor.site_id, col(TalkScript.current).is_(True))
    return tuple(_view(row) for row in desk.session.exec(rows.order_by(TalkScript.queue, TalkScript.language)))


def _versions(desk: Desk, queue: str, language: Language) -> list[TalkScript]:
    rows = select(TalkScript).where(
        TalkScript.site_id == desk.actor.site_id, TalkScript.queue == queue, TalkScript.language == language
    )
    return list(desk.session.exec(rows.order_by(col(TalkScript.version).desc())))


def _view(row: TalkScript) -> ScriptView:
    plain = row.model_dump(include=set(ScriptView.model_fields) - {"steps"})
    return ScriptView(**plain, steps=tuple(ScriptStep.model_validate(one) for one in row.steps))
