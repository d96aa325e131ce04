"""What can be asked of all that is kept in rows: messages, call-backs, seats' settings, lists, alerts, recordings.

`mode` left out: of classes and of service alike.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from lab_server.floor.api.command import Command, ContactId, Name, Number, Printable, RowId, SeatNumber
from lab_server.store.tables import ListKind, Mode

Pattern = Annotated[str, StringConstraints(min_length=2, max_length=40), Printable]
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]
"""One that every time zone has."""
Reason = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True), Printable]

# -- mailboxes --------------------------------------------------------------------------------------------------------


class Mailboxes(Command):
    """The mailboxes the actor may hear, with their counts. Result: `mailboxes`."""

    do: Literal["mailboxes"] = "mailboxes"


class Messages(Command):
    """What lies in a mailbox, the newest first; or what was deleted and can be brought back. Result: `messages`."""

    do: Literal["messages"] = "messages"
    mailbox: Name
    mode: Mode | None = None
    deleted: bool = False


class OnMessage(Command):
    """A command on one message."""

    message: RowId


class MarkHeard(OnMessage):
    """The actor has heard it."""

    do: Literal["mark_heard"] = "mark_heard"


class DeleteMessage(OnMessage):
    """Out of the mailbox; its sound stays."""

    do: Literal["delete_message"] = "delete_message"


class BringBackMessage(OnMessage):
    """Undo `delete_message`."""

    do: Literal["bring_back_message"] = "bring_back_message"


# -- call-backs -------------------------------------------------------------------------------------------------------


class Callbacks(Command):
    """Call-backs in their order; `due`: those alone that may be rung now. Result: `callbacks`."""

    do: Literal["callbacks"] = "callbacks"
    mode: Mode | None = None
    open_only: bool = True
    due: bool = False


class OrderCallback(Command):
    """Have the customer of a contact called back from `queue`, at its own number or another one, not before `due`.

    Result: `callback`; `new` is false if the customer has an open one there already.
    """

    do: Literal["order_callback"] = "order_callback"
    contact: ContactId
    queue: Name
    number: Number | None = None
    due: Moment | None = None


class OnCallback(Command):
    """A command on one call-back."""

    callback: RowId


class CancelCallback(OnCallback):
    """Nobody will ring."""

    do: Literal["cancel_callback"] = "cancel_callback"


class ReopenCallback(OnCallback):
    """Undo `cancel_callback`, or try one again that failed."""

    do: Literal["reopen_callback"] = "reopen_callback"


# -- seats' settings --------------------------------------------------------------------------------------------------


class FollowNumber(Command):
    """A number to ring instead, and for how many seconds."""

    number: Number
    ring_s: float = Field(default=20.0, ge=5.0, le=60.0)


class OnSeat(Command):
    """About the actor's own seat, or another's."""

    seat: SeatNumber | None = None


class FollowMe(OnSeat):
    """The numbers a seat's calls follow to. Result: `seat`, `on`, `numbers`, `do_not_disturb`."""

    do: Literal["follow_me"] = "follow_me"


class SetFollowMe(OnSeat):
    """Set them, at most three, rung in turn. Result as `follow_me`."""

    do: Literal["set_follow_me"] = "set_follow_me"
    numbers: Annotated[tuple[FollowNumber, ...], Field(max_length=3)] = ()
    on: bool = True


# -- screening --------------------------------------------------------------------------------------------------------


class ListedNumbers(Command):
    """Who is turned away, who goes first. Result: `numbers`."""

    do: Literal["listed_numbers"] = "listed_numbers"
    mode: Mode | None = None
    kind: ListKind | None = None


class ListNumber(Command):
    """Put a number, or all that begin so (`0755*`), on a list. Result: `entry`."""

    do: Literal["list_number"] = "list_number"
    mode: Mode
    kind: ListKind
    number: Pattern
    reason: Reason = ""
    until: Moment | None = None


class UnlistNumber(Command):
    """Take an entry off its list."""

    do: Literal["unlist_number"] = "unlist_number"
    entry: RowId


class Refresh(Command):
    """Read lists, seats' settings, messages and call-backs again now, after rows were changed by other means."""

    do: Literal["refresh"] = "refresh"


# -- alerts, recordings, music ----------------------------------------------------------------------------------------


class Alerts(Command):
    """What an operator has to see to. Result: `alerts`."""

    do: Literal["alerts"] = "alerts"


class DismissAlert(Command):
    """The operator has seen to it."""

    do: Literal["dismiss_alert"] = "dismiss_alert"
    alert: RowId


class Recordings(Command):
    """Earlier recordings of a contact's customer, to be played to it. Result: `recordings`."""

    do: Literal["recordings"] = "recordings"
    contact: ContactId


class MusicClasses(Command):
    """The music there is to wait with. Result: `music`."""

    do: Literal["music_classes"] = "music_classes"


DeskCommand = (
    Mailboxes | Messages | MarkHeard | DeleteMessage | BringBackMessage | Callbacks | OrderCallback | CancelCallback
    | ReopenCallback | FollowMe | SetFollowMe | ListedNumbers | ListNumber | UnlistNumber | Refresh | Alerts
    | DismissAlert | Recordings | MusicClasses
)  # fmt: skip
