"""What a page may say to the switch: one whole SIP message a frame, as its own seat, reachable nowhere but there.

RFC 7118 (SIP over WebSocket) and the grammar of RFC 3261, narrowed to what our page sends: no folded lines, no route of
its own, no contact outside the WebSocket. Whatever else comes is refused; nothing is mended.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from telephony.websip.errors import SipRefused

LONGEST = 16_384
"""Bytes of one message; an offer with a dozen candidates has 3,000."""
MOST_HEADERS = 60
METHODS = frozenset({"REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE"})

_REQUEST = re.compile(r"([A-Z]{3,10}) sips?:[^\s<>\"]{1,255} SIP/2\.0")
_STATUS = re.compile(r"SIP/2\.0 [1-6][0-9]{2} [^\r\n]{0,120}")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9.-]{0,39})[ \t]*:[ \t]*(.*)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ADDRESS = re.compile(
    r"(?:[\w .~*+-]*<sips?:([^@<>\s;]{1,64})@[^<>\s]{1,200}>|sips?:([^@<>\s;]{1,64})@[^<>\s;]{1,200})(;.*)?"
)
_OWN_CONTACT = re.compile(r"<sip:([^@<>\s;]{1,64})@[a-z0-9]{1,40}\.invalid;transport=ws(?:;ob)?>(;[^<>,]{0,300})?")
_USERNAME = re.compile(r'\busername="([^"]*)"')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_SHORT = {"f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "v": "via", "r": "refer-to"}
_ONCE = ("from", "to", "call-id", "cseq")
_NEVER = frozenset(
    {"route", "record-route", "path", "service-route", "refer-to", "referred-by", "replaces", "target-dialog", "join"}
)
"""They would send the switch somewhere, or into another's call. Transfers are the floor's business."""


@dataclass(frozen=True)
class SipMessage:
    """A message that was let through. `method` is empty for an answer."""

    method: str
    call_id: str


def checked(text: str, user: str) -> SipMessage:
    """The message, if a page that is signed in as SIP user `user` may send it. Raises `SipRefused` with the reason."""
    head, gap, body = text.partition("\r\n\r\n")
    if len(text) > LONGEST or not gap:
        raise SipRefused(f"no whole SIP message of at most {LONGEST} bytes")
    if _CONTROL.search(head):
        raise SipRefused("a control character in the head")
    first, *lines = head.split("\r\n")
    request = _REQUEST.fullmatch(first)
    if request is None and not _STATUS.fullmatch(first):
        raise SipRefused("the first line is neither a request's nor an answer's")
    headers = list(_headers(lines))
    named = {name: [value for key, value in headers if key == name] for name, _ in headers}
    _check_shape(named, body)
    if request is not None and request[1] not in METHODS:
        raise SipRefused(f"the method {request[1]} is not for pages")
    _check_identity(named, request[1] if request else "", user)
    return SipMessage(request[1] if request else "", named["call-id"][0])


def _headers(lines: list[str]) -> Iterator[tuple[str, str]]:
    if len(lines) > MOST_HEADERS:
        raise SipRefused(f"more than {MOST_HEADERS} headers")
    for line in lines:
        found = _HEADER.fullmatch(line)
        if found is None:
            raise SipRefused("a line that is no header")
        name = found[1].lower()
        yield _SHORT.get(name, name), found[2].strip()


def _check_shape(named: dict[str, list[str]], body: str) -> None:
    for name in _ONCE:
        if len(named.get(name, ())) != 1:
            raise SipRefused(f"not exactly one {name}")
    if forbidden := _NEVER & named.keys():
        raise SipRefused(f"{sorted(forbidden)[0]} is not for pages")
    for length in named.get("content-length", ()):
        if length != str(len(body.encode())):
            raise SipRefused("content-length is not the body's")


def _check_identity(named: dict[str, list[str]], method: str, user: str) -> None:
    """A request is from this user, an answer was asked of it; both are reached only over this WebSocket."""
    own = ["from", "to"] if method == "REGISTER" else ["from"] if method else ["to"]
    for name in own:
        if _user(named[name][0]) != user:
            raise SipRefused(f"{name} is not the seat that is signed in")
    for contact in named.get("contact", ()):
        found = _OWN_CONTACT.fullmatch(_QUOTED.sub("", contact).strip())
        if found is None or found[1] != user:
            raise SipRefused("contact is not this page")
    for name in ("authorization", "proxy-authorization"):
        for value in named.get(name, ()):
            if _USERNAME.findall(value) != [user]:
                raise SipRefused(f"{name} names another user")


def _user(address: str) -> str | None:
    found = _ADDRESS.fullmatch(_QUOTED.sub("", address).strip())
    return (found[1] or found[2]) if found else None
