"""A seat's SIP phone: its password is shown once, to who sits there; the teacher may see it again."""

import hashlib

from sqlmodel import select

from lab_server.desk import audit
from lab_server.desk.desk import Desk
from lab_server.desk.errors import ShownError
from lab_server.desk.rights import Right, may
from lab_server.store.tables import AuditEntry

SHOWN = "seat.phone_shown"


def show(desk: Desk, seat: str, password: str) -> None:
    """Write down that the actor was shown the password of that seat's SIP phone.

    Raises `ShownError` if somebody was before, unless the actor says who sits where; a new password is shown anew.
    """
    desk.check(Right.SEAT_TAKE)
    mark = hashlib.sha256(password.encode()).hexdigest()[:12]
    rows = select(AuditEntry).where(
        AuditEntry.site_id == desk.actor.site_id, AuditEntry.action == SHOWN, AuditEntry.subject == seat
    )
    shown = any(one.data.get("mark") == mark for one in desk.session.exec(rows))
    if shown and not may(desk.actor.role, Right.SEAT_ASSIGN):
        raise ShownError(f"the SIP phone's password of seat {seat} was shown already: have the teacher show it")
    audit.note(desk, SHOWN, named=seat, mark=mark)
