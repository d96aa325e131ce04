"""Call-backs: ordered in the queue, kept through any restart, taken when due, tried until somebody answers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import (
    BadValueError,
    CallbackStateError,
    UnknownCallbackError,
    UnknownContactError,
    VirtualNumberError,
)
from lab_server.desk.numbers import identity, is_virtual
from lab_server.desk.rights import Right
from lab_server.store.tables import Callback, CallbackState, Contact, Mode, Site
from telephony.clock import Clock

OPEN: tuple[CallbackState, ...] = ("waiting", "offered", "dialling")
MOST_TRIES = 3
RETRY_S = 300.0
TAKEN_S = 60.0
FURTHEST = timedelta(days=60)
BY_HAND = "reached"
"""The result of one that an agent has settled."""

_NEXT: Mapping[CallbackState, frozenset[CallbackState]] = {
    "waiting": frozenset({"offered", "cancelled"}),
    "offered": frozenset({"waiting", "dialling", "cancelled"}),
    "dialling": frozenset({"waiting", "done", "failed"}),
    "done": frozenset(),
    "failed": frozenset({"waiting"}),
    "cancelled": frozenset({"waiting"}),
}


def order(
    session: Session,
    clock: Clock,
    *,
    contact_id: str,
    number: str,
    queue: str,
    since: datetime,
    priority: int = 0,
    due: datetime | None = None,
    wants: Mapping[str, Any] | None = None,
) -> Callback:
    """Keep the place of a caller who waits since `since`.

    Ordered twice by a contact, or by a number in one queue, it is one call-back: the earlier place.
    Raises `UnknownContactError`; `BadValueError` for a number nobody can ring; `VirtualNumberError` in production.
    """
    contact = session.get(Contact, contact_id)
    if contact is None:
        raise UnknownContactError(f"there is no contact {contact_id!r} that could have ordered a call-back")
    spelled = identity(number)
    if not spelled or len(spelled) > 40:
        raise BadValueError(f"{number!r} cannot be called back: ask the caller for a number")
    site = session.get_one(Site, contact.site_id)
    if contact.mode == "production" and is_virtual(number, site.virtual_prefixes):
        raise VirtualNumberError(f"{number} is a virtual customer's number: it is not called in production")
    if (there := _ordered(session, contact, spelled, queue)) is not None:
        return there
    now = clock.utc()
    callback = Callback(
        site_id=contact.site_id,
        klass_id=contact.klass_id,
        session_id=contact.session_id,
        mode=contact.mode,
        contact_id=contact_id,
        customer_id=contact.customer_id,
        number=spelled,
        dialled=number[:40],
        queue=queue,
        priority=priority,
        wants=dict(wants or {}),
        since=since,
        due=due or now,
        next_try_at=due or now,
        created_at=now,
        changed_at=now,
    )
    session.add(callback)
    session.flush()
    return callback


def waiting_callbacks(session: Session, site_id: str) -> list[Callback]:
    """Every open one in its order (priority, then place): what a starting brain gives its queues.

    Those `offered` or `dialling` were so when the last brain died: adopt their calls, or `put_back` them.
    """
    found = select(Callback).where(Callback.site_id == site_id, col(Callback.state).in_(OPEN))
    return list(session.exec(_in_order(found)))


def due(session: Session, clock: Clock, site_id: str, *, limit: int = 50) -> list[Callback]:
    """Those that wait and may be rung now, in their order; on PostgreSQL locked for whoever takes them first."""
    found = select(Callback).where(
        Callback.site_id == site_id, Callback.state == "waiting", col(Callback.next_try_at) <= clock.utc()
    )
    return list(session.exec(_in_order(found).limit(limit).with_for_update(skip_locked=True)))


def offer(session: Session, clock: Clock, callback_id: str, seat: str) -> Callback:
    """It is offered to the agent at `seat`. Raises `CallbackStateError` if another took it, it was cancelled, or
    postponed."""
    if _get(session, callback_id).next_try_at > clock.utc():
        raise CallbackStateError(f"call-back {callback_id} is not to be rung yet")
    callback = _moved(session, clock, callback_id, "offered")
    callback.seat = seat
    return callback


def dial(session: Session, clock: Clock, callback_id: str, contact_id: str) -> Callback:
    """The agent took it: contact `contact_id` is the try."""
    callback = _moved(session, clock, callback_id, "dialling")
    callback.tries += 1
    callback.dialled_contact_id = contact_id
    return callback


def put_back(session: Session, clock: Clock, callback_id: str) -> Callback:
    """Nobody took it, or the try never was: it waits again at its place, now."""
    callback = _moved(session, clock, callback_id, "waiting")
    callback.seat = ""
    return callback


def finish(
    session: Session,
    clock: Clock,
    callback_id: str,
    result: str,
    *,
    reached: bool,
    retry_s: float = RETRY_S,
    most_tries: int = MOST_TRIES,
) -> Callback:
    """What came of the try: `done` if the customer was reached, else it waits `retry_s`; after the last, `failed`."""
    callback = _get(session, callback_id)
    again = not reached and callback.tries < most_tries
    callback = _moved(session, clock, callback_id, "done" if reached else "waiting" if again else "failed")
    callback.last_result = result[:40]
    if again:
        callback.next_try_at, callback.seat = clock.utc() + timedelta(seconds=retry_s), ""
    session.flush()
    return callback


def not_dialled(session: Session, clock: Clock, callback_id: str, result: str, *, retry_s: float = RETRY_S,
                most_tries: int = MOST_TRIES) -> Callback:  # fmt: skip
    """It was offered, but its number cannot be dialled now: that counts as a try."""
    callback = _moved(session, clock, callback_id, "dialling")
    callback.tries += 1
    return finish(session, clock, callback_id, result, reached=False, retry_s=retry_s, most_tries=most_tries)


def overtake(session: Session, clock: Clock, callback_id: str) -> Callback | None:
    """The customer rang and was served meanwhile: nobody rings back. None if it is not waiting any more."""
    callback = _get(session, callback_id)
    if callback.state not in {"waiting", "offered"}:
        return None
    callback = _moved(session, clock, callback_id, "cancelled")
    callback.last_result = "rang_in"
    return callback


def listed(desk: Desk, mode: Mode, *, open_only: bool = True) -> list[Callback]:
    """The site's call-backs in their order."""
    desk.check(Right.CALLBACK_READ)
    found = select(Callback).where(Callback.site_id == desk.actor.site_id, Callback.mode == mode)
    if open_only:
        found = found.where(col(Callback.state).in_(OPEN))
    return list(desk.session.exec(_in_order(found)))


