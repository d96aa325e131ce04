"""Time as an argument: who needs it takes a `Clock`; nobody reads the system's clock by itself."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Both clocks of DESIGN: one to write down, one to measure with."""

    def utc(self) -> datetime:
        """The time of day, timezone-aware, in UTC: for records and people."""
        ...

    def monotonic(self) -> float:
        """Seconds that only go forward, the same for every process of this machine: for measuring."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def utc(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
