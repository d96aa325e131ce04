"""One process of at most four pjsua2 phones, all callers or all agents; both talk without a pause.

Started as `python -m bench.bare_ari.phones {callers|agents} ADDRESS RTP_PORT WAV TARGET`. Prints a JSON line each:
`{"ready": port}`, `{"answered": Call-ID, "at": epoch seconds}` when it has sent its 200, `{"ended": Call-ID, "code"}`.
Reads lines: `call` places one call, the end of the input ends everything.
"""

import contextlib
import json
import os
import select
import sys
import time

import pjsua2 as pj

_CALLS = 4  # a process: compiled into the wheel


def tell(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


class Phone(pj.Call):  # type: ignore[misc]  # pjsua2 ships no types
    """Answers at once or dials; plays the wav in a loop while it is up."""

    def __init__(self, house: "House", sip_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(house.account, sip_id)
        self.house = house
        self.player: pj.AudioMediaPlayer | None = None

    def onCallState(self, _param: pj.OnCallStateParam) -> None:  # noqa: N802 - pjsua2's name
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            tell(ended=info.callIdString, code=info.lastStatusCode)
            self.house.over.append(self)

    def onCallMediaState(self, _param: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        with contextlib.suppress(pj.Error):  # no sound yet: it comes again
            audio = self.getAudioMedia(-1)
            if self.player is None:
                self.player = pj.AudioMediaPlayer()
                self.player.createPlayer(self.house.wav)
            self.player.startTransmit(audio)


class House(pj.Account):  # type: ignore[misc]
    """The account all phones of this process share."""

    account: "House"

    def open(self, address: str, port: int, rtp_port: int, wav: str) -> None:
        self.account, self.wav = self, wav
        self.over: list[Phone] = []
        self.phones: list[Phone] = []
        config = pj.AccountConfig()
        config.idUri = f"sip:phone@{address}:{port}"
        sound = config.mediaConfig
        sound.transportConfig.boundAddress = sound.transportConfig.publicAddress = address
        sound.transportConfig.port, sound.transportConfig.portRange = rtp_port, 20
        sound.srtpUse = pj.PJMEDIA_SRTP_DISABLED
        self.create(config)

    def onIncomingCall(self, param: pj.OnIncomingCallParam) -> None:  # noqa: N802
        phone = Phone(self, param.callId)
        self.phones.append(phone)
        answer = pj.CallOpParam()
        answer.statusCode = 200
        call_id = phone.getInfo().callIdString
        phone.answer(answer)
        tell(answered=call_id, at=time.time())

    def dial(self, target: str) -> None:
        phone = Phone(self)
        self.phones.append(phone)
        phone.makeCall(target, pj.CallOpParam(True))

    def hang_up(self) -> None:
        for phone in self.phones:
            if phone not in self.over and phone.isActive():
                phone.hangup(pj.CallOpParam(True))

    def bury(self) -> None:
        """Let go of ended calls, outside their own callbacks."""
        for phone in self.over:
            phone.player = None
            self.phones.remove(phone)
        self.over.clear()


def started(endpoint: pj.Endpoint, address: str) -> int:
    """One thread, no sound card, μ-law only; the SIP port the system gave."""
    config = pj.EpConfig()
    config.uaConfig.threadCnt, config.uaConfig.mainThreadOnly, config.uaConfig.maxCalls = 0, True, _CALLS
    config.medConfig.clockRate = config.medConfig.sndClockRate = 8000
    config.medConfig.audioFramePtime, config.medConfig.noVad, config.medConfig.ecTailLen = 20, True, 0
    config.logConfig.filename, config.logConfig.consoleLevel = os.devnull, 0
    endpoint.libCreate()
    endpoint.libInit(config)
    where = pj.TransportConfig()
    where.boundAddress = where.publicAddress = address
    transport = endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, where)
    for codec in endpoint.codecEnum2():
        endpoint.codecSetPriority(codec.codecId, 255 if codec.codecId.startswith("PCMU/") else 0)
    endpoint.audDevManager().setNullDev()
    endpoint.libStart()
    return int(endpoint.transportGetInfo(transport).localName.rpartition(":")[2])


def main() -> None:
    role, address, rtp_port, wav, target = sys.argv[1:]
    endpoint = pj.Endpoint()
    port = started(endpoint, address)
    house = House()
    house.open(address, port, int(rtp_port), wav)
    tell(ready=port, role=role)
    while True:
        endpoint.libHandleEvents(20)
        house.bury()
        if select.select([sys.stdin], [], [], 0)[0]:
            if not sys.stdin.readline():
                break
            house.dial(target)
    house.hang_up()
    until = time.monotonic() + 3
    while house.phones and time.monotonic() < until:
        endpoint.libHandleEvents(20)
        house.bury()
    house.shutdown()
    del house
    endpoint.libDestroy()


if __name__ == "__main__":
    main()
