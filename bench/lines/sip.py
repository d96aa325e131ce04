"""As much of SIP as a phone of a bench needs: messages taken apart and put together, and an answer to a challenge."""

import hashlib
import re
from dataclasses import dataclass

CRLF = "\r\n"
_COPIED = ("via", "from", "to", "call-id", "cseq")


@dataclass(frozen=True)
class Message:
    """One message: `first` is its first line; headers by lower-case name, in order."""

    first: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def method(self) -> str:
        """What is asked; for an answer, what was asked."""
        return self.get("cseq").rpartition(" ")[2]

    @property
    def status(self) -> int | None:
        """None: it asks."""
        return int(self.first.split(" ")[1]) if self.first.startswith("SIP/2.0 ") else None

    @property
    def user(self) -> str:
        """Who is asked for."""
        found = re.match(r"\w+ sip:([^@;>]*)@", self.first)
        return found[1] if found else ""

    @property
    def rtp(self) -> tuple[str, int] | None:
        """Where its sound is to be sent."""
        address, port = re.search(r"c=IN IP4 (\S+)", self.body), re.search(r"m=audio (\d+)", self.body)
        return (address[1], int(port[1])) if address and port else None

    def get(self, name: str) -> str:
        """The first header of that name, or nothing."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def contact(self) -> str:
        """Where requests of this dialogue go."""
        found = re.search(r"<([^>]*)>", self.get("contact"))
        return found[1] if found else ""


def parse(data: bytes) -> Message | None:
    """None: a sign of life, or nothing we understand."""
    head, _, body = data.decode("utf-8", "replace").partition(CRLF * 2)
    first, *lines = head.split(CRLF)
    if not lines:
        return None
    pairs = [line.partition(":") for line in lines]
    return Message(first, tuple((name.strip().lower(), value.strip()) for name, _, value in pairs), body)


def request(first: str, headers: dict[str, str], body: str = "") -> bytes:
    """A request, or anything else that begins with `first`."""
    told = headers | ({"Content-Type": "application/sdp"} if body else {}) | {"Content-Length": str(len(body))}
    lines = [f"{name}: {value}" for name, value in told.items()]
    return CRLF.join([f"{first} SIP/2.0", *lines, "", body]).encode()


def answer(asked: Message, status: str, tag: str, contact: str, body: str = "") -> bytes:
    """An answer to `asked`, with `tag` on its To."""
    lines = [f"SIP/2.0 {status}"]
    for name, value in asked.headers:
        if name in _COPIED:
            ours = name == "to" and "tag=" not in value
            lines.append(f"{name.title()}: {value}{f';tag={tag}' if ours else ''}")
    lines.append(f"Contact: <{contact}>")
    if body:
        lines.append("Content-Type: application/sdp")
    return CRLF.join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


def sdp(address: str, port: int) -> str:
    """Offer or answer: μ-law."""
    lines = ("v=0", f"o=- 1 1 IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0", f"m=audio {port} RTP/AVP 0",
             "a=rtpmap:0 PCMU/8000", "a=sendrecv", "")  # fmt: skip
    return CRLF.join(lines)


def authorization(challenge: str, user: str, password: str, method: str, uri: str) -> str:
    """The header Authorization for a digest challenge (RFC 2617, MD5)."""
    given = dict(re.findall(r'(\w+)="?([^",]*)"?', challenge.partition(" ")[2]))
    realm, nonce, qop = given["realm"], given["nonce"], given.get("qop", "").split(",")[0]
    secret, asked = _md5(f"{user}:{realm}:{password}"), _md5(f"{method}:{uri}")
    told = f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm=MD5'
    if "opaque" in given:
        told += f', opaque="{given["opaque"]}"'
    if not qop:
        return f'{told}, response="{_md5(f"{secret}:{nonce}:{asked}")}"'
    proof = _md5(f"{secret}:{nonce}:00000001:ringside:{qop}:{asked}")
    return f'{told}, qop={qop}, nc=00000001, cnonce="ringside", response="{proof}"'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
