"""What the classroom works with; built once, in `lab_server.brain`."""

from collections.abc import Callable
from dataclasses import dataclass

from lab_server.floor.distribution import Distribution
from lab_server.floor.floor import Floor
from lab_server.store.journal import Journal
from lab_server.store.writer import Reader, Writer
from telephony.ari import AriClient
from telephony.bus import BusClient
from telephony.clock import Clock


@dataclass(frozen=True)
class Tools:
    """`hotline`: the SIP URI callers ring; `registrar`: where phones register; `hosts`: number → where it answers."""

    clock: Clock
    bus: BusClient
    ari: AriClient
    writer: Writer
    reader: Reader
    journal: Journal
    floor: Floor
    distribution: Distribution
    site_id: str
    hotline: str
    registrar: str
    phone_password: Callable[[str], str]
    hosts: dict[str, tuple[str, int]]
    max_caller_workers: int = 16
    longest_call_s: float = 900.0
