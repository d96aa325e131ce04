"""Taps: channels hung onto a leg, to hear it for a supervisor or to play something into its ear alone.

A tap's id derives from the contact's: `<contact>-spy-<n>`, `<contact>-play-<n>`. It ends with the leg it hangs on, and
its own end comes as StasisEnd only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from telephony.ari import Channel

Use = Literal["spy", "play"]
USES: tuple[Use, ...] = ("spy", "play")
DOOR = "tap"
"""How a tap announces itself when it comes into our hands."""
_CONTACT = 26  # characters of a contact's id


@dataclass
class Tap:
    """`on`: the leg it hangs on, by name. `whispers`: that leg's party hears what is said or played into it.

    `ours`: it takes commands; `seated`: it is in the supervisor's bridge; `vain`: it can't be had on this leg.
    """

    channel: str
    use: Use
    on: str
    whispers: bool
    ours: bool = False
    gone: bool = False
    seated: bool = False
    vain: bool = False


def tap_id(contact: str, use: Use, number: int) -> str:
    return f"{contact}-{use}-{number}"


def is_tap(channel: str) -> bool:
    """Whether a channel of this id is one of ours that hangs onto a leg."""
    return any(channel[_CONTACT:].startswith(f"-{use}-") for use in USES)


def use_of(tap: str) -> Use:
    """What the tap of this id is for."""
    return next(use for use in USES if tap[_CONTACT:].startswith(f"-{use}-"))


def contact_of(channel: str) -> str:
    return channel[:_CONTACT]


def taps_of(contact: str, channels: Iterable[Channel]) -> list[str]:
    """Ids of the taps of this contact that are there."""
    return [one.id for one in channels if contact_of(one.id) == contact and is_tap(one.id)]
