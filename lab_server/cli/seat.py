"""`ringside seat`: a link that opens a seat's page on this machine, once."""

from typing import Annotated

import typer

from lab_server.cli import addresses
from lab_server.cli.told import told
from lab_server.config import ConfigError, load
from lab_server.seat_pass import LINK_S, SeatPasses
from telephony.clock import SystemClock


def seat(number: Annotated[str, typer.Argument(help="The seat's number, such as 1001.")]) -> None:
    """Print a link to a seat's phone in the browser. It works once, within ten minutes, on this machine."""
    with told("seat"):
        settings = load()
        if number not in settings.seat_numbers:
            first, last = settings.seat_numbers[0], settings.seat_numbers[-1]
            raise ConfigError(f"there is no seat {number!r}: expected a number from {first} to {last}")
        start = addresses.here(settings)
        word = SeatPasses(settings.secrets, SystemClock()).link(number)
        typer.echo(f"{start}phone/open?pass={word}")
        typer.echo(f"It opens seat {number} once, within {LINK_S / 60:.0f} minutes.", err=True)
