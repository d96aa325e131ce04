"""Call-backs that were ordered, as the stories see them. `ringing_back.RingingBack` keeps them and rings."""

from typing import Protocol

from lab_server.floor.call import Call


class Callbacks(Protocol):
    """`taken`: call-backs can be ordered here at all."""

    taken: bool

    async def order(self, call: Call, number: str, queue: str) -> str | None:
        """Keep the place of `call`: `new`, or `already` if this number has an open one there. None: not possible."""
        ...

    async def look(self) -> bool:
        """Other processes have changed them: bring the queues in line."""
        ...


class NoCallbacks:
    """Nobody is ever called back."""

    taken = False

    async def order(self, call: Call, number: str, queue: str) -> str | None:
        return None

    async def look(self) -> bool:
        return True
