"""What this machine is called by those who come to its pages."""

import ipaddress
import re
import socket
from dataclasses import dataclass

from telephony.addresses import Ip, own_addresses

_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


@dataclass(frozen=True)
class Names:
    """Names in small letters, and addresses; both in order, each once."""

    dns: tuple[str, ...]
    addresses: tuple[Ip, ...]

    @property
    def hosts(self) -> tuple[str, ...]:
        """As they stand in an address bar."""
        return (*self.dns, *(f"[{ip}]" if ip.version == 6 else str(ip) for ip in self.addresses))


def machine_names() -> Names:
    """Its name, with `.local` as other machines find it without a name server, and every address; localhost, too.

    Asks no name server.
    """
    own = socket.gethostname().lower()
    found = ["localhost"]
    if _NAME.fullmatch(own) and not _is_address(own):
        found += [own, own if "." in own else f"{own}.local"]
    loopback = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
    return Names(tuple(dict.fromkeys(found)), (*loopback, *own_addresses()))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