def cancel(desk: Desk, callback_id: str) -> Callback:
    """Nobody will ring. Again: nothing changes. Raises `CallbackStateError` while it is being dialled, or is over."""
    callback = _managed(desk, callback_id)
    if callback.state != "cancelled":
        callback = _moved(desk.session, desk.clock, callback_id, "cancelled")
        _note(desk, callback, "callback.cancelled")
    return callback


def reopen(desk: Desk, callback_id: str) -> Callback:
    """Undo `cancel`, or try a failed one again, from now on and with all its tries."""
    callback = _managed(desk, callback_id)
    if callback.state not in {"cancelled", "failed"}:
        raise CallbackStateError(f"call-back {callback_id} is {callback.state}: only an ended one can be opened again")
    callback = _moved(desk.session, desk.clock, callback_id, "waiting")
    callback.tries, callback.next_try_at, callback.seat = 0, desk.clock.utc(), ""
    _note(desk, callback, "callback.reopened")
    return callback


def take(desk: Desk, callback_id: str, seat: str) -> Callback:
    """The actor, who sits at `seat`, will ring now: for `TAKEN_S` nobody else is offered it.

    Raises `CallbackStateError` if another has it, or it is over; `NoRightError`.
    """
    callback = _worked_on(desk, callback_id, seat)
    if callback.state != "waiting" or _is_anothers(callback, seat, desk.clock.utc()):
        raise CallbackStateError(
            f"call-back {callback_id} is {callback.state}, at seat {callback.seat}: leave it there"
        )
    callback.seat, callback.changed_at = seat, desk.clock.utc()
    callback.next_try_at = desk.clock.utc() + timedelta(seconds=TAKEN_S)
    desk.session.add(callback)
    desk.session.flush()
    _note(desk, callback, "callback.taken")
    return callback


def rung(desk: Desk, callback_id: str, seat: str, contact_id: str) -> Callback:
    """The floor rings at `seat` for it: contact `contact_id` is the try, and the floor sees how it ends."""
    _worked_on(desk, callback_id, seat)
    callback = _moved(desk.session, desk.clock, callback_id, "offered")
    callback.seat = seat
    return dial(desk.session, desk.clock, callback_id, contact_id)


def given_back(desk: Desk, callback_id: str, seat: str) -> Callback:
    """It was taken, and the floor would not ring: it waits for anybody again."""
    callback = _worked_on(desk, callback_id, seat)
    if (callback.state, callback.seat) == ("waiting", seat):
        callback.seat, callback.next_try_at = "", desk.clock.utc()
        desk.session.add(callback)
        desk.session.flush()
    return callback


