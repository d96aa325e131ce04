"""Where the hub listens: `ipc://<path>` on one machine, `tcp://<host>:<port>` between machines."""

import contextlib
import re
import socket
from pathlib import Path

from telephony.bus.errors import BusAddressError

UNIX_PATH_LIMIT = 107  # bytes: sockaddr_un.sun_path holds 108 with its final zero
_TCP = re.compile(r"tcp://[^/:\s]+:\d{1,5}")


def checked(address: str) -> str:
    """The address itself, if ZeroMQ can use it; else `BusAddressError` with the reason."""
    if address.startswith("ipc://"):
        path = ipc_path(address)
        if path is None or not path.is_absolute():
            raise BusAddressError(f"bus address {address!r}: give an absolute path, as in ipc:///srv/ringside/run/bus")
        length = len(str(path).encode())
        if length > UNIX_PATH_LIMIT:
            raise BusAddressError(
                f"bus address {address!r}: the path has {length} bytes and a socket's path at most {UNIX_PATH_LIMIT}; "
                "choose a shorter run folder"
            )
        return address
    if _TCP.fullmatch(address) and int(address.rpartition(":")[2]) <= 65535:
        return address
    raise BusAddressError(f"bus address {address!r}: expected ipc:///absolute/path or tcp://host:port")


def ipc_path(address: str) -> Path | None:
    """The socket's file, or None for an address that has none."""
    return Path(address.removeprefix("ipc://")) if address.startswith("ipc://") else None


def refuse_if_in_use(address: str) -> None:
    """ZeroMQ would silently take a living hub's socket file away: look whether somebody listens there first."""
    path = ipc_path(address)
    if path is None or not path.exists():
        return
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        probe.settimeout(0.2)
        try:
            probe.connect(str(path))
        except OSError:
            return  # nobody there: a file left behind by a hub that died
    raise BusAddressError(f"bus address {address!r}: another hub is listening there; stop it or choose another folder")
