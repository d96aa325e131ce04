"""Coming back after a lost connection: how long to wait, and what the owner is told."""

import asyncio
from dataclasses import dataclass

_FIRST_WAIT_S = 0.05
_LONGEST_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Gap:
    """What happened between these two moments (monotonic seconds) was not seen, and nobody tells it again.

    `lost_at` is when the loss was noticed; for a server that froze, up to 10 s after it was last heard.
    """

    lost_at: float
    back_at: float


class Backoff:
    """Waits 50 ms, then twice as long each time up to 1 s, for ever; `reset` after a success."""

    def __init__(self) -> None:
        self._wait_s = _FIRST_WAIT_S

    async def wait(self) -> None:
        await asyncio.sleep(self._wait_s)
        self._wait_s = min(self._wait_s * 2, _LONGEST_WAIT_S)

    def reset(self) -> None:
        self._wait_s = _FIRST_WAIT_S
