"""Tickets as lists: whose, which, how urgent, of which branch of the tree; and who can be given one."""

from sqlmodel import col, or_, select

from lab_server.desk import names, reach
from lab_server.desk.desk import Desk
from lab_server.desk.rights import Right
from lab_server.desk.ticketing import views, work
from lab_server.desk.ticketing.categories import CategoryNode, tree
from lab_server.desk.ticketing.views import TicketView
from lab_server.desk.ticketing.work import Pile
from lab_server.store.tables import KlassMember, Mode, Ticket, TicketKind, Urgency, User
from scenarios.facts import Frozen

MOST = 100
_AT_WORK = ("open", "assigned")


class Wanted(Frozen):
    """What a list is narrowed to; empty: everything. A category stands for all that hangs below it."""

    which: Pile = "mine"
    kind: TicketKind = ""
    urgency: Urgency | None = None
    category_id: str = ""
    text: str = ""


class TicketLine(Frozen):
    """A line of a list."""

    ticket: TicketView
    customer: str
    assignee: str


class Listed(Frozen):
    """`more`: there are others, so that the list should be narrowed."""

    lines: tuple[TicketLine, ...]
    more: bool


def listed(desk: Desk, mode: Mode, wanted: Wanted, *, most: int = MOST) -> Listed:
    """What the actor may see of it: what is due first, first; of all and of the own, the newest first."""
    desk.check(Right.TICKET_READ, own=True)
    now, rows = desk.clock.utc(), work.visible(desk, mode)
    if wanted.which in {"mine", "open", "overdue"}:
        rows = rows.where(col(Ticket.state).in_(_AT_WORK)).order_by(col(Ticket.due_at), col(Ticket.id))
    else:
        rows = rows.order_by(col(Ticket.id).desc())
    if wanted.which in {"mine", "written"}:
        rows = rows.where((Ticket.assignee_id if wanted.which == "mine" else Ticket.user_id) == desk.actor.id)
    if wanted.which == "overdue":
        rows = rows.where(col(Ticket.due_at) < now)
    if wanted.kind:
        rows = rows.where(Ticket.kind == wanted.kind)
    if wanted.urgency is not None:
        rows = rows.where(Ticket.urgency == wanted.urgency)
    if wanted.category_id:
        rows = rows.where(col(Ticket.category_id).in_(_branch(desk, wanted.category_id)))
    if asked := wanted.text.strip().replace("\0", "")[:60].encode("utf-8", "ignore").decode():
        rows = rows.where(
            or_(*(one.icontains(asked, autoescape=True) for one in (col(Ticket.title), col(Ticket.text))))
        )
    found = [views.view(row, now) for row in desk.session.exec(rows.limit(most + 1))]
    return Listed(lines=_lines(desk, found[:most]), more=len(found) > most)


def takers(desk: Desk) -> list[User]:
    """Who can be given a ticket: for a student or supervisor those of the own classes, else the site's people."""
    rows = select(User).where(
        User.site_id == desk.actor.site_id, col(User.disabled_at).is_(None), col(User.role) != "grader"
    )
    own = reach.group(desk.session, desk.actor)
    if own is not None:
        fellows = select(KlassMember.user_id).where(col(KlassMember.klass_id).in_(own))
        rows = rows.where(col(User.id).in_(fellows) | (User.id == desk.actor.id))
    else:
        rows = rows.where(col(User.is_robot).is_(False))
    return list(desk.session.exec(rows.order_by(col(User.name), col(User.login)).limit(500)))


def _lines(desk: Desk, found: list[TicketView]) -> tuple[TicketLine, ...]:
    site = desk.actor.site_id
    people = names.users(desk.session, site, (one.assignee_id for one in found))
    customers = names.customers(desk.session, site, (one.customer_id for one in found))
    return tuple(
        TicketLine(
            ticket=one,
            customer=customers.get(one.customer_id or "", ""),
            assignee=people.get(one.assignee_id or "", ""),
        )
        for one in found
    )


def _branch(desk: Desk, category_id: str) -> list[str]:
    """The category and all below it."""

    def below(nodes: tuple[CategoryNode, ...], inside: bool) -> list[str]:
        found = []
        for node in nodes:
            taken = inside or node.id == category_id
            found += [node.id] if taken else []
            found += below(node.below, taken)
        return found

    return below(tree(desk.session, desk.actor.site_id, all_of_them=True), False)
