"""The disk the recordings are on. A full one hurts no call: files stop short and the switch hardly says so (FACTS)."""

import asyncio
import logging
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from lab_server.alerts import Alerts

log = logging.getLogger(__name__)

LOOK_S = 2.0
MIB = 1024 * 1024
RECOVERED = 1.2  # so many times a threshold must be free before its alert is cleared: no flicker at the edge


class Room(StrEnum):
    """How much there is. The words of the two that are alerts are the alerts' kinds."""

    ENOUGH = "enough"
    LOW = "disk_low"
    FULL = "disk_full"


def judge(free_mb: float, was: Room, low_mb: float, full_mb: float) -> Room:
    """What `free_mb` means, coming from `was`. Getting worse is believed at once, getting better with a margin."""
    if free_mb < full_mb or (was is Room.FULL and free_mb < full_mb * RECOVERED):
        return Room.FULL
    if free_mb < low_mb or (was is not Room.ENOUGH and free_mb < low_mb * RECOVERED):
        return Room.LOW
    return Room.ENOUGH


def free_bytes(folder: Path) -> int:
    """What we may still write there. Raises OSError."""
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


class DiskWatch:
    """Raises `disk_low` or `disk_full` (never both) about `folder`, and clears them. Thresholds in MiB."""

    def __init__(
        self, folder: Path, low_mb: float, full_mb: float, alerts: Alerts, free: Callable[[Path], int] = free_bytes
    ) -> None:
        self._folder = folder
        self._low_mb = low_mb
        self._full_mb = full_mb
        self._alerts = alerts
        self._free = free
        self.room: Room | None = None
        """None: not looked at yet."""

    async def run(self, every_s: float = LOOK_S) -> None:
        """Look for ever."""
        while True:
            try:
                free_mb = await asyncio.to_thread(self._free, self._folder) / MIB
            except OSError as error:
                log.error("the recordings' disk does not say how much is free: %s", error)
            else:
                self.look(free_mb)
            await asyncio.sleep(every_s)

    def look(self, free_mb: float) -> None:
        """Take note of how much is free now."""
        before, self.room = self.room, judge(free_mb, self.room or Room.ENOUGH, self._low_mb, self._full_mb)
        if self.room is before:
            return
        args: dict[str, str | int | float] = {"folder": str(self._folder), "free_mb": round(free_mb, 1)}
        for room in (Room.LOW, Room.FULL):
            if room is self.room:
                self._alerts.raise_alert(room, str(self._folder), args)
            elif before in {None, room}:  # None: a process before us may have left it open
                self._alerts.clear(room, str(self._folder), args)
