"""What the floor asks of the desk while a caller waits. `floor.directory.Directory` answers; nobody does here."""

from typing import Protocol

from lab_server.desk.members import Figures, PinCheck
from lab_server.desk.seat_settings import SeatFacts
from lab_server.floor.call import Call
from lab_server.floor.directory import CallerFacts
from lab_server.store.tables import Mode
from telephony.trunks import HouseTrunk, LabTrunk, NullTrunk

_INDOORS = frozenset({HouseTrunk.name, LabTrunk.name, NullTrunk.name})


class Knowing(Protocol):
    """No method may raise, or keep a caller waiting for long: what is not known in time is not known."""

    async def refresh(self) -> bool: ...
    def seat(self, seat: str) -> SeatFacts: ...
    async def caller(self, number: str, mode: Mode) -> CallerFacts: ...
    async def member(self, member_number: str, pin: str, mode: Mode) -> PinCheck | None: ...
    async def figures(self, customer_id: str) -> Figures | None: ...
    async def numbers_of(self, customer_id: str) -> list[str]: ...


class KnowsNobody:
    """Every caller is a stranger, and no member is known."""

    async def refresh(self) -> bool:
        return True

    def seat(self, seat: str) -> SeatFacts:
        return SeatFacts(seat)

    async def caller(self, number: str, mode: Mode) -> CallerFacts:
        return CallerFacts(number)

    async def member(self, member_number: str, pin: str, mode: Mode) -> PinCheck | None:
        return None

    async def figures(self, customer_id: str) -> Figures | None:
        return None

    async def numbers_of(self, customer_id: str) -> list[str]:
        return []


def mode_of(call: Call) -> Mode:
    """Whose customers are asked for: a class's, or the real ones."""
    return "training" if call.trunk in _INDOORS else "production"
