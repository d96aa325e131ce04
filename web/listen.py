"""Where the pages are served: on this machine only, as long as what is typed into them would go unencrypted."""

import ipaddress
import socket

from web.errors import OpenToStrangersError, PortTakenError


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def bound(address: str, port: int, *, open_to_all: bool = False, setting: str = "web_port") -> socket.socket:
    """A socket that listens there. Raises `PortTakenError`, and `OpenToStrangersError` for an address that others
    reach, unless `open_to_all`: what is said there is encrypted, or somebody has said that it need not be."""
    if not open_to_all and not is_loopback(address):
        raise OpenToStrangersError(
            f"web_address={address}: other machines could reach it, and passwords would travel unencrypted: use "
            "127.0.0.1 and a tunnel (ssh -L), https, or say that it may be so with web_open = true"
        )
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # Named as TCP, so that asyncio sends answers at once: otherwise each waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        raise PortTakenError(
            f"{setting}={port}: {address}:{port} cannot be listened on ({error.strerror}): stop the program that has "
            f"it, or choose another port with RINGSIDE_{setting.upper()}"
        ) from error
    return listener
