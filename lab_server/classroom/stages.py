"""Tells whoever takes part in a contact at which stage it is."""

import logging

from lab_server.classroom.tools import Tools
from lab_server.floor.call import Stage
from telephony.useragent.messages import StageChanged

log = logging.getLogger(__name__)

KEYED = frozenset({Stage.MENU, Stage.RATED})
"""Stages that a caller answers with a key, which it must press anew when a new brain asks anew."""
ANEW = "asked-anew"
"""Told in between, because a worker that hears the same stage twice counts it once."""


class Stages:
    """News of stages go out once the bus is up; what was said before is said then, as it is by then."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._told: dict[str, Stage] = {}
        self._unheard: set[str] = set()

    def tell(self, contact: str, stage: Stage) -> None:
        bus = self._tools.bus
        if not bus.connected:
            self._unheard.add(contact)
            return
        call = self._tools.floor.call(contact)
        if call is not None and call.adopted and contact not in self._told and stage in KEYED:
            bus.post(f"contact/{contact}", StageChanged(contact=contact, stage=ANEW))
        self._told[contact] = stage
        if stage is Stage.ENDED:
            del self._told[contact]
        bus.post(f"contact/{contact}", StageChanged(contact=contact, stage=stage.value))

    def tell_unheard(self) -> None:
        """The bus is up: whoever was told nothing hears where its contact stands."""
        unheard, self._unheard = self._unheard, set()
        for contact in unheard:
            call = self._tools.floor.call(contact)
            stage = call.heard_stage if call is not None else Stage.ENDED
            if stage is not Stage.TALKING or (call is not None and call.announced):
                self.tell(contact, stage)

    def answer(self, contact: str) -> None:
        """A worker asks, after it was cut off from us."""
        call = self._tools.floor.call(contact)
        self.tell(contact, call.heard_stage if call is not None else Stage.ENDED)
