"""SIP by hand, byte for byte: what no telephone would send. One socket, which keeps all that came back."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Self, cast

SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 9 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=%s\r\n"
)


@dataclass
class Dialog:
    """One call of ours. `head` are the lines from From to Call-ID of the next request."""

    uri: bytes
    from_: bytes
    to: bytes
    call_id: str
    cseq: int = 0
    target: bytes = b""
    codes: list[int] = field(default_factory=list)

    @property
    def tags(self) -> tuple[str, str]:
        """Ours and theirs."""
        ours, theirs = (re.search(rb";tag=([^;>\s]+)", one) for one in (self.from_, self.to))
        return ours[1].decode() if ours else "", theirs[1].decode() if theirs else ""


class RawSip(asyncio.DatagramProtocol):
    """Answers what it is asked with 200, an INVITE with sound; everything that came is in `heard`."""

    def __init__(self, user: str = "", password: str = "") -> None:
        self.user, self._password = user, password
        self.heard: list[bytes] = []
        self.answers: dict[tuple[str, int], list[bytes]] = {}
        self._news = asyncio.Event()
        self._transport: asyncio.DatagramTransport | None = None
        self.there: tuple[str, int] = ("", 0)

    @classmethod
    @asynccontextmanager
    async def open(cls, host: str, there: tuple[str, int], user: str = "", password: str = "") -> AsyncIterator[Self]:
        loop = asyncio.get_running_loop()
        transport, raw = await loop.create_datagram_endpoint(lambda: cls(user, password), local_addr=(host, 0))
        raw.there = there
        try:
            yield raw
        finally:
            transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    @property
    def here(self) -> str:
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return f"{host}:{port}"

    def send(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.sendto(data, self.there)

    def datagram_received(self, data: bytes, _addr: object) -> None:
        self.heard.append(data)
        if data.startswith(b"SIP/2.0 "):
            key = (_of(data, b"Call-ID").decode(errors="replace"), int(_of(data, b"CSeq").split()[0]))
            self.answers.setdefault(key, []).append(data)
        elif not data.startswith(b"ACK ") and b"\r\n" in data.strip():
            self._agree(data)
        self._news.set()

    def _agree(self, asked: bytes) -> None:
        copied = b"".join(
            line + b"\r\n" for line in asked.split(b"\r\n")
            if line.split(b":")[0].strip().lower() in {b"via", b"from", b"call-id", b"cseq", b"to"}
        )  # fmt: skip
        self.send(b"SIP/2.0 200 OK\r\n" + copied + b"Content-Length: 0\r\n\r\n")

    def dialog(self, to: str, *, from_: bytes = b"") -> Dialog:
        """A call that is not placed yet. `from_` replaces what stands before the tag."""
        uri = f"sip:{to}@{self.there[0]}:{self.there[1]}".encode()
        from_ = from_ or f"<sip:{self.user or '16312345678'}@{self.here}>".encode()
        return Dialog(uri, from_ + b";tag=" + token_hex(6).encode(), b"<" + uri + b">", f"{token_hex(8)}@here", 0, uri)

    def request(
        self, dialog: Dialog, method: str, headers: bytes = b"", body: bytes = b"", kind: bytes = b"application/sdp",
        cseq: int = 0,
    ) -> int:  # fmt: skip
        """Send one in a dialog; its number."""
        if not cseq:
            dialog.cseq += 1
        number = cseq or dialog.cseq
        own = f"Contact: <sip:{self.user or 'x'}@{self.here}>\r\n".encode()
        self.send(
            method.encode() + b" " + dialog.target + b" SIP/2.0\r\n"
            + f"Via: SIP/2.0/UDP {self.here};rport;branch=z9hG4bK{token_hex(8)}\r\n".encode()
            + b"From: " + dialog.from_ + b"\r\nTo: " + dialog.to + b"\r\n"
            + f"Call-ID: {dialog.call_id}\r\nCSeq: {number} {method}\r\n".encode()
            + (b"" if b"\nContact:" in b"\n" + headers else own)
            + b"Max-Forwards: 70\r\n" + headers
            + (b"Content-Type: " + kind + b"\r\n" if body else b"")
            + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
        )  # fmt: skip
        return number

    async def final(self, dialog: Dialog, number: int, within_s: float = 5.0) -> int:
        """The status that ends request `number`; 0 if there is none in time."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    self._news.clear()
                    for answer in self.answers.get((dialog.call_id, number), []):
                        code = int(answer.split(b" ", 2)[1])
                        if code >= 200:
                            dialog.codes.append(code)
                            return self._noted(dialog, answer, code)
                    await self._news.wait()
        except TimeoutError:
            return 0

    def _noted(self, dialog: Dialog, answer: bytes, code: int) -> int:
        if code < 300 and (contact := re.search(rb"<(sip:[^>]+)>", _of(answer, b"Contact"))):
            dialog.target = contact[1]
        if b";tag=" in _of(answer, b"To") and code < 300:
            dialog.to = _of(answer, b"To")
        return code

    async def asks(self, dialog: Dialog, method: str, headers: bytes = b"", body: bytes = b"", **how: bytes) -> int:
        """A request with its answer; with our password if that is wanted. An INVITE is acknowledged."""
        number = self.request(dialog, method, headers, body, **how)
        code = await self.final(dialog, number)
        if method == "INVITE" and code:
            self.acknowledge(dialog, number, code)
        if code == 401 and self._password:
            challenge = next(a for a in self.answers[dialog.call_id, number] if a.startswith(b"SIP/2.0 401"))
            proof = self._proof(_of(challenge, b"WWW-Authenticate").decode(), method, dialog.target.decode())
            number = self.request(dialog, method, headers + proof, body, **how)
            code = await self.final(dialog, number)
            if method == "INVITE" and code:
                self.acknowledge(dialog, number, code)
        return code

    def acknowledge(self, dialog: Dialog, number: int, code: int) -> None:
        if code < 300:
            self.request(dialog, "ACK", cseq=number)
            return
        refused = next(a for a in self.answers[dialog.call_id, number] if int(a.split(b" ", 2)[1]) >= 300)
        self.send(
            b"ACK " + dialog.target + b" SIP/2.0\r\nVia: " + _of(refused, b"Via") + b"\r\nFrom: " + dialog.from_
            + b"\r\nTo: " + _of(refused, b"To") + f"\r\nCall-ID: {dialog.call_id}\r\nCSeq: {number} ACK\r\n".encode()
            + b"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )  # fmt: skip

    def _proof(self, challenge: str, method: str, uri: str) -> bytes:
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
        ha1 = _md5(f"{self.user}:{given['realm']}:{self._password}")
        nc, cnonce = "00000001", token_hex(4)
        response = _md5(f"{ha1}:{given['nonce']}:{nc}:{cnonce}:auth:{_md5(f'{method}:{uri}')}")
        return (
            f'Authorization: Digest username="{self.user}", realm="{given["realm"]}", nonce="{given["nonce"]}", '
            f'uri="{uri}", response="{response}", algorithm=MD5, qop=auth, nc={nc}, cnonce="{cnonce}"'
            + (f', opaque="{given["opaque"]}"' if "opaque" in given else "") + "\r\n"
        ).encode()  # fmt: skip


def sdp(direction: str = "sendrecv") -> bytes:
    return SDP % direction.encode()


def _of(message: bytes, name: bytes) -> bytes:
    found = re.search(rb"(?im)^" + name + rb"\s*:\s*(.*?)\r?$", message)
    return found[1] if found else b""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
