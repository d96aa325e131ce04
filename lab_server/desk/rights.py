"""Who may do what: one table of roles and rights, asked by every function of the floor and the desk."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from lab_server.desk.errors import NoRightError, NotYoursError
from lab_server.store.tables import Role, User


class Right(StrEnum):
    """What can be allowed. The part before the dot is what it is done to."""

    CALL_DIAL = "call.dial"
    CALL_HANG_UP = "call.hang_up"
    CALL_HOLD = "call.hold"
    CALL_TRANSFER = "call.transfer"  # blind and attended, with the consultation before it
    CALL_CONFERENCE = "call.conference"  # a third party into the call
    CALL_PARK = "call.park"
    CALL_PICKUP = "call.pickup"
    CALL_RECORD = "call.record"  # start and stop
    CALL_PLAY_RECORDING = "call.play_recording"  # an earlier one, to the caller
    CALL_READ = "call.read"
    SUPERVISE_LISTEN = "supervise.listen"
    SUPERVISE_WHISPER = "supervise.whisper"
    SUPERVISE_BARGE = "supervise.barge"
    SUPERVISE_TAKE_DOWN = "supervise.take_down"
    SUPERVISE_REDIRECT = "supervise.redirect"
    QUEUE_READ = "queue.read"
    AGENT_SET_OWN = "agent.set_own"
    AGENT_SET_OTHER = "agent.set_other"
    MAILBOX_READ = "mailbox.read"
    MAILBOX_DELETE = "mailbox.delete"
    CALLBACK_ORDER = "callback.order"
    CALLBACK_READ = "callback.read"
    CALLBACK_MANAGE = "callback.manage"
    SCREENING_READ = "screening.read"
    SCREENING_MANAGE = "screening.manage"
    SEAT_SETTINGS = "seat.settings"
    CUSTOMER_MANAGE = "customer.manage"  # VIP, membership, further numbers
    CONFERENCE_MANAGE = "conference.manage"
    RECORDING_READ = "recording.read"
    ALERTS_READ = "alerts.read"
    ALERTS_CLEAR = "alerts.clear"
    TOKEN_MANAGE = "token.manage"  # noqa: S105 (a right's name)
    PROFILE_EDIT = "profile.edit"  # language and password; signing out
    SEAT_TAKE = "seat.take"  # sit down at a free one
    SEAT_ASSIGN = "seat.assign"  # say which seat a PC is
    SESSION_READ = "session.read"  # classes that were run, with their mean score
    REPORT_READ = "report.read"  # everybody's scorecards with the truths in them
    CLASS_READ = "class.read"
    CLASS_MANAGE = "class.manage"  # make one, its members, a list's import, the bell
    STUDENT_MANAGE = "student.manage"  # unlock, new PIN, sign out
    USER_MANAGE = "user.manage"  # staff: make, change, give a link for a password
    AUDIT_READ = "audit.read"
    CUSTOMER_READ = "customer.read"
    CUSTOMER_EDIT = "customer.edit"  # make one, change fields
    CUSTOMER_DELETE = "customer.delete"  # and bring back
    CUSTOMER_MERGE = "customer.merge"
    CUSTOMER_SHEET = "customer.sheet"  # import and export
    TICKET_READ = "ticket.read"
    TICKET_EDIT = "ticket.edit"  # with comments and attachments
    TICKET_ASSIGN = "ticket.assign"
    ORDER_READ = "order.read"
    ORDER_EDIT = "order.edit"
    DESK_SETUP = "desk.setup"  # forms, categories, dispositions, catalogue, talk scripts, surveys
    ARTICLE_READ = "article.read"
    ARTICLE_WRITE = "article.write"  # drafts, for approval
    ARTICLE_APPROVE = "article.approve"
    MESSAGE_SEND = "message.send"
    ANNOUNCE = "announce"
    WEBHOOK_MANAGE = "webhook.manage"  # who outside is told what happens


_ON_CALLS = frozenset(right for right in Right if right.startswith("call."))
_RECORDS = frozenset(
    {
        Right.CUSTOMER_READ, Right.CUSTOMER_EDIT, Right.CUSTOMER_DELETE, Right.CUSTOMER_MERGE, Right.TICKET_READ,
        Right.TICKET_EDIT, Right.TICKET_ASSIGN, Right.ORDER_READ, Right.ORDER_EDIT,
    }
)  # fmt: skip
_COLLEAGUES = frozenset({Right.ARTICLE_READ, Right.ARTICLE_WRITE, Right.MESSAGE_SEND})
_STUDENT = (_ON_CALLS - {Right.CALL_RECORD}) | {
    Right.QUEUE_READ,
    Right.AGENT_SET_OWN,
    Right.MAILBOX_READ,
    Right.MAILBOX_DELETE,
    Right.CALLBACK_ORDER,
    Right.CALLBACK_READ,
    Right.SEAT_SETTINGS,
    Right.CONFERENCE_MANAGE,
    Right.PROFILE_EDIT,
    Right.SEAT_TAKE,
    *_RECORDS,
    *_COLLEAGUES,
}
_GRADER = frozenset(
    {
        Right.CALL_READ, Right.QUEUE_READ, Right.CALLBACK_READ, Right.SCREENING_READ, Right.RECORDING_READ,
        Right.PROFILE_EDIT, Right.SESSION_READ, Right.REPORT_READ, Right.CLASS_READ,
        Right.CUSTOMER_READ, Right.TICKET_READ, Right.ORDER_READ, Right.ARTICLE_READ, Right.MESSAGE_SEND,
    }
)  # fmt: skip
_ADMINS = frozenset({Right.TOKEN_MANAGE, Right.USER_MANAGE})
_TEACHERS = frozenset({Right.SEAT_ASSIGN, Right.CLASS_MANAGE, Right.AUDIT_READ, Right.DESK_SETUP, Right.WEBHOOK_MANAGE})
_INSTRUCTOR = frozenset(Right) - _ADMINS
_SUPERVISOR = _INSTRUCTOR - _TEACHERS

RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        "student": frozenset(_STUDENT),
        "grader": _GRADER,
        "supervisor": _SUPERVISOR,
        "instructor": _INSTRUCTOR,
        "admin": frozenset(Right),
    }
)
"""Each role's rights."""

