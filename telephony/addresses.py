"""The addresses that this machine has."""

import ipaddress
import socket

import psutil

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def own_addresses() -> tuple[Ip, ...]:
    """Those by which others may reach it, of every interface that is up: no loopback, no link-local ones. In order."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = {
        ipaddress.ip_address(address.address.partition("%")[0])
        for name, addresses in psutil.net_if_addrs().items()
        for address in addresses
        if name in up and address.family in {socket.AF_INET, socket.AF_INET6}
    }
    return tuple(
        sorted((ip for ip in found if not ip.is_loopback and not ip.is_link_local), key=lambda ip: (ip.version, ip))
    )
