"""Every AMI action we use, with its headers. Messages are built from this table; a test holds it against the server."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from telephony.ami.errors import AmiBadValue

Value = str | Sequence[str]
Message = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Action:
    name: str
    headers: frozenset[str] = frozenset()


def _action(name: str, *headers: str) -> Action:
    return Action(name, frozenset(headers))


LOGIN = _action("Login", "Username", "Secret", "Events")
PING = _action("Ping")
LIST_COMMANDS = _action("ListCommands")
MIX_MONITOR = _action("MixMonitor", "Channel", "Options")
STOP_MIX_MONITOR = _action("StopMixMonitor", "Channel")
MUTE_MIX_MONITOR = _action("MixMonitorMute", "Channel", "Direction", "State")
REDIRECT = _action("Redirect", "Channel", "Context", "Exten", "Priority")
MUTE_AUDIO = _action("MuteAudio", "Channel", "Direction", "State")
SET_VARIABLE = _action("Setvar", "Channel", "Variable", "Value")
PJSIP_NOTIFY = _action("PJSIPNotify", "Endpoint", "Variable")

ALL: tuple[Action, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Action))


def encode(action: Action, action_id: str, headers: Mapping[str, Value]) -> bytes:
    """The action as bytes. Raises `AmiBadValue` before anything is sent."""
    if unknown := headers.keys() - action.headers:
        raise TypeError(f"{action.name} has no header {', '.join(sorted(unknown))}")
    lines = [f"Action: {action.name}", f"ActionID: {action_id}"]
    for name, value in headers.items():
        lines += (f"{name}: {_plain(action, name, item)}" for item in _each(value))
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def decode(block: bytes) -> Message:
    """Headers of one message. Of a header that comes more than once the lines are joined by line breaks."""
    message: dict[str, str] = {}
    for line in block.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            value = value.strip()
            message[name] = f"{message[name]}\n{value}" if name in message else value
    return message


def _each(value: Value) -> Iterator[str]:
    yield from [value] if isinstance(value, str) else value


def _plain(action: Action, name: str, value: str) -> str:
    if bad := [c for c in value if c in "\r\n\0\x85\u2028\u2029" or (ord(c) < 32 and c != "\t")]:
        raise AmiBadValue(f"{name} holds {bad[0]!r}, which would end the line: {value!r:.100}", action=action.name)
    return value
