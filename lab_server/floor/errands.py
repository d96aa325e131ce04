"""What is done while the stories go on: nobody waits for it, a failure is logged, and it ends with the floor."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Errands:
    """All that is under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def run(self, doing: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Begin it now; the name is for the log."""
        task = asyncio.create_task(doing, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(log_failure)
        return task

    def tasks(self) -> list[asyncio.Task[Any]]:
        """Those that have not ended, for who ends them."""
        return list(self._tasks)


def log_failure(task: asyncio.Task[Any]) -> None:
    """For a task whose result nobody asks for."""
    if not task.cancelled() and task.exception() is not None:
        log.warning("%s: %s", task.get_name(), task.exception(), exc_info=task.exception())
