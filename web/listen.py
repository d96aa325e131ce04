"""Where the pages are served: on this machine only, as long as nobody has to log in."""

import ipaddress
import socket

from web.errors import OpenToStrangersError, PortTakenError


def loopback(address: str) -> str:
    """The address, if only this machine reaches it. Raises `OpenToStrangersError`."""
    try:
        local = address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        local = False
    if not local:
        raise OpenToStrangersError(
            f"web_address={address}: other machines could reach it, and these pages have no login yet: "
            "use 127.0.0.1, and a tunnel (ssh -L) to see them from elsewhere"
        )
    return address


def bound(address: str, port: int) -> socket.socket:
    """A socket that listens there. Raises `OpenToStrangersError` or `PortTakenError`."""
    family = socket.AF_INET6 if ":" in loopback(address) else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        raise PortTakenError(
            f"web_port={port}: {address}:{port} cannot be listened on ({error.strerror}): stop the program that has "
            "it, or choose another port with RINGSIDE_WEB_PORT"
        ) from error
    return listener
