"""Passes for a seat: a link that opens it once on this machine, and the cookie that is got for it.

Until people sign in, this is how a page knows which seat it is. Nothing is stored but which links have been used.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from telephony.clock import Clock

LINK_S = 600.0
"""So long a link may wait to be opened."""
SITTING_S = 12 * 3600.0
"""So long a seat stays open in one browser."""

_PASS = re.compile(r"(link|seat)\.([0-9]{1,15})\.([0-9]{1,12})\.([A-Za-z0-9_-]{8,32})\.([A-Za-z0-9_-]{43})")


class SeatPasses:
    """`folder` (`var/secrets`) keeps the key and the used links. Works in several processes at once."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def link(self, seat: str) -> str:
        """A word that `redeem` takes once within ten minutes."""
        return self._signed("link", seat, LINK_S)

    def redeem(self, word: str) -> str | None:
        """The cookie for a link's word; None if it is none of ours, too old, or used already."""
        opened = self._opened("link", word)
        if opened is None:
            return None
        seat, nonce = opened
        used = self._folder / "used-links"
        used.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            (used / nonce).touch(mode=0o600, exist_ok=False)  # of two at once, one is the first
        except FileExistsError:
            return None
        return self._signed("seat", seat, SITTING_S)

    def seat(self, cookie: str) -> str | None:
        """The seat that a cookie opens, as long as it does."""
        opened = self._opened("seat", cookie)
        return opened[0] if opened else None

    def _signed(self, kind: str, seat: str, lasts_s: float) -> str:
        until = int(self._clock.utc().timestamp() + lasts_s)
        text = f"{kind}.{seat}.{until}.{secrets.token_urlsafe(12)}"
        return f"{text}.{self._signature(text)}"

    def _opened(self, kind: str, word: str) -> tuple[str, str] | None:
        found = _PASS.fullmatch(word)
        if found is None or found[1] != kind:
            return None
        text, _, signature = word.rpartition(".")
        if not hmac.compare_digest(signature, self._signature(text)):
            return None
        return (found[2], found[4]) if int(found[3]) > self._clock.utc().timestamp() else None

    def _signature(self, text: str) -> str:
        mac = hmac.digest(self._key(), text.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def _key(self) -> bytes:
        """Made once, readable by us alone."""
        file = self._folder / "seat-pass.key"
        try:
            return file.read_bytes()
        except FileNotFoundError:
            pass
        self._folder.mkdir(parents=True, exist_ok=True)
        new = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(32))
        try:
            os.link(new, file)  # whoever is first; the others use his
        except FileExistsError:
            pass
        finally:
            new.unlink()
        return file.read_bytes()
