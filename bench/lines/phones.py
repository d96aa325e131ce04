"""Phones and callers in one process: they ring, answer, talk (a packet every 20 ms) and hang up as they are told.

Started as `python -m bench.lines.phones`. Reads a JSON object a line, prints one a line; its input's end ends it.

| told | what happens |
|---|---|
| `{"register": {seat: password}, "at": [address, port]}` | these phones register; then `{"registered": seat}` each |
| `{"pick_up": {seat: seconds}}` | from now on they answer after so long (0 is usual; below 0: never) |
| `{"dial": number, "at": […], "contact": id, "stay_s": seconds}` | a caller rings; hangs up so long after |
| `{"hang_up": contact or seat}` | that caller, or whatever call that phone is in |
| `{"listen": true}` | begin to measure pauses anew |
| `{"heard": true}` | `{"heard": {contact or seat: [longest pause s, packets]}}` of those who are in a call |

A caller rings with a number of its own, or with that under `from`.

It tells `rings` (a seat; with `contact`), `dials`, `answered` (a contact), `over` (a contact or seat, with `code`),
each with `at`: when the packet arrived or left, in seconds of the system's clock, by the kernel.
"""

import heapq
import itertools
import json
import os
import random
import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.lines import sip

PHONES, CALLERS = "127.0.0.1", "127.0.0.2"
PACKET_S = 0.02
AGAIN_S = (0.5, 1.0, 2.0, 4.0)
_STAMP = 35  # SO_TIMESTAMPNS: the socket module has no name for it
_SOUND = bytes(random.Random(1).choices(range(256), k=160))

Address = tuple[str, int]


@dataclass
class Talk:
    """One call of one phone or caller."""

    name: str  # the seat, or the contact
    contact: str
    call_id: str
    peer: Address
    caller: bool
    asked: sip.Message | None = None  # the INVITE we got
    invite: bytes = b""  # the INVITE we sent
    headers: dict[str, str] = field(default_factory=dict)  # of our requests in this dialogue
    target: str = ""
    cseq: int = 1
    heard_of: bool = False
    up: bool = False
    stay_s: float = -1.0
    last: bytes = b""
    rtp: Address | None = None
    sequence: int = 0
    heard_at: float = 0.0
    pause_s: float = 0.0
    packets: int = 0


