"""An agent ends his own part of a contact from the page; with a SIP phone he simply hangs up."""

from lab_server.floor.call import Call, Place
from lab_server.floor.kit import Kit
from lab_server.floor.parties import taking_part


def hang_up(call: Call, _kit: Kit, seat: str) -> None:
    """The seat's leg is let go. Who is left goes on: see `arrangement.tidy`. Raises `Refused` `not_taking_part`."""
    taking_part(call, seat).place = Place.OUT
