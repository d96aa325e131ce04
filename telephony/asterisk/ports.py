"""Are the PBX's ports free? Asked before the start, because Asterisk itself goes on without a port it could not get."""

import errno
import socket
from collections.abc import Iterator

from telephony.asterisk.errors import PortTakenError
from telephony.asterisk.settings import PbxSettings


def check_ports(settings: PbxSettings) -> None:
    """Raises PortTakenError naming the first setting whose port or address this machine cannot give."""
    for name, kind, address, port in _needed(settings):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
            try:
                probe.bind((address, port))
            except OSError as error:
                raise PortTakenError(_reason(error, name, kind, address, port)) from error


def _needed(settings: PbxSettings) -> Iterator[tuple[str, socket.SocketKind, str, int]]:
    yield "sip_port", socket.SOCK_DGRAM, settings.sip_address, settings.sip_port
    yield "sip_port", socket.SOCK_STREAM, settings.sip_address, settings.sip_port
    yield "lab_port", socket.SOCK_DGRAM, settings.lab_address, settings.lab_port
    yield "http_port", socket.SOCK_STREAM, "127.0.0.1", settings.http_port
    yield "ami_port", socket.SOCK_STREAM, "127.0.0.1", settings.ami_port


def _reason(error: OSError, name: str, kind: socket.SocketKind, address: str, port: int) -> str:
    transport = "UDP" if kind == socket.SOCK_DGRAM else "TCP"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{address} ({name.replace('port', 'address')}) is no address of this machine; set one that is"
    if error.errno == errno.EADDRINUSE:
        return f"{transport} port {port} on {address} is already taken; end the program that has it or change {name}"
    return f"{transport} port {port} on {address} cannot be used ({error.strerror}); change {name}"
