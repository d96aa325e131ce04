"""Speaks a sentence that could not be known before: place in the queue, balance, a message's time."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from datasets.language import Language
from telephony.clock import Clock
from telephony.speech.cache import SpeechCache
from telephony.speech.engine import SpeechError

Caches = Mapping[Language, SpeechCache]
"""Which engine speaks a language, and where its files are."""

log = logging.getLogger(__name__)

_THREADS = 2  # eSpeak speaks one sentence at a time; the second goes on while the first waits for the disk
_MOST_WAITING = 64
_IN_USE_S = 600.0  # what was said so lately may still be playing, or begin to in a moment
_LOOK_EVERY = 100  # sayings made


class Announcing(Protocol):
    """Says a sentence, if it can be done in time."""

    async def say(self, text: str, language: Language) -> Path | None:
        """A path for `sound:` (absolute, without ending), or None: then the call goes on without it."""
        ...


class Silent:
    """An `Announcing` that never says anything."""

    async def say(self, text: str, language: Language) -> Path | None:
        return None


class Announcer:
    """Makes sentences in threads of its own; nothing in the event loop waits for the disk or the voice.

    `made` holds what is made now: its engines must need no network. `ready`: what was made with the prompts, perhaps by
    a better voice. `deadline_s`: a sentence that takes longer is left out this time, and is there the next time.
    `keep`: so many files stay in `made`, those said last.
    """

    def __init__(
        self, made: Caches, clock: Clock, *, ready: Caches | None = None, deadline_s: float = 1.5,
        keep: int = 2000,
    ) -> None:  # fmt: skip
        self._made = made
        self._ready = ready or {}
        self._clock = clock
        self._deadline_s = deadline_s
        self._keep = keep
        self._until_look = 0
        self._closed = False
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="announcer")
        self._under_way: dict[tuple[str, Language], Future[Path]] = {}

    async def say(self, text: str, language: Language) -> Path | None:
        """Never raises for a sentence that cannot be spoken: that is logged, and the call goes on without it."""
        if self._closed:
            return None
        key = (text, language)
        making = self._under_way.get(key)
        if making is None:
            if len(self._under_way) >= _MOST_WAITING:
                log.error("%d sentences wait to be spoken; left out: %r", len(self._under_way), text)
                return None
            making = self._begin(key)
        try:
            async with asyncio.timeout(self._deadline_s):
                # shielded: others may wait for the same sentence, and the next caller finds it made
                path = await asyncio.shield(asyncio.wrap_future(making))
        except TimeoutError:
            log.warning("not spoken within %g s, left out: %r", self._deadline_s, text)
            return None
        except (SpeechError, OSError) as error:
            log.error("cannot be spoken, left out: %r: %s", text, error)
            return None
        except Exception:  # whatever an engine does: the caller only misses a sentence
            log.exception("the speech engine failed, left out: %r", text)
            return None
        return path.with_suffix("")

    def close(self) -> None:
        """Make nothing more; waits for nothing. Who waits for a sentence goes on without it."""
        self._closed = True
        self._threads.shutdown(wait=False)

    def _begin(self, key: tuple[str, Language]) -> Future[Path]:
        loop = asyncio.get_running_loop()
        making = self._threads.submit(self._speak, *key)
        self._under_way[key] = making

        def done(_made: Future[Path]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
                loop.call_soon_threadsafe(self._under_way.pop, key, None)

        making.add_done_callback(done)
        return making

    # -- in a thread ------------------------------------------------------------------------------------------------

    def _speak(self, text: str, language: Language) -> Path:
        if self._closed:
            raise SpeechError("the announcer is closed")
        ready, made = self._ready.get(language), self._made.get(language)
        found = ready.find(text, language) if ready is not None else None
        if found is not None:
            return found
        if made is None:
            raise SpeechError(f"no engine speaks {language}")
        path = made.wav(text, language)
        now_ns = int(self._clock.utc().timestamp() * 1e9)
        with contextlib.suppress(
            OSError
        ):  # taken away meanwhile, or a file system without times: it is spoken all the same
            os.utime(path, ns=(now_ns, path.stat().st_mtime_ns))  # said now; changed when it was made
        self._until_look -= 1
        if self._until_look < 0:
            self._until_look = _LOOK_EVERY
            self._forget(now_ns)
        return path

    def _forget(self, now_ns: int) -> None:
        """Remove what has not been said for longest. A file that another process removes meanwhile is no loss."""
        said: list[tuple[int, Path]] = []
        for path in {path for made in self._made.values() for path in made.folder.glob("*/*.wav")}:
            with contextlib.suppress(FileNotFoundError):
                said.append((path.stat().st_atime_ns, path))
        said.sort(reverse=True)
        for at_ns, path in said[self._keep :]:
            if now_ns - at_ns > _IN_USE_S * 1e9:
                path.unlink(missing_ok=True)
                path.with_suffix(".sha256").unlink(missing_ok=True)
