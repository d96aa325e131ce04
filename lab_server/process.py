"""What every process of ours does at its start: write a log, go with its parent, run until it is told to stop."""

import asyncio
import contextlib
import ctypes
import logging
import signal
import sys
from collections.abc import Awaitable, Callable

PR_SET_PDEATHSIG = 1  # prctl(2)


def set_up_log(level: int = logging.INFO) -> None:
    """Everything to standard error, which the supervisor writes into the process's own log file."""
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )


def go_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent is gone: no process of ours outlives the supervisor unwatched."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run(main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run `main(stop)` to its end; SIGTERM and SIGINT set `stop`."""

    async def body() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await main(stop)

    asyncio.run(body())
