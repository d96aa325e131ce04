"""What holds for a seat: do not disturb, follow-me, mailbox, skills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from datasets.numbers import BadNumberError, normalise
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, UnknownSeatError
from lab_server.desk.rights import Right
from lab_server.desk.users import at_seat
from lab_server.store.tables import Seat, SeatSetting
from telephony.clock import Clock

MOST_NUMBERS = 3
SHORTEST_RING_S, LONGEST_RING_S = 5.0, 60.0
HIGHEST_LEVEL = 10


@dataclass(frozen=True)
class FollowMe:
    """A number to ring instead, and for how long."""

    number: str
    ring_s: float = 20.0


@dataclass(frozen=True)
class SeatFacts:
    """A seat's settings as the floor uses them. `follow_me` is empty while it is switched off."""

    seat: str
    dnd: bool = False
    follow_me: tuple[FollowMe, ...] = ()
    mailbox: str = ""
    skills: Mapping[str, int] | None = None


def facts(row: SeatSetting) -> SeatFacts:
    """Of one row."""
    numbers = tuple(FollowMe(str(one["number"]), float(one["ring_s"])) for one in row.follow_me)
    return SeatFacts(
        seat=row.seat,
        dnd=row.dnd,
        follow_me=numbers if row.follow_me_on else (),
        mailbox=row.mailbox,
        skills=dict(row.skills) if row.skills is not None else None,
    )


def load(session: Session, site_id: str) -> dict[str, SeatFacts]:
    """Every seat's that has any, by its number."""
    return {row.seat: facts(row) for row in session.exec(select(SeatSetting).where(SeatSetting.site_id == site_id))}


def read(desk: Desk, seat: str) -> SeatSetting:
    """The seat's settings as kept, or as they are before anybody set any (then not in the session)."""
    _check(desk, seat)
    return _find(desk, seat) or SeatSetting(site_id=desk.actor.site_id, seat=seat, updated_at=desk.clock.utc())


def set_dnd(desk: Desk, seat: str, on: bool) -> SeatSetting:
    """Do not disturb: nobody rings this seat."""
    row = read(desk, seat)
    row.dnd = on
    return _keep(desk, row, "seat.dnd", {"on": on})


def set_follow_me(desk: Desk, seat: str, numbers: Sequence[FollowMe], *, on: bool = True) -> SeatSetting:
    """The numbers to ring in turn, at most three; without any it is off. Raises `BadValueError`, nothing is changed."""
    row = read(desk, seat)
    if len(numbers) > MOST_NUMBERS:
        raise BadValueError(f"{len(numbers)} numbers to follow are too many: at most {MOST_NUMBERS} are rung in turn")
    bare = [_number(one, seat) for one in numbers]
    if len(set(bare)) < len(bare):
        raise BadValueError("a number stands there twice: each is rung once")
    row.follow_me = [{"number": one.number.strip(), "ring_s": float(one.ring_s)} for one in numbers]
    row.follow_me_on = on and bool(numbers)
    return _keep(desk, row, "seat.follow_me", {"on": row.follow_me_on, "numbers": bare})


def keep_dnd(session: Session, clock: Clock, site_id: str, seat: str, on: bool) -> None:
    """What was dialled at the seat's own phone, whoever sits there."""
    row = _row(session, clock, site_id, seat)
    row.dnd = on
    session.add(row)


def keep_follow_me(session: Session, clock: Clock, site_id: str, seat: str, number: str) -> None:
    """Likewise: calls follow to this one number; empty: they do not, and the numbers stay for the next time."""
    row = _row(session, clock, site_id, seat)
    if number:
        row.follow_me = [{"number": number, "ring_s": FollowMe(number).ring_s}]
    row.follow_me_on = bool(number)
    session.add(row)


def _row(session: Session, clock: Clock, site_id: str, seat: str) -> SeatSetting:
    found = session.exec(select(SeatSetting).where(SeatSetting.site_id == site_id, SeatSetting.seat == seat)).first()
    row = found or SeatSetting(site_id=site_id, seat=seat, updated_at=clock.utc())
    user = at_seat(session, site_id, seat)
    row.updated_at, row.updated_by = clock.utc(), user.id if user is not None else None
    return row


def set_mailbox(desk: Desk, seat: str, mailbox: str) -> SeatSetting:
    """Whose messages light the seat's lamp; empty: the one named like the seat. Not the agent's own choice."""
    desk.check(Right.AGENT_SET_OTHER)
    if len(mailbox) > 40 or not (mailbox or "x").isprintable():
        raise BadValueError(f"{mailbox!r} is no mailbox's name: use at most 40 characters")
    row = read(desk, seat)
    row.mailbox = mailbox
    return _keep(desk, row, "seat.mailbox", {"mailbox": mailbox})


def set_skills(desk: Desk, seat: str, skills: Mapping[str, int] | None) -> SeatSetting:
    """Skill → level (1 to 10) instead of the settings' own; None: those again. Not the agent's own choice."""
    desk.check(Right.AGENT_SET_OTHER)
    for name, level in (skills or {}).items():
        if not name or len(name) > 40 or not 1 <= level <= HIGHEST_LEVEL:
            raise BadValueError(f"{name!r}: {level} is no skill: a name and a level from 1 to {HIGHEST_LEVEL}")
    row = read(desk, seat)
    row.skills = dict(skills) if skills is not None else None
    return _keep(desk, row, "seat.skills", {"skills": row.skills})


def _check(desk: Desk, seat: str) -> None:
    found = desk.session.exec(select(Seat).where(Seat.site_id == desk.actor.site_id, Seat.number == seat)).first()
    if found is None:
        raise UnknownSeatError(f"there is no seat {seat!r}: see seats_from and seats in the settings")
    desk.check(Right.SEAT_SETTINGS, own=found.user_id == desk.actor.id)


def _find(desk: Desk, seat: str) -> SeatSetting | None:
    rows = select(SeatSetting).where(SeatSetting.site_id == desk.actor.site_id, SeatSetting.seat == seat)
    return desk.session.exec(rows).first()


def _number(one: FollowMe, seat: str) -> str:
    try:
        bare = normalise(one.number)
    except BadNumberError as error:
        raise BadValueError(str(error)) from error
    if bare == seat:
        raise BadValueError(f"seat {seat} cannot follow to itself")
    if not SHORTEST_RING_S <= one.ring_s <= LONGEST_RING_S:
        raise BadValueError(f"{one.ring_s:g} s is no time to ring: use {SHORTEST_RING_S:g} to {LONGEST_RING_S:g} s")
    return bare


def _keep(desk: Desk, row: SeatSetting, kind: str, data: Mapping[str, object]) -> SeatSetting:
    row.updated_at, row.updated_by = desk.clock.utc(), desk.actor.id
    desk.session.add(row)
    desk.session.flush()
    desk.note(None, kind, {"seat": row.seat, **data})
    return row
