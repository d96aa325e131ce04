"""The lists calls are screened by: who is turned away, who goes first."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, TakenError, UnknownListedNumberError
from lab_server.desk.numbers import identity
from lab_server.desk.rights import Right
from lab_server.store.tables import ListedNumber, ListKind, Mode

_PREFIX = re.compile(r"\+[0-9]{1,19}|[0-9]{2,20}")
_MOST_LINES = 10_000


@dataclass(frozen=True)
class Pattern:
    """A whole number in its one spelling, or what such a spelling begins with."""

    number: str
    is_prefix: bool

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """`163 0000 0001`, or `+1*`, `0755*`, `400*` for all that begin so. Raises `BadValueError`."""
        bare = re.sub(r"[\s()\-.]", "", unicodedata.normalize("NFKC", text))
        if not bare.endswith("*"):
            number = identity(bare)
            if not number or len(number) > 40 or not re.fullmatch(r"\+?[0-9]+", number):
                raise BadValueError(
                    f"{text!r} is no number: write digits, or the first of them and a * for all of those"
                )
            return cls(number, is_prefix=False)
        prefix = bare[:-1]
        if not _PREFIX.fullmatch(prefix):
            raise BadValueError(f"{text!r} is no beginning of a number: write at least two digits before the *")
        return cls(_international(prefix), is_prefix=True)


def _international(bare: str) -> str:
    if bare.startswith("+"):
        return bare
    return f"+{bare[2:]}" if bare.startswith("00") else f"+86{bare.removeprefix('0')}"


class Lists:
    """One mode's lists in memory: a look-up costs the same however long they are."""

    def __init__(self, rows: Iterable[ListedNumber] = ()) -> None:
        self._exact: dict[str, list[ListedNumber]] = {}
        self._prefixes: dict[str, list[ListedNumber]] = {}
        for row in rows:
            (self._prefixes if row.is_prefix else self._exact).setdefault(row.number, []).append(row)
        self._longest = max(map(len, self._prefixes), default=0)

    def kinds(self, number: str, now: datetime) -> frozenset[ListKind]:
        """The lists that a number, however it is spelled, is on at `now`."""
        spelled = identity(number)
        if not spelled:
            return frozenset()
        whole = _international(spelled)
        found = list(self._exact.get(spelled, ()))
        for length in range(1, min(self._longest, len(whole)) + 1):
            found += self._prefixes.get(whole[:length], ())
        return frozenset(row.kind for row in found if row.until is None or now < row.until)


def load(session: Session, site_id: str) -> Mapping[Mode, Lists]:
    """Every list of the site, by mode."""
    rows = session.exec(select(ListedNumber).where(ListedNumber.site_id == site_id)).all()
    return {
        "training": Lists(row for row in rows if row.mode == "training"),
        "production": Lists(row for row in rows if row.mode == "production"),
    }


def listed(desk: Desk, mode: Mode, kind: ListKind | None = None) -> list[ListedNumber]:
    """What is on the lists, the newest first."""
    desk.check(Right.SCREENING_READ)
    rows = select(ListedNumber).where(ListedNumber.site_id == desk.actor.site_id, ListedNumber.mode == mode)
    if kind is not None:
        rows = rows.where(ListedNumber.kind == kind)
    return list(desk.session.exec(rows.order_by(col(ListedNumber.created_at).desc(), col(ListedNumber.id).desc())))


def add(
    desk: Desk, mode: Mode, kind: ListKind, number: str, *, reason: str = "", until: datetime | None = None
) -> ListedNumber:
    """Put a number, or all that begin so, on a list. Raises `BadValueError`, `TakenError` if it is there already."""
    desk.check(Right.SCREENING_MANAGE)
    pattern = Pattern.parse(number)
    if _there(desk, mode, kind, pattern) is not None:
        raise TakenError(f"{number} is on the {kind} list already: remove it first to change it")
    return _add(desk, mode, kind, number, pattern, reason, until)


def remove(desk: Desk, entry_id: str) -> None:
    """Take it off; the journal keeps what it was. Raises `UnknownListedNumberError`."""
    desk.check(Right.SCREENING_MANAGE)
    entry = desk.session.get(ListedNumber, entry_id)
    if entry is None or entry.site_id != desk.actor.site_id:
        raise UnknownListedNumberError(f"there is no listed number {entry_id!r}: take the id from the list")
    desk.session.delete(entry)
    desk.session.flush()
    desk.note(None, "screening.removed", _told(entry))


def import_lines(desk: Desk, mode: Mode, kind: ListKind, text: str) -> int:
    """Put one number a line (`number,reason`) on a list and return how many are new.

    If a line is wrong, none is: raises `BadValueError` that names every wrong line.
    """
    desk.check(Right.SCREENING_MANAGE)
    lines = [(at, line.partition(",")) for at, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > _MOST_LINES:
        raise BadValueError(f"{len(lines)} lines are too many: import at most {_MOST_LINES} at a time")
    parsed, faults = {}, []
    for at, (number, _, reason) in lines:
        try:
            parsed[Pattern.parse(number)] = (number.strip(), _reason(reason.strip()))
        except BadValueError as error:
            faults.append(f"line {at}: {error}")
    if faults:
        raise BadValueError("; ".join(faults))
    new = [pattern for pattern in parsed if _there(desk, mode, kind, pattern) is None]
    for pattern in new:
        _add(desk, mode, kind, parsed[pattern][0], pattern, parsed[pattern][1], None)
    return len(new)


def _there(desk: Desk, mode: Mode, kind: ListKind, pattern: Pattern) -> ListedNumber | None:
    return desk.session.exec(
        select(ListedNumber).where(
            ListedNumber.site_id == desk.actor.site_id,
            ListedNumber.mode == mode,
            ListedNumber.kind == kind,
            ListedNumber.number == pattern.number,
            col(ListedNumber.is_prefix).is_(pattern.is_prefix),
        )
    ).first()


def _add(
    desk: Desk, mode: Mode, kind: ListKind, number: str, pattern: Pattern, reason: str, until: datetime | None
) -> ListedNumber:
    entry = ListedNumber(
        site_id=desk.actor.site_id,
        mode=mode,
        kind=kind,
        dialled=number.strip()[:40],
        number=pattern.number,
        is_prefix=pattern.is_prefix,
        reason=_reason(reason),
        user_id=desk.actor.id,
        created_at=desk.clock.utc(),
        until=until,
    )
    desk.session.add(entry)
    desk.session.flush()
    desk.note(None, "screening.added", _told(entry))
    return entry


def _reason(text: str) -> str:
    if len(text) > 200:
        raise BadValueError(f"the reason has {len(text)} characters: at most 200 can be kept")
    return text


def _told(entry: ListedNumber) -> dict[str, str]:
    return {"list": entry.kind, "mode": entry.mode, "number": entry.dialled, "reason": entry.reason}
