"""How long an agent may write, by queue: what the desk counts down from."""

import logging

from lab_server.config import ConfigError, Settings
from lab_server.floor_plan import floor_plan

log = logging.getLogger(__name__)


class WrapUpLimits:
    """Seconds by queue, "" for those without a limit of their own; the plan is read with the first question."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._found: dict[str, float] | None = None

    def __call__(self) -> dict[str, float]:
        if self._found is None:
            self._found = {"": self._settings.wrap_up_limit_s} | self._of_plan()
        return self._found

    def _of_plan(self) -> dict[str, float]:
        try:
            queues = floor_plan(self._settings).queues
        except ConfigError as error:  # the brain says so, and does not start; the page counts from the common limit
            log.warning("the floor plan cannot be read: %s", error)
            return {}
        return {name: one.wrap_up_s for name, one in queues.items() if one.wrap_up_s is not None}
