"""Members: a number and a PIN that a menu checks, and the figures it says.

A PIN has few digits, so what protects it is the count of tries. The check is made in two steps, that a locked database
may not make a caller wait: `checked` reads and decides, `note_try` writes the count afterwards.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from lab_server.desk.customers import managed
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, TakenError
from lab_server.desk.passwords import NOBODYS, hashed_pin, matches
from lab_server.store.tables import Membership, Mode, Order, OrderState
from telephony.clock import Clock

TRIES = 5
"""Wrong PINs in a row before the member number is locked."""
FIRST_LOCK_S = 60.0
LONGEST_LOCK_S = 86400.0
_NUMBER = re.compile(r"[0-9]{3,20}")
_PIN = re.compile(r"[0-9]{4,12}")
_NOBODYS_PIN = NOBODYS  # checked for an unknown number: it takes as long


class PinVerdict(StrEnum):
    """What a menu does next. A wrong number is a wrong PIN: nobody learns which numbers there are."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True)
class Tries:
    """Wrong PINs in a row, and until when none counts."""

    failed: int = 0
    locked_until: datetime | None = None

    def after(self, right: bool, now: datetime) -> "Tries":
        """From the fifth on each wrong one locks for twice as long: 1 min, 2 min, 4 min … a day."""
        if right:
            return Tries()
        failed = self.failed + 1
        if failed < TRIES:
            return Tries(failed)
        lock_s = min(LONGEST_LOCK_S, FIRST_LOCK_S * 2 ** min(failed - TRIES, 20))
        return Tries(failed, now + timedelta(seconds=lock_s))

    def locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until


@dataclass(frozen=True)
class PinCheck:
    """The verdict, whose number it was (None: nobody's), and the count of tries that has to be written down."""

    verdict: PinVerdict
    membership_id: str | None = None
    customer_id: str | None = None
    tries: Tries = Tries()


@dataclass(frozen=True)
class Figures:
    """What a menu can say; None: there is nothing to say. `order_state` is that of the customer's newest order."""

    balance_cents: int | None = None
    points: int | None = None
    order_state: OrderState | None = None
    order_at: datetime | None = None


def enrol(desk: Desk, customer_id: str, member_number: str, *, balance_cents: int = 0, points: int = 0) -> Membership:
    """Make a customer a member, or bring the membership up to date. Raises `BadValueError`, `TakenError`."""
    customer = managed(desk, customer_id)
    if not _NUMBER.fullmatch(member_number):
        raise BadValueError(f"{member_number!r} is no member number: use 3 to 20 digits, so that it can be keyed in")
    if not 0 <= points < 2**31 or abs(balance_cents) >= 2**63:
        raise BadValueError("points are 0 or more, and both figures must be ones that can be said")
    other = find(desk.session, customer.site_id, customer.mode, member_number)
    if other is not None and other.customer_id != customer_id:
        raise TakenError(f"the member number {member_number} is another customer's")
    now = desk.clock.utc()
    member = of_customer(desk.session, customer_id) or Membership(
        site_id=customer.site_id, mode=customer.mode, customer_id=customer_id, member_number="", created_at=now,
        updated_at=now,
    )  # fmt: skip
    member.member_number, member.balance_cents, member.points = member_number, balance_cents, points
    member.updated_at = now
    desk.session.add(member)
    desk.session.flush()
    desk.note(None, "member.enrolled", {"customer": customer_id, "member_number": member_number})
    return member


def set_pin(desk: Desk, customer_id: str, pin: str) -> None:
    """A new PIN; what was locked is open again. Raises `BadValueError`: the PIN itself is in no message."""
    managed(desk, customer_id)
    member = of_customer(desk.session, customer_id)
    if member is None:
        raise BadValueError(f"customer {customer_id} is no member: enrol first")
    if not _PIN.fullmatch(pin):
        raise BadValueError("a PIN has 4 to 12 digits")
    member.pin, member.failed_tries, member.locked_until = hashed_pin(pin), 0, None
    member.updated_at = desk.clock.utc()
    desk.session.add(member)
    desk.session.flush()
    desk.note(None, "member.pin_set", {"customer": customer_id})


def find(session: Session, site_id: str, mode: Mode, member_number: str) -> Membership | None:
    """The member of that number."""
    return session.exec(
        select(Membership).where(
            Membership.site_id == site_id, Membership.mode == mode, Membership.member_number == member_number
        )
    ).first()


def of_customer(session: Session, customer_id: str) -> Membership | None:
    """The customer's membership."""
    return session.exec(select(Membership).where(Membership.customer_id == customer_id)).first()


def checked(member: Membership | None, pin: str, now: datetime, tries: Tries | None = None) -> PinCheck:
    """Judge a PIN without writing anything; takes 50 ms. `tries`: a newer count than the row's."""
    if member is None:
        matches(pin, _NOBODYS_PIN)
        return PinCheck(PinVerdict.WRONG)
    counted = tries or Tries(member.failed_tries, member.locked_until)
    if counted.locked(now):
        return PinCheck(PinVerdict.LOCKED, member.id, None, counted)
    right = matches(pin, member.pin)
    verdict = PinVerdict.RIGHT if right else PinVerdict.WRONG
    return PinCheck(verdict, member.id, member.customer_id if right else None, counted.after(right, now))


def note_try(session: Session, check: PinCheck) -> None:
    """Write down what `checked` counted."""
    member = session.get(Membership, check.membership_id) if check.membership_id is not None else None
    if member is not None:
        member.failed_tries, member.locked_until = check.tries.failed, check.tries.locked_until
        session.add(member)


def check_pin(session: Session, clock: Clock, site_id: str, mode: Mode, member_number: str, pin: str) -> PinCheck:
    """Judge a PIN and count the try, in one transaction."""
    check = checked(find(session, site_id, mode, member_number), pin, clock.utc())
    note_try(session, check)
    return check


def figures(session: Session, customer_id: str) -> Figures:
    """What a menu can say to the customer."""
    member = of_customer(session, customer_id)
    orders = select(Order).where(Order.customer_id == customer_id)
    newest = session.exec(orders.order_by(col(Order.created_at).desc(), col(Order.id).desc())).first()
    return Figures(
        balance_cents=member.balance_cents if member is not None else None,
        points=member.points if member is not None else None,
        order_state=newest.state if newest is not None else None,
        order_at=newest.created_at if newest is not None else None,
    )
