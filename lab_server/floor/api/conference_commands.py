"""What can be asked of conferences."""

from typing import Literal

from lab_server.floor.api.command import Command, LegName, OnContact, Text
from lab_server.routing.target import Target


class OpenConference(Command):
    """A conference of the actor's, without members: who opens it invites himself, too. Result: `contact`."""

    do: Literal["open_conference"] = "open_conference"
    title: Text = ""


class Invite(OnContact):
    """Ring a seat or a number for the conference. Result: `leg`."""

    do: Literal["invite"] = "invite"
    to: Target
    auto_answer: bool = False


class MuteMember(OnContact):
    """A member is heard by nobody, or again."""

    do: Literal["mute_member"] = "mute_member"
    leg: LegName
    on: bool = True


class MuteAll(OnContact):
    """Nobody but the owner is heard, or everybody again."""

    do: Literal["mute_all"] = "mute_all"
    on: bool = True


class DropMember(OnContact):
    """A member leaves, or is rung no more."""

    do: Literal["drop_member"] = "drop_member"
    leg: LegName


class LockConference(OnContact):
    """Nobody further is let in, or again."""

    do: Literal["lock_conference"] = "lock_conference"
    on: bool = True


class EndConference(OnContact):
    """It is over for everybody, who hears so."""

    do: Literal["end_conference"] = "end_conference"


ConferenceCommand = OpenConference | Invite | MuteMember | MuteAll | DropMember | LockConference | EndConference
