"""A list that was looked at and not taken in yet: kept for an hour under the name of who sent it."""

import time
from dataclasses import dataclass
from pathlib import Path

from lab_server.ids import is_id, new_id

LASTS_S = 3600.0


@dataclass(frozen=True)
class Held:
    """`folder` is made when it is needed."""

    folder: Path

    def put(self, user_id: str, content: bytes) -> str:
        """Keep it; returns the key by which the same user gets it back."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        key = new_id()
        (self.folder / f"{user_id}-{key}").write_bytes(content)
        return key

    def get(self, user_id: str, key: str) -> bytes | None:
        """What the user sent; None if there is nothing of that key (any more), or it is another's."""
        if not is_id(key):
            return None
        try:
            return (self.folder / f"{user_id}-{key}").read_bytes()
        except OSError:
            return None

    def drop(self, user_id: str, key: str) -> None:
        """It has been taken in."""
        if is_id(key):
            (self.folder / f"{user_id}-{key}").unlink(missing_ok=True)

    def _sweep(self) -> None:
        for file in self.folder.iterdir():
            if time.time() - file.stat().st_mtime > LASTS_S:  # files carry the machine's time
                file.unlink(missing_ok=True)