def settle(desk: Desk, callback_id: str, seat: str, *, reached: bool) -> Callback:
    """What came of it, where the actor knows: the customer was reached, by whatever means; or not, and it is tried
    again. Raises `CallbackStateError`, `NotYoursError` if another is at it."""
    callback = _worked_on(desk, callback_id, seat)
    if callback.state == "waiting":
        callback = _moved(desk.session, desk.clock, callback_id, "offered")
    callback.seat = seat
    if callback.state == "offered":
        callback = _moved(desk.session, desk.clock, callback_id, "dialling")
        callback.tries += 1
    callback = finish(desk.session, desk.clock, callback_id, BY_HAND if reached else "not_reached", reached=reached)
    _note(desk, callback, "callback.settled")
    return callback


def unsettle(desk: Desk, callback_id: str, seat: str) -> Callback:
    """Undo `settle` as reached at the same seat: it waits again at its place. Raises `CallbackStateError`."""
    callback = _worked_on(desk, callback_id, seat)
    if (callback.state, callback.last_result) != ("done", BY_HAND):
        raise CallbackStateError(f"call-back {callback_id} is {callback.state}: there is nothing to undo")
    callback.state, callback.changed_at = "waiting", desk.clock.utc()
    callback.tries, callback.next_try_at, callback.seat = max(0, callback.tries - 1), desk.clock.utc(), ""
    _note(desk, callback, "callback.reopened")
    return callback


def postpone(desk: Desk, callback_id: str, seat: str, due: datetime) -> Callback:
    """Nobody rings before `due`. Raises `BadValueError` for a time that has gone by, and as `settle`."""
    callback = _worked_on(desk, callback_id, seat)
    now = desk.clock.utc()
    if not now < due <= now + FURTHEST:
        raise BadValueError(f"due: a time to come, within {FURTHEST.days} days")
    if callback.state != "waiting":
        callback = put_back(desk.session, desk.clock, callback_id)
    callback.due = callback.next_try_at = due
    callback.seat = ""
    callback.changed_at = now
    desk.session.flush()
    _note(desk, callback, "callback.postponed")
    return callback


def _worked_on(desk: Desk, callback_id: str, seat: str) -> Callback:
    """One the actor may work on. A student: one that waits for anybody, or that is at the student's own `seat`."""
    callback = _get(desk.session, callback_id)
    if callback.site_id != desk.actor.site_id:
        raise UnknownCallbackError(f"there is no call-back {callback_id!r}: take the id from the list")
    free = callback.state == "waiting" and not _is_anothers(callback, seat, desk.clock.utc())
    desk.check(Right.CALLBACK_ORDER, own=free or callback.seat == seat != "")
    return callback


def _is_anothers(callback: Callback, seat: str, now: datetime) -> bool:
    """Somebody at another seat has just taken it."""
    return callback.seat not in {"", seat} and callback.next_try_at > now


def _ordered(session: Session, contact: Contact, number: str, queue: str) -> Callback | None:
    own = session.exec(select(Callback).where(Callback.contact_id == contact.id)).first()
    if own is not None:
        return own
    same = select(Callback).where(
        Callback.site_id == contact.site_id, Callback.mode == contact.mode, Callback.number == number,
        Callback.queue == queue, col(Callback.state).in_(OPEN),
    )  # fmt: skip
    return session.exec(same).first()


def _in_order(found: Any) -> Any:
    return found.order_by(col(Callback.priority).desc(), col(Callback.since), col(Callback.id))


def _get(session: Session, callback_id: str) -> Callback:
    callback = session.get(Callback, callback_id, with_for_update=True)
    if callback is None:
        raise UnknownCallbackError(f"there is no call-back {callback_id!r}: take the id from the list")
    return callback


def _moved(session: Session, clock: Clock, callback_id: str, state: CallbackState) -> Callback:
    callback = _get(session, callback_id)
    if state not in _NEXT[callback.state]:
        raise CallbackStateError(f"call-back {callback_id} is {callback.state}: it cannot become {state}")
    callback.state, callback.changed_at = state, clock.utc()
    session.add(callback)
    session.flush()
    return callback


def _managed(desk: Desk, callback_id: str) -> Callback:
    desk.check(Right.CALLBACK_MANAGE)
    callback = _get(desk.session, callback_id)
    if callback.site_id != desk.actor.site_id:
        raise UnknownCallbackError(f"there is no call-back {callback_id!r}: take the id from the list")
    return callback


def _note(desk: Desk, callback: Callback, kind: str) -> None:
    desk.note(desk.session.get_one(Contact, callback.contact_id), kind, {"callback": callback.id})
