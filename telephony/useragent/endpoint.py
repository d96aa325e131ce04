"""pjsua2 set up for one thread: no sound card, μ-law only, silence is sent too, events when we ask for them."""

import logging
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import pjsua2 as pj

from telephony.clock import Clock
from telephony.useragent.errors import SipAddressError

CAPACITY = 4  # calls: compiled into the wheel
RETIRED_S = 5.0
MOST_RETIRED = 24  # the library has room for 32 players
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SipSettings:
    """`port` 0: chosen by the system. `rtp_port` 0: likewise; else the first of `rtp_ports` ports for sound."""

    bind: str
    log_file: Path
    port: int = 0
    rtp_port: int = 0
    rtp_ports: int = 40


class SipEndpoint:
    """The process's one pjsua2. Whoever makes it owns it: every call into it must come from that thread.

    Calls that do not ask for more than this class offers may still use pjsua2 through their account; `poll` runs all
    their callbacks.
    """

    def __init__(self, settings: SipSettings, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock
        self._retired: deque[tuple[float, pj.AudioMediaPlayer]] = deque()
        self.port = settings.port
        self._endpoint = pj.Endpoint()
        self._sink: pj.AudioMedia | None = None

    def start(self) -> None:
        """Open the SIP side. `SipAddressError` if the address or the port cannot be had."""
        self.settings.log_file.parent.mkdir(parents=True, exist_ok=True)
        self._endpoint.libCreate()
        try:
            self._endpoint.libInit(self._config())
            transport = self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, self._transport())
            for codec in self._endpoint.codecEnum2():
                self._endpoint.codecSetPriority(codec.codecId, 255 if codec.codecId.startswith("PCMU/") else 0)
            self._endpoint.audDevManager().setNullDev()
            self._endpoint.libStart()
        except pj.Error as error:
            self._endpoint.libDestroy()
            raise SipAddressError(
                f"SIP on {self.settings.bind}:{self.settings.port}: {error.reason}; "
                "is the address this machine's and the port free?"
            ) from error
        self.port = int(self._endpoint.transportGetInfo(transport).localName.rpartition(":")[2])
        self._sink = self._endpoint.audDevManager().getPlaybackDevMedia()

    @property
    def sink(self) -> pj.AudioMedia:
        """Where sound goes to be measured: a level is only kept for a port with a listener."""
        return self._sink

    def poll(self, at_most_ms: int) -> None:
        """Handle SIP events; returns at once when there was one, else after `at_most_ms`."""
        self._endpoint.libHandleEvents(at_most_ms)
        while self._retired and self._clock.monotonic() - self._retired[0][0] > RETIRED_S:
            self._retired.popleft()

    def retire(self, player: pj.AudioMediaPlayer) -> None:
        """Let a player go, later: at its file's end the library calls it from a thread of its own, some time after."""
        self._retired.append((self._clock.monotonic(), player))
        if len(self._retired) > MOST_RETIRED:
            self._retired.popleft()

    def close(self) -> None:
        """After every call and account is gone: there is nobody left to wait for."""
        self._sink = None
        for _, player in self._retired:
            player.thisown = False  # the process ends: the library need not call what is gone
        self._endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)

    def set_media(self, media: pj.AccountMediaConfig) -> None:
        """Say where an account's calls send and take their sound (a fresh AccountMediaConfig holds chance values)."""
        media.transportConfig.boundAddress = self.settings.bind
        media.transportConfig.publicAddress = self.settings.bind
        media.transportConfig.port = self.settings.rtp_port
        media.transportConfig.portRange = self.settings.rtp_ports if self.settings.rtp_port else 0
        media.srtpUse = pj.PJMEDIA_SRTP_DISABLED
        media.streamKaEnabled = False

    def _config(self) -> pj.EpConfig:
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = CAPACITY
        config.uaConfig.userAgent = "Ringside"
        config.medConfig.clockRate = 8000
        config.medConfig.sndClockRate = 8000
        config.medConfig.audioFramePtime = 20
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        config.logConfig.filename = str(self.settings.log_file)
        config.logConfig.fileFlags = pj.PJ_O_APPEND
        config.logConfig.level = 3
        config.logConfig.consoleLevel = 0
        config.logConfig.msgLogging = 0
        return config

    def _transport(self) -> pj.TransportConfig:
        transport = pj.TransportConfig()
        transport.boundAddress = self.settings.bind
        transport.publicAddress = self.settings.bind
        transport.port = self.settings.port
        return transport
