"""One short SIP call with plain sockets, as the lab's callers make them: the proof that an Asterisk works at all."""

import re
import secrets
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from telephony.asterisk.errors import PbxStartFailedError

_FRAME_S = 0.02
_SILENCE = frozenset(b"\xff\x7f\xfe\x7e")
"""µ-law codes of (nearly) zero."""


@dataclass(frozen=True)
class CallResult:
    """`frames`: RTP packets heard (20 ms each); `loud`: those that were not silence; `sound`: all of them, µ-law."""

    frames: int
    loud: int
    sound: bytes = field(default=b"", repr=False)


def place_call(
    caller: str,
    target: tuple[str, int],
    *,
    number: str = "100",
    headers: Mapping[str, str] | None = None,
    talk_s: float = 0.6,
    deadline_s: float = 8.0,
) -> CallResult:
    """Call `sip:number@target` from address `caller`, send a tone for `talk_s`, listen, hang up.

    Blocking. Raises PbxStartFailedError when the call is refused or not answered within `deadline_s`.
    """
    with _udp(caller) as sip, _udp(caller) as rtp:
        sip.connect(target)
        dialog = _Dialog(sip, rtp.getsockname()[1], number, headers or {})
        media_port = dialog.invite(deadline_s)
        result = _talk(rtp, (target[0], media_port), talk_s)
        dialog.bye()
        return result


class _Dialog:
    def __init__(self, sip: socket.socket, rtp_port: int, number: str, headers: Mapping[str, str]) -> None:
        self._sip = sip
        self._here = "{}:{}".format(*sip.getsockname())
        self._host = sip.getsockname()[0]
        self._there = "{}:{}".format(*sip.getpeername())
        self._rtp_port = rtp_port
        self._number = number
        self._headers = headers
        self._call_id, self._tag, self._to_tag = secrets.token_hex(8), secrets.token_hex(4), ""

    def invite(self, deadline_s: float) -> int:
        """Returns the port to send RTP to."""
        sdp = (
            f"v=0\r\no=- 1 1 IN IP4 {self._host}\r\ns=-\r\nc=IN IP4 {self._host}\r\nt=0 0\r\n"
            f"m=audio {self._rtp_port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"
        )
        request = self._request("INVITE", 1, sdp)
        end_s, last = time.monotonic() + deadline_s, "no answer at all"
        self._sip.settimeout(0.5)
        self._sip.send(request)
        while time.monotonic() < end_s:
            try:
                answer = self._sip.recv(65536).decode(errors="replace")
            except (TimeoutError, ConnectionRefusedError):
                if last == "no answer at all":
                    self._sip.send(request)
                continue
            if "CSeq: 1 INVITE" not in answer or not answer.startswith("SIP/2.0 "):
                continue
            last = answer.splitlines()[0]
            if last.startswith("SIP/2.0 1"):
                continue
            self._to_tag = (
                ";tag=" + (re.search(r"^To:.*;tag=([^;\s]+)", answer, re.MULTILINE | re.IGNORECASE) or [""] * 2)[1]
            )
            self._sip.send(self._request("ACK", 1))
            media = re.search(r"^m=audio (\d+)", answer, re.MULTILINE)
            if last.startswith("SIP/2.0 200") and media:
                return int(media[1])
            break
        raise PbxStartFailedError(f"the test call was not answered: {last}")

    def bye(self) -> None:
        self._sip.send(self._request("BYE", 2))

    def _request(self, method: str, number: int, body: str = "") -> bytes:
        lines = [
            f"{method} sip:{self._number}@{self._there} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._here};rport;branch=z9hG4bK{secrets.token_hex(6)}",
            "Max-Forwards: 70",
            f"From: <sip:selftest@{self._host}>;tag={self._tag}",
            f"To: <sip:{self._number}@{self._there}>{self._to_tag}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:selftest@{self._here}>",
            *(f"{name}: {value}" for name, value in self._headers.items()),
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _talk(rtp: socket.socket, target: tuple[str, int], talk_s: float) -> CallResult:
    """Send µ-law noise in 20 ms frames and count what comes back."""
    tone = bytes(0x90 if index % 16 < 8 else 0x10 for index in range(160))
    rtp.settimeout(_FRAME_S)
    frames = loud = 0
    sound = bytearray()
    for number in range(round(talk_s / _FRAME_S)):
        header = b"\x80\x00" + number.to_bytes(2, "big") + (number * 160).to_bytes(4, "big") + b"ring"
        rtp.sendto(header + tone, target)
        next_s = time.monotonic() + _FRAME_S
        while (left_s := next_s - time.monotonic()) > 0:
            rtp.settimeout(left_s)
            try:
                packet = rtp.recv(2048)
            except (TimeoutError, ConnectionRefusedError):
                break
            frames += 1
            loud += any(sample not in _SILENCE for sample in packet[12:])
            sound += packet[12:]
    return CallResult(frames, loud, bytes(sound))


def _udp(address: str) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((address, 0))
    return made
