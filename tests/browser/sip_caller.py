"""A caller with plain sockets: says a sound again and again, keeps what it hears and the keys it is sent."""

import re
import secrets
import socket
import threading
import time

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
RATE_HZ = 8000
CALLER = "16312345678"
_KEYS = "0123456789*#ABCD"


class SipCaller:
    """Rings `number` over the lab trunk in a thread of its own. Times are of `time.monotonic`."""

    def __init__(
        self, here: str, target: tuple[str, int], number: str, says: Sound, name: str = "", caller: str = "16312345678"
    ):
        self._sip, self._rtp = _udp(here), _udp(here)
        self._sip.connect(target)
        self._host, self._there = here, f"{target[0]}:{target[1]}"
        self._number, self._caller, self._name = number, CALLER, name
        self._says = _ulaw(says)
        self._call_id, self._tag, self._to_tag = secrets.token_hex(8), secrets.token_hex(4), ""
        self._stop = threading.Event()
        self.rang_at_s = self.answered_at_s = self.ended_at_s = 0.0
        self.first_sound_at_s = 0.0
        self.keys = ""
        self.status = ""
        self.silent = False
        self._heard = bytearray()
        self._invite = ""
        self._threads = [threading.Thread(target=self._signal, daemon=True)]
        self._threads[0].start()

    def heard(self, last_s: float) -> Sound:
        """What was heard in the last seconds."""
        return _linear(bytes(self._heard[-int(last_s * RATE_HZ) :]))

    @property
    def talking(self) -> bool:
        return bool(self.answered_at_s) and not self.ended_at_s

    def hang_up(self) -> None:
        if self.talking:
            self._sip.send(self._request("BYE", 2))
            self.ended_at_s = time.monotonic()
        elif not self.ended_at_s:
            self._sip.send(self._request("CANCEL", 1))

    def close(self) -> None:
        self.hang_up()
        self._stop.set()
        for thread in self._threads:
            thread.join(3)
        self._sip.close()
        self._rtp.close()

    # -- signalling ---------------------------------------------------------------------------------------------------

    def _signal(self) -> None:
        port = self._rtp.getsockname()[1]
        sdp = (
            f"v=0\r\no=- 1 1 IN IP4 {self._host}\r\ns=-\r\nc=IN IP4 {self._host}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
            "a=fmtp:101 0-15\r\na=sendrecv\r\n"
        )
        self._sip.settimeout(0.1)
        self._sip.send(self._request("INVITE", 1, sdp))
        while not self._stop.is_set():
            try:
                text = self._sip.recv(65536).decode(errors="replace")
            except (TimeoutError, ConnectionRefusedError):
                continue
            first = text.partition("\r\n")[0]
            if first.startswith("SIP/2.0 ") and "CSeq: 1 INVITE" in text:
                self._answered(first, text)
            elif first.startswith(("BYE", "OPTIONS", "INFO", "UPDATE")):
                self._reply(text)
                if first.startswith("BYE"):
                    self.ended_at_s = self.ended_at_s or time.monotonic()

    def _answered(self, first: str, text: str) -> None:
        if first.startswith("SIP/2.0 18"):
            self.rang_at_s = self.rang_at_s or time.monotonic()
        if first.startswith("SIP/2.0 1"):
            return
        self._to_tag = ";tag=" + (re.search(r"^To:.*;tag=([^;\s]+)", text, re.MULTILINE | re.IGNORECASE) or ["", ""])[1]
        self._sip.send(self._request("ACK", 1))
        self.status = first[8:11]
        media = re.search(r"^m=audio (\d+)", text, re.MULTILINE)
        if self.status == "200" and media and not self.answered_at_s:
            self.answered_at_s = time.monotonic()
            target = (self._there.partition(":")[0], int(media[1]))
            for work in (self._speak, self._listen):
                self._threads.append(threading.Thread(target=work, args=(target,), daemon=True))
                self._threads[-1].start()
        elif self.status != "200":
            self.ended_at_s = time.monotonic()

    def _reply(self, text: str) -> None:
        head = text.partition("\r\n\r\n")[0].split("\r\n")[1:]
        kept = [line for line in head if line.lower().startswith(("via:", "from:", "to:", "call-id:", "cseq:"))]
        self._sip.send("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]).encode())

    def _request(self, method: str, number: int, body: str = "") -> bytes:
        here = f"{self._host}:{self._sip.getsockname()[1]}"
        branch = self._call_id if number == 1 and method != "ACK" else secrets.token_hex(6)
        lines = [
            f"{method} sip:{self._number}@{self._there} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};rport;branch=z9hG4bK{branch}",
            "Max-Forwards: 70",
            f'From: "{self._name}" <sip:{self._caller}@{self._host}>;tag={self._tag}',
            f"To: <sip:{self._number}@{self._there}>{self._to_tag}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:caller@{here}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    # -- sound --------------------------------------------------------------------------------------------------------

    def _speak(self, target: tuple[str, int]) -> None:
        next_s, place = time.monotonic(), 0
        for number in range(1_000_000):
            if self._stop.is_set() or self.ended_at_s:
                return
            frame = bytes(160 * [0xFF]) if self.silent else self._says[place : place + 160]
            place = place + 160 if place + 320 <= len(self._says) else 0
            header = b"\x80\x00" + (number % 65536).to_bytes(2, "big") + (number * 160).to_bytes(4, "big") + b"ring"
            self._rtp.sendto(header + frame, target)
            next_s += 0.02
            time.sleep(max(0.0, next_s - time.monotonic()))

    def _listen(self, _target: tuple[str, int]) -> None:
        self._rtp.settimeout(0.1)
        ended = -1
        while not self._stop.is_set():
            try:
                packet = self._rtp.recv(2048)
            except (TimeoutError, ConnectionRefusedError):
                continue
            kind, stamp = packet[1] & 0x7F, int.from_bytes(packet[4:8], "big")
            if kind == 0:
                self._heard += packet[12:]
                if not self.first_sound_at_s and np.abs(_linear(packet[12:])).max() > 0.02:
                    self.first_sound_at_s = time.monotonic()
            elif kind == 101 and packet[13] & 0x80 and stamp != ended:
                ended = stamp
                self.keys += _KEYS[packet[12]]


def envelope(sound: Sound, rate_hz: int = RATE_HZ, step_s: float = 0.05) -> Sound:
    """Its loudness every 50 ms (RMS)."""
    step = int(rate_hz * step_s)
    frames = sound[: len(sound) // step * step].reshape(-1, step)
    return np.sqrt((frames**2).mean(axis=1)).astype(np.float32)


def likeness(heard: Sound, said: Sound) -> float:
    """How much one envelope looks like a stretch of the other, said again and again: 1 is the same, 0 is nothing."""
    again = np.concatenate([said, said])
    best = 0.0
    for shift in range(len(said)):
        stretch = again[shift : shift + len(heard)]
        if len(stretch) == len(heard) and stretch.std() > 1e-6 and heard.std() > 1e-6:
            best = max(best, float(np.corrcoef(stretch, heard)[0, 1]))
    return best


def _ulaw(sound: Sound) -> bytes:
    value = np.clip(np.round(sound * 32767), -32635, 32635).astype(np.int32)
    sign = np.where(value < 0, 0x80, 0)
    size = np.abs(value) + 132
    exponent = np.clip(np.floor(np.log2(size)).astype(np.int32) - 7, 0, 7)
    mantissa = (size >> (exponent + 3)) & 0x0F
    return bytes((~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8))


def _linear(codes: bytes) -> Sound:
    code = ~np.frombuffer(codes, np.uint8).astype(np.int32) & 0xFF
    size = (((code & 0x0F) << 3) + 132 << ((code >> 4) & 7)) - 132
    return (np.where(code & 0x80, -size, size) / 32768).astype(np.float32)


def _udp(address: str) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((address, 0))
    return made
