"""Where webhooks may go: to what the setting `webhook_hosts` names, and nowhere else in the school's network.

An address is looked up once for each try and the request goes to what was found, so that a name cannot lead somewhere
else between the look and the request.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from lab_server.webhooks.errors import WebhookError

LONGEST = 500
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Place:
    """Where a request goes: to `address` (`port`), which was asked for as `host`."""

    scheme: str
    host: str
    address: str
    port: int


def checked(url: str, hosts: Sequence[str]) -> str:
    """The URL as it is kept. Raises `WebhookError`; whether a name leads to where it may is looked at with each try."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise WebhookError(f"url: an address of at most {LONGEST} characters, such as https://desk.school.edu/hook")
    parts, port = _parts(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise WebhookError("url: http:// or https://, a host, and what else the receiver wants")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise WebhookError("url: without a user, a password or a fragment: the signature tells who we are")
    if not _named(parts.hostname, hosts):
        raise WebhookError(
            f"url: {parts.hostname} is not named in the setting webhook_hosts: an administrator adds a host, an "
            "address or a network there"
        )
    return url


async def found(url: str, hosts: Sequence[str]) -> Place:
    """Where a request to `url` goes now. Raises `WebhookError` if that is nowhere it may go, or nowhere at all."""
    checked(url, hosts)
    parts, named_port = _parts(url)
    host, port = parts.hostname or "", named_port or (443 if parts.scheme == "https" else 80)
    try:
        looked_up = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebhookError(f"{host} is not to be found") from error
    for one in looked_up:
        address = _plain(str(one[4][0]))
        if _permitted(host, address, parts.scheme, hosts):
            return Place(parts.scheme, host, str(address), port)
    raise WebhookError(
        f"{host} leads to where webhooks do not go: this machine itself, or plain http to outside the school's network"
    )


def is_host(text: str) -> bool:
    """Whether `text` can be in `webhook_hosts`: a host's name, an address, or a network (10.0.0.0/8)."""
    if _network(text) is not None:
        return True
    letters = text.replace("-", "").replace(".", "")
    return 0 < len(text) <= 253 and letters.isascii() and letters.isalnum() and not text.startswith((".", "-"))


def _parts(url: str) -> tuple[SplitResult, int]:
    """With the port, 0 for none that could be."""
    try:
        parts = urlsplit(url)
        return parts, parts.port if parts.port is not None else (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise WebhookError("url: this is no address") from error


def _named(host: str, hosts: Sequence[str]) -> bool:
    """Any spelling of a number may stand for an address: those that are not plain are known when they are looked up."""
    if host.casefold().rstrip(".") in {one.casefold().rstrip(".") for one in hosts}:
        return True
    try:
        return _listed(_plain(host), hosts)
    except ValueError:
        return False


def _permitted(host: str, address: _Address, scheme: str, hosts: Sequence[str]) -> bool:
    if _listed(address, hosts):
        return True
    own = address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified
    return _named(host, hosts) and not own and (scheme == "https" or address.is_private)


def _listed(address: _Address, hosts: Sequence[str]) -> bool:
    networks = (network for one in hosts if (network := _network(one)) is not None)
    return any(address.version == network.version and address in network for network in networks)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None


def _plain(text: str) -> _Address:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if mapped is not None else address