_ANYBODYS = _COLLEAGUES | {
    Right.CALL_DIAL,
    Right.CALL_PICKUP,
    Right.QUEUE_READ,
    Right.CALLBACK_READ,
    Right.SEAT_TAKE,
}
_OF_A_GROUP = frozenset({Right.SESSION_READ, Right.REPORT_READ, Right.CLASS_READ, Right.STUDENT_MANAGE}) | _RECORDS
OWN_ONLY: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {"student": RIGHTS["student"] - _ANYBODYS, "supervisor": _OF_A_GROUP}
)
"""What a role may do only to its own: a contact the user takes part in, his seat, his mailbox, his conference; for a
supervisor the classes that are his group, their students and customers (`desk.reach`)."""


def may(role: Role, right: Right, *, own: bool = False) -> bool:
    """Whether `role` has `right`; `own`: what it is done to is the user's own."""
    return right in RIGHTS[role] and (own or right not in OWN_ONLY.get(role, ()))


def check(actor: User, right: Right, *, own: bool = False) -> None:
    """Raises `NoRightError` if the role may not do it at all, `NotYoursError` if it may do it to its own only."""
    if right not in RIGHTS[actor.role]:
        raise NoRightError(f"the role {actor.role} has no right {right}: ask a supervisor to do it, or an admin for it")
    if not may(actor.role, right, own=own):
        raise NotYoursError(f"the role {actor.role} has the right {right} for what is its own only: this is not yours")
