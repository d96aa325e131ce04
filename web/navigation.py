"""The bar at the top of each page: what there is for this visitor. A new part of the site adds its line here."""

from collections.abc import Callable
from dataclasses import dataclass

from lab_server.desk.rights import Right
from web.access import Visitor


@dataclass(frozen=True)
class Entry:
    """`path` is where it leads; `key` the access key (Alt+Shift+key in most browsers). `also`: other pages of the same
    part; `count`: what waits to be read there, None if nothing ever does."""

    path: str
    name: str
    key: str
    also: tuple[str, ...] = ()
    count: int | None = None

    def holds(self, here: str) -> bool:
        """Whether the page at `here` is of this part."""
        below = tuple(f"{path}/" for path in (self.path, *self.also) if path != "/")
        return here in {self.path, *self.also} or here.startswith(below)


_DAY = ("/callbacks", "/mailbox", "/messages", "/announcements")


def entries(_: Callable[[str], str], visitor: Visitor) -> list[Entry]:
    """The entries whose page the visitor may open, in order. `_`: gettext in the reader's language."""
    every = [
        (Right.PROFILE_EDIT, True, Entry("/", _("Start"), "1")),
        (Right.SEAT_TAKE, visitor.seat is not None, Entry("/desk", _("Desk"), "6")),
        (Right.SEAT_TAKE, visitor.seat is not None, Entry("/phone", _("Phone"), "2")),
        (Right.AGENT_SET_OWN, True, Entry("/day", _("My day"), ",", _DAY, visitor.unread)),
        (Right.MESSAGE_SEND, visitor.role == "grader", Entry("/messages", _("Messages"), ",", _DAY, visitor.unread)),
        (Right.ARTICLE_READ, True, Entry("/knowledge", _("Knowledge"), ".")),
        (Right.DESK_SETUP, True, Entry("/forms", _("Set up"), ";", ("/surveys", "/scripts"))),
        (Right.CUSTOMER_READ, True, Entry("/customers", _("Customers"), "7")),
        (Right.TICKET_READ, True, Entry("/tickets", _("Tickets"), "8")),
        (Right.ORDER_READ, True, Entry("/orders", _("Orders"), "9")),
        (Right.CLASS_READ, True, Entry("/classes", _("Classes"), "3")),
        (Right.USER_MANAGE, True, Entry("/staff", _("Staff"), "4")),
        (Right.AUDIT_READ, True, Entry("/audit", _("Audit trail"), "5")),
    ]
    return [entry for right, there, entry in every if there and visitor.may(right)]