def tell(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


class Phones:
    """All of them; one thread."""

    def __init__(self) -> None:
        self._sip = {address: _socket(address) for address in (PHONES, CALLERS)}
        self._rtp = {address: _socket(address) for address in (PHONES, CALLERS)}
        self._port = {address: each.getsockname()[1] for address, each in self._sip.items()}
        self._talks: dict[str, Talk] = {}
        self._speaking: dict[tuple[str, Address], Talk] = {}
        self._passwords: dict[str, str] = {}
        self._pick_up: dict[str, float] = {}
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count(1)
        self._run = f"{random.SystemRandom().getrandbits(32):08x}"

    def run(self) -> None:
        watched = selectors.DefaultSelector()
        for address in self._sip:
            watched.register(self._sip[address], selectors.EVENT_READ, (self._take, address))
            watched.register(self._rtp[address], selectors.EVENT_READ, (self._hear, address))
        watched.register(sys.stdin, selectors.EVENT_READ, None)
        self._later(PACKET_S, lambda: self._speak(time.monotonic()))
        tell(ready=self._port[PHONES])
        told = b""
        while True:
            wait_s = max(0.0, self._due[0][0] - time.monotonic()) if self._due else 1.0
            for key, _ in watched.select(wait_s):
                if key.data is None:
                    data = os.read(sys.stdin.fileno(), 65536)
                    if not data:
                        return
                    *lines, told = (told + data).split(b"\n")
                    for line in lines:
                        self._do(json.loads(line))
                else:
                    act, address = key.data
                    act(address)
            while self._due and self._due[0][0] <= time.monotonic():
                heapq.heappop(self._due)[2]()

    def _later(self, delay_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time.monotonic() + delay_s, next(self._count), act))

    # -- what we are told -------------------------------------------------------------------------------------------

    def _do(self, told: dict[str, Any]) -> None:
        if "register" in told:
            self._passwords |= told["register"]
            for seat in told["register"]:
                self._register(seat, tuple(told["at"]))
        elif "pick_up" in told:
            self._pick_up |= told["pick_up"]
        elif "dial" in told:
            self._dial(told["dial"], tuple(told["at"]), told["contact"], told["stay_s"], told.get("from", ""))
        elif "hang_up" in told:
            for talk in [one for one in self._talks.values() if one.name == told["hang_up"]]:
                self._hang_up(talk)
        elif "listen" in told:
            for talk in self._talks.values():
                talk.heard_at, talk.pause_s, talk.packets = time.time(), 0.0, 0
        elif "heard" in told:
            now = time.time()
            tell(heard={
                talk.name: [round(max(talk.pause_s, now - talk.heard_at), 4), talk.packets]
                for talk in self._talks.values() if talk.up
            })  # fmt: skip

    def _register(self, seat: str, at: Address, more: dict[str, str] | None = None, cseq: int = 1) -> None:
        uri = f"sip:{at[0]}:{at[1]}"
        who = f"<sip:{seat}@{at[0]}>"
        headers = self._via(PHONES) | {
            "From": f"{who};tag={self._run}{seat}", "To": who, "Call-ID": f"{self._run}-register-{seat}",
            "CSeq": f"{cseq} REGISTER", "Contact": f"<{self._own(PHONES, seat)}>", "Expires": "3600",
        }  # fmt: skip
        self._send(PHONES, sip.request(f"REGISTER {uri}", headers | (more or {})), at)

    def _dial(self, number: str, at: Address, contact: str, stay_s: float, user: str) -> None:
        call_id, user = f"{self._run}-{contact}", user or f"163{next(self._count):08d}"
        body = sip.sdp(CALLERS, self._rtp[CALLERS].getsockname()[1])
        talk = Talk(contact, contact, call_id, at, True, stay_s=stay_s, target=f"sip:{number}@{at[0]}:{at[1]}")
        talk.headers = {
            "From": f"<sip:{user}@{CALLERS}>;tag={self._run}", "To": f"<{talk.target}>", "Call-ID": call_id,
        }  # fmt: skip
        mine = self._via(CALLERS) | talk.headers
        mine |= {"CSeq": "1 INVITE", "Contact": f"<{self._own(CALLERS, user)}>", "X-Ringside-Contact": contact}
        talk.invite = sip.request(f"INVITE {talk.target}", mine, body)
        self._talks[call_id] = talk
        tell(dials=contact, at=time.time())
        self._ask(talk, 0)

    def _ask(self, talk: Talk, times: int) -> None:
        """Send the INVITE, and again as long as nobody has heard of it."""
        if not talk.heard_of and talk.call_id in self._talks:
            self._send(CALLERS, talk.invite, talk.peer)
            if times < len(AGAIN_S):
                self._later(AGAIN_S[times], lambda: self._ask(talk, times + 1))

    def _hang_up(self, talk: Talk) -> None:
        """An answered call: BYE; a caller who has not been answered: CANCEL; a phone that rings: busy."""
        own = CALLERS if talk.caller else PHONES
        if talk.up:
            talk.cseq += 1
            headers = self._via(own) | talk.headers | {"CSeq": f"{talk.cseq} BYE"}
            self._send(own, sip.request(f"BYE {talk.target}", headers), talk.peer)
        elif talk.caller:
            same = sip.parse(talk.invite)
            headers = {"Via": same.get("via") if same else ""} | talk.headers | {"CSeq": "1 CANCEL"}
            self._send(own, sip.request(f"CANCEL {talk.target}", headers), talk.peer)
            return
        elif talk.asked is not None:
            self._answer(talk, talk.asked, "486 Busy Here")
        self._over(talk, 200)

    def _over(self, talk: Talk, code: int) -> None:
        if self._talks.pop(talk.call_id, None) is not None:
            if talk.rtp is not None:
                self._speaking.pop((CALLERS if talk.caller else PHONES, talk.rtp), None)
            tell(over=talk.name, contact=talk.contact, code=code, at=time.time())

    # -- SIP ----------------------------------------------------------------------------------------------------------

    def _take(self, own: str) -> None:
        data, at, peer = _received(self._sip[own], 65535)
        message = sip.parse(data)
        if message is None:
            return
        talk = self._talks.get(message.get("call-id"))
        if message.status is not None:
            self._answered(own, message, message.status, talk, at, peer)
        elif message.method == "INVITE" and talk is None and own == PHONES:
            self._rings(message, at, peer)
        elif message.method == "ACK":
            pass
        elif message.method == "INVITE" and talk is not None and not talk.up:
            self._send(own, talk.last, peer)  # it has not heard us
        else:
            self._obliged(own, message, talk, peer)

    def _rings(self, message: sip.Message, at: float, peer: Address) -> None:
        contact = message.get("x-ringside-contact")
        talk = Talk(message.user, contact, message.get("call-id"), peer, False, asked=message, target=message.contact)
        self._talks[talk.call_id] = talk
        tell(rings=talk.name, contact=contact, at=at)
        self._answer(talk, message, "180 Ringing")
        wait_s = self._pick_up.get(talk.name, 0.0)
        if wait_s == 0:
            self._picked_up(talk)
        elif wait_s > 0:
            self._later(wait_s, lambda: self._picked_up(talk))

    def _picked_up(self, talk: Talk) -> None:
        if talk.call_id not in self._talks or talk.asked is None or talk.up:
            return
        to = f"{talk.asked.get('to')};tag={self._run}"
        talk.headers = {"From": to, "To": talk.asked.get("from"), "Call-ID": talk.call_id}
        self._answer(talk, talk.asked, "200 OK", sip.sdp(PHONES, self._rtp[PHONES].getsockname()[1]))
        self._begin(PHONES, talk, talk.asked)

    def _begin(self, own: str, talk: Talk, described: sip.Message) -> None:
        talk.up, talk.heard_at = True, time.time()
        talk.rtp = described.rtp
        if talk.rtp is not None:
            self._speaking[own, talk.rtp] = talk

    def _obliged(self, own: str, message: sip.Message, talk: Talk | None, peer: Address) -> None:
        """Whatever else is asked is granted."""
        body = sip.sdp(own, self._rtp[own].getsockname()[1]) if message.method == "INVITE" else ""
        granted = sip.answer(message, "200 OK", self._run, self._own(own, message.user), body)
        self._send(own, granted, peer)
        if talk is not None and message.method == "CANCEL" and talk.asked is not None:
            self._answer(talk, talk.asked, "487 Request Terminated")
            self._over(talk, 487)
        elif talk is not None and message.method == "BYE":
            self._over(talk, 200)

    def _answered(
        self, own: str, message: sip.Message, status: int, talk: Talk | None, at: float, peer: Address
    ) -> None:
        if message.method == "REGISTER":
            seat = message.get("call-id").rpartition("-")[2]
            if status == 401 and message.get("cseq").startswith("1 "):
                uri = f"sip:{peer[0]}:{peer[1]}"
                challenge = message.get("www-authenticate")
                proof = sip.authorization(challenge, seat, self._passwords[seat], "REGISTER", uri)
                self._register(seat, peer, {"Authorization": proof}, 2)
            else:
                tell(registered=seat, code=status)
        elif talk is not None and message.method == "INVITE":
            talk.heard_of = True
            if status >= 200:
                self._decided(own, message, status, talk, at)

    def _decided(self, own: str, message: sip.Message, status: int, talk: Talk, at: float) -> None:
        talk.headers["To"] = message.get("to")
        answered = status < 300
        if answered:
            talk.target = message.contact or talk.target
        via = self._via(own) if answered else {"Via": message.get("via")}
        ack = sip.request(f"ACK {talk.target}", via | talk.headers | {"CSeq": "1 ACK"})
        self._send(own, ack, talk.peer)
        if not answered:
            self._over(talk, status)
        elif not talk.up:
            tell(answered=talk.contact, at=at)
            self._begin(own, talk, message)
            if talk.stay_s >= 0:
                self._later(talk.stay_s, lambda: self._hang_up(talk) if talk.call_id in self._talks else None)

    def _answer(self, talk: Talk, asked: sip.Message, status: str, body: str = "") -> None:
        talk.last = sip.answer(asked, status, self._run, self._own(PHONES, talk.name), body)
        self._send(PHONES, talk.last, talk.peer)

    def _send(self, own: str, data: bytes, peer: Address) -> None:
        self._sip[own].sendto(data, peer)

    def _own(self, own: str, user: str) -> str:
        return f"sip:{user}@{own}:{self._port[own]}"

    def _via(self, own: str) -> dict[str, str]:
        branch = f"z9hG4bK{self._run}{next(self._count)}"
        return {"Via": f"SIP/2.0/UDP {own}:{self._port[own]};branch={branch}", "Max-Forwards": "70"}

    # -- sound --------------------------------------------------------------------------------------------------------

    def _speak(self, due_s: float) -> None:
        """A packet from everybody; when late, as many as are due, as a phone's sound card would have it."""
        for (own, address), talk in self._speaking.items():
            talk.sequence = talk.sequence + 1 & 0xFFFF
            head = struct.pack(">BBHII", 0x80, 0, talk.sequence, talk.sequence * 160, hash(talk.call_id) & 0xFFFFFFFF)
            self._rtp[own].sendto(head + _SOUND, address)
        next_s = due_s + PACKET_S
        self._later(next_s - time.monotonic(), lambda: self._speak(next_s))

    def _hear(self, own: str) -> None:
        for _ in range(64):
            try:
                _, at, peer = _received(self._rtp[own], 2048)
            except BlockingIOError:
                return
            talk = self._speaking.get((own, peer))
            if talk is not None:
                talk.pause_s = max(talk.pause_s, at - talk.heard_at)
                talk.heard_at, talk.packets = at, talk.packets + 1


def _socket(address: str) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, _STAMP, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
    made.bind((address, 0))
    made.setblocking(False)
    return made


def _received(where: socket.socket, size: int) -> tuple[bytes, float, Address]:
    """A packet, when it arrived, and from where."""
    data, told, _, peer = where.recvmsg(size, 64)
    for level, kind, value in told:
        if level == socket.SOL_SOCKET and kind == _STAMP:
            seconds, nanoseconds = struct.unpack("qq", value[:16])
            return data, seconds + nanoseconds / 1e9, peer
    return data, time.time(), peer


if __name__ == "__main__":
    Phones().run()
