"""A small asyncio client of Asterisk's manager interface, only for what ARI lacks.

Why our own: of the libraries, panoramisk 1.4 is the best kept, but it writes values unchecked (a line break in a number
becomes another header), leaves waiting callers hanging when the connection breaks, and has no types.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Literal, Self

from telephony.ami import actions as act
from telephony.ami.actions import Action, Message, Value, decode, encode
from telephony.ami.errors import AmiBadValue, AmiNotFound, AmiRefused, AmiUnreachable
from telephony.clock import Clock
from telephony.reconnect import Backoff, Gap

log = logging.getLogger(__name__)

_HANDSHAKE_S = 2.0
_LARGEST_MESSAGE = 1 << 20
_UNSAFE_IN_PATH = frozenset(",()^$|&;<>`'\"\\{}")


class AmiClient:
    """One connection, which comes back by itself. While it is down, actions raise `AmiUnreachable` at once.

    `channel` is a channel's name or its id. An action not answered within `timeout_s` raises `AmiUnreachable`.
    """

    def __init__(self, host: str, port: int, user: str, secret: str, clock: Clock, *, timeout_s: float = 5.0) -> None:
        self._host, self._port = host, port
        self._user, self._secret = user, secret
        self._clock = clock
        self._timeout_s = timeout_s
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Message]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._lost_at: float | None = None
        self._failure: Exception | None = None
        self._on_connected: list[Callable[[Gap | None], None]] = []

    # -- actions

    async def ping(self) -> None:
        """Returns if Asterisk answers."""
        await self._act(act.PING)

    async def list_commands(self) -> dict[str, str]:
        """Name → one line of description, of every action this server has."""
        answer = await self._act(act.LIST_COMMANDS)
        return {name: text for name, text in answer.items() if name not in ("Response", "ActionID")}

    async def record_received(self, channel: str, path: str) -> None:
        """MixMonitor `r(path)`: record what this channel's party says, into the wav file `path`."""
        await self._act(act.MIX_MONITOR, Channel=channel, Options=f"r({_safe_path(path)})")

    async def stop_recording(self, channel: str) -> None:
        """Stop recording this channel and close the file."""
        await self._act(act.STOP_MIX_MONITOR, Channel=channel)

    async def silence_recording(self, channel: str, *, on: bool = True) -> None:
        """What the party says is not kept while this is on: silence is written instead, so the file stays in step."""
        await self._act(act.MUTE_MIX_MONITOR, Channel=channel, Direction="read", State="1" if on else "0")

    async def redirect(self, channel: str, context: str, exten: str = "s", priority: int = 1) -> None:
        """Move a channel that sits in the dialplan (where ARI's commands give a conflict). Takes about 2 ms.

        A place that is not in the dialplan is not refused: the channel is hung up there.
        """
        await self._act(act.REDIRECT, Channel=channel, Context=context, Exten=exten, Priority=str(priority))

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        """Also of a channel that still rings (ARI sets those of channels in our application only)."""
        await self._act(act.SET_VARIABLE, Channel=channel, Variable=name, Value=value)

    async def mute(self, channel: str, direction: Literal["in", "out", "all"] = "in", *, on: bool = True) -> None:
        """`in`: what the party says is dropped, also outside our application."""
        await self._act(act.MUTE_AUDIO, Channel=channel, Direction=direction, State="on" if on else "off")

    async def notify(self, endpoint: str, headers: Iterable[tuple[str, str]]) -> None:
        """Send a phone a NOTIFY. `Content` may come more than once: each is a line of the body."""
        given = []
        for name, value in headers:
            if "," in value or "," in name or "=" in name:
                raise AmiBadValue(f"{name!r}: {value!r} holds a comma or equals sign", action="PJSIPNotify")
            given.append(f"{name}={value}")
        await self._act(act.PJSIP_NOTIFY, Endpoint=endpoint, Variable=given)

    async def notify_messages(self, endpoint: str, new: int, old: int = 0) -> None:
        """Light the phone's message lamp if there are `new` messages, put it out if there are none (RFC 3842)."""
        waiting = "yes" if new else "no"
        await self.notify(
            endpoint,
            (
                ("Event", "message-summary"),
                ("Content-Type", "application/simple-message-summary"),
                ("Content", f"Messages-Waiting: {waiting}"),
                ("Content", f"Voice-Message: {new}/{old} (0/0)"),
                ("Content", ""),
            ),
        )

    # -- connection

    def start(self) -> None:
        """Begin to connect, and wait for nothing: until then actions raise `AmiUnreachable`."""
        if self._task is not None:
            raise RuntimeError("start() or connect() was called before")
        self._task = asyncio.create_task(self._run(), name="ami")

    async def connect(self, timeout_s: float = 10.0) -> None:
        """Start, and return once logged in. Raises `AmiRefused` (wrong password) or `AmiUnreachable`."""
        self.start()
        try:
            async with asyncio.timeout(timeout_s):
                await self._up.wait()
        except TimeoutError:
            failure = self._failure
            await self.close()
            if isinstance(failure, AmiRefused):
                raise failure from None
            raise AmiUnreachable(f"not logged in within {timeout_s:g} s: {failure or 'no answer'}") from failure

    async def close(self) -> None:
        self._on_connected = []
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def connected(self) -> bool:
        return self._up.is_set()

    def on_connected(self, handler: Callable[[Gap | None], None]) -> None:
        """Call `handler` after each login: with `None` first, then with the gap."""
        self._on_connected.append(handler)

    async def _run(self) -> None:
        backoff = Backoff()
        while True:
            try:
                await self._one_connection(backoff)
            except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, AmiRefused) as error:
                self._note(error)
            await backoff.wait()

    async def _one_connection(self, backoff: Backoff) -> None:
        async with asyncio.timeout(_HANDSHAKE_S):
            reader, writer = await asyncio.open_connection(self._host, self._port, limit=_LARGEST_MESSAGE)
        self._writer = writer
        try:
            async with asyncio.timeout(_HANDSHAKE_S):
                await self._login(reader, writer)
            backoff.reset()
            self._logged_in()
            while True:
                self._take(decode(await reader.readuntil(b"\r\n\r\n")))
        finally:
            self._drop(writer)

    async def _login(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The first line is the server's greeting; then our name, and its answer."""
        await reader.readuntil(b"\r\n")
        writer.write(encode(act.LOGIN, "login", {"Username": self._user, "Secret": self._secret, "Events": "off"}))
        answer: Message = {}
        while answer.get("ActionID") != "login":
            answer = decode(await reader.readuntil(b"\r\n\r\n"))
        _check(act.LOGIN, answer)

    def _logged_in(self) -> None:
        gap = None if self._lost_at is None else Gap(self._lost_at, self._clock.monotonic())
        self._failure = None
        self._up.set()
        log.info("AMI connected")
        for handler in tuple(self._on_connected):
            try:
                handler(gap)
            except Exception:
                log.exception("AMI on_connected handler failed; the connection goes on")

    def _drop(self, writer: asyncio.StreamWriter) -> None:
        if self._up.is_set():
            self._lost_at = self._clock.monotonic()
        self._up.clear()
        self._writer = None
        writer.close()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(AmiUnreachable("the connection broke before the answer"))

    def _note(self, error: Exception) -> None:
        if self._failure is None:
            log.warning("AMI not connected, trying on: %s", str(error) or type(error).__name__)
        self._failure = error

    def _take(self, message: Message) -> None:
        future = self._waiting.get(message.get("ActionID", ""))
        if future is not None and "Response" in message and not future.done():
            future.set_result(message)

    async def _act(self, action: Action, **headers: Value) -> Message:
        writer = self._writer
        if writer is None or not self._up.is_set():
            raise AmiUnreachable("not connected", action=action.name)
        action_id = f"rs-{next(self._ids)}"
        content = encode(action, action_id, headers)
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[action_id] = future
        try:
            writer.write(content)
            async with asyncio.timeout(self._timeout_s):
                answer = await future
        except TimeoutError:
            raise AmiUnreachable(f"no answer within {self._timeout_s:g} s", action=action.name) from None
        except AmiUnreachable as error:
            raise AmiUnreachable(error.reason, action=action.name) from None
        finally:
            del self._waiting[action_id]
            future.cancel()
        _check(action, answer)
        return answer


def _check(action: Action, answer: Message) -> None:
    if answer.get("Response") in ("Success", "Goodbye"):
        return
    reason = answer.get("Message", "no reason given")
    gone = "no such channel" in reason.lower() or "not found" in reason.lower() or "does not exist" in reason.lower()
    raise (AmiNotFound if gone else AmiRefused)(reason, action=action.name)


def _safe_path(path: str) -> str:
    """MixMonitor takes `file,options,command` as one string and would run the third: no separator may get in."""
    bad = sorted(_UNSAFE_IN_PATH.intersection(path))
    if bad or not path.isprintable() or not path.startswith("/"):
        raise AmiBadValue(f"recording path should be absolute and without {bad or 'odd characters'}: {path!r}")
    return path
