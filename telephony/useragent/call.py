"""One SIP call: its sound, its keys, how it began and ended. pjsua2 aborts the process when a dead call is touched."""

import contextlib
import logging
import re
import wave
from collections import deque
from dataclasses import dataclass

import pjsua2 as pj

from telephony.clock import Clock
from telephony.useragent.endpoint import SipEndpoint
from telephony.useragent.errors import LineFileError
from telephony.useragent.messages import CONTACT_HEADER

_CONTACT = re.compile(rf"^{CONTACT_HEADER}[ \t]*:[ \t]*([A-Za-z0-9_-]{{1,64}})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_REQUEST_USER = re.compile(r"^INVITE sips?:([^@;>\s]+)@")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ending:
    """The last SIP status of a call."""

    code: int
    reason: str


@dataclass(frozen=True)
class Referred:
    """What the other side tells of a transfer it was asked for."""

    code: int
    reason: str
    final: bool


def contact_of(message: str) -> str:
    """The contact id in a SIP message's header, or nothing."""
    found = _CONTACT.search(message)
    return found.group(1) if found else ""


def number_of(invite: str) -> str:
    """Whom an INVITE calls: the user part of its request line."""
    found = _REQUEST_USER.match(invite)
    return found.group(1) if found else ""


class SipCall(pj.Call):  # type: ignore[misc]  # pjsua2 ships no types
    """Made for an incoming call with its id, or for an outgoing one and then `dial`. Everything else is polled:
    `answered_at` (monotonic, the moment the call is confirmed), `ended`, `contact` (from a header, in or out),
    `referred` (what became of transfers).
    """

    def __init__(self, endpoint: SipEndpoint, clock: Clock, account: pj.Account, sip_id: int | None = None) -> None:
        if sip_id is None:
            super().__init__(account)
        else:
            super().__init__(account, sip_id)
        self.contact = ""
        self.answered_at: float | None = None
        self.ended: Ending | None = None
        self.referred: deque[Referred] = deque()
        self._endpoint = endpoint
        self._clock = clock
        self._audio: pj.AudioMedia | None = None
        self._player: pj.AudioMediaPlayer | None = None

    def dial(self, target: str, from_uri: str = "", headers: dict[str, str] | None = None) -> None:
        """Send the INVITE; a failure to send shows as `ended`."""
        param = pj.CallOpParam(True)
        param.opt.audioCount = 1
        param.opt.videoCount = 0
        if from_uri:
            param.txOption.localUri = from_uri
        for name, value in (headers or {}).items():
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            param.txOption.headers.append(header)
        try:
            self.makeCall(target, param)
        except pj.Error as error:
            self.ended = self.ended or Ending(503, error.reason)

    def respond(self, code: int) -> None:
        """Answer an incoming call: 180 rings, 200 takes it, the others refuse it."""
        if self.ended is None and self.isActive():
            param = pj.CallOpParam()
            param.statusCode = code
            with self._logged():
                self.answer(param)

    def hang_up(self) -> None:
        """End it, whatever its state; an unanswered incoming call is declined as busy."""
        if self.ended is None and self.isActive():
            param = pj.CallOpParam()
            param.statusCode = 486 if self.answered_at is None else 200
            with self._logged():
                self.hangup(param)

    def refer(self, target: str, replaces: "SipCall | None" = None) -> None:
        """Ask the other side to call `target` in our place, or to talk with whom we talk in `replaces`."""
        if self.ended is not None or not self.isActive():
            return
        with self._logged():
            if replaces is None:
                self.xfer(target, pj.CallOpParam())
            elif replaces.ended is None and replaces.isActive():
                self.xferReplaces(replaces, pj.CallOpParam())

    def hold(self, on: bool) -> None:
        """Put the other side on hold by a re-INVITE, or take it back."""
        if self.ended is None and self.isActive():
            param = pj.CallOpParam(True)
            with self._logged():
                if on:
                    self.setHold(param)
                else:
                    param.opt.flag = pj.PJSUA_CALL_UNHOLD
                    self.reinvite(param)

    def play(self, wav: str) -> float:
        """Begin to play a file; its length in seconds. `LineFileError` if there is nothing to play or no sound."""
        length_s = wav_length_s(wav)
        if self._audio is None or self.ended is not None or not self.isActive():
            raise LineFileError(f"{wav}: the call has no sound at this moment")
        player = pj.AudioMediaPlayer()
        try:
            player.createPlayer(wav, pj.PJMEDIA_FILE_NO_LOOP)
            player.startTransmit(self._audio)
        except pj.Error as error:
            raise LineFileError(f"{wav}: {error.reason}; lines are 8 kHz mono 16-bit wav files") from error
        self._player = player
        return length_s

    def stop(self) -> None:
        player, self._player = self._player, None
        if player is None:
            return
        self._endpoint.retire(player)
        if self._audio is not None and self.ended is None and self.isActive():
            with self._logged():
                player.stopTransmit(self._audio)

    def press(self, digits: str) -> None:
        if self.ended is None and self.isActive() and self._audio is not None:
            with self._logged():
                self.dialDtmf(digits)

    def level(self) -> int:
        if self._audio is None or self.ended is not None or not self.isActive():
            return 0
        try:
            # pjsua2 counts from the bridge's side: "tx" is what this port sends into it, which is what the other side
            # says ("rx" would be our own player), in per cent of 255.
            return int(self._audio.getTxLevel()) * 255 // 100
        except pj.Error:
            return 0  # between two media states there is no port to read

    # --- pjsua2's callbacks: they only take notes, and never raise ---

    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802
        try:
            info = self.getInfo()
            self._note_contact(prm)
            if info.state == pj.PJSIP_INV_STATE_CONFIRMED and self.answered_at is None:
                self.answered_at = self._clock.monotonic()
            elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
                self.ended = Ending(int(info.lastStatusCode), str(info.lastReason))
                self._audio = None
        except Exception:  # an exception must not travel through C++; the cause is in the log
            log.exception("a call's state could not be read")

    def onCallTransferStatus(self, prm: pj.OnCallTransferStatusParam) -> None:  # noqa: N802
        try:
            self.referred.append(Referred(int(prm.statusCode), str(prm.reason), bool(prm.finalNotify)))
        except Exception:  # as below
            log.exception("what became of a transfer could not be read")

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        try:
            self._connect()
        except Exception:  # as above
            log.exception("a call's sound could not be connected")

    def _connect(self) -> None:
        info = self.getInfo()
        for index, media in enumerate(info.media):
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status in (
                pj.PJSUA_CALL_MEDIA_ACTIVE,
                pj.PJSUA_CALL_MEDIA_REMOTE_HOLD,
            ):
                self._audio = self.getAudioMedia(index)
                self._audio.startTransmit(self._endpoint.sink)
                if self._player is not None:
                    self._player.startTransmit(self._audio)
                return
        self._audio = None

    def _note_contact(self, prm: pj.OnCallStateParam) -> None:
        if self.contact or prm.e.type != pj.PJSIP_EVENT_TSX_STATE:
            return
        source = prm.e.body.tsxState
        if source.type == pj.PJSIP_EVENT_RX_MSG:
            self.contact = contact_of(source.src.rdata.wholeMsg)

    @contextlib.contextmanager
    def _logged(self):  # type: ignore[no-untyped-def]
        """A call may end between the question and the act: then there is nothing left to do but to note it."""
        try:
            yield
        except pj.Error as error:
            log.info("a call had gone: %s", error.reason)


def wav_length_s(path: str) -> float:
    """How long a wav file plays. `LineFileError` with the reason if it is none, or is silent for want of frames."""
    try:
        with wave.open(path, "rb") as file:
            length_s = file.getnframes() / file.getframerate()
            sound = (file.getframerate(), file.getnchannels(), file.getsampwidth())
    except (OSError, EOFError, wave.Error) as error:
        raise LineFileError(f"{path}: {error}") from error
    if sound != (8000, 1, 2) or length_s == 0:
        raise LineFileError(
            f"{path}: {sound[0]} Hz, {sound[1]} channels, {8 * sound[2]} bits, {length_s:g} s; "
            "lines are 8 kHz mono 16-bit wav files that are not empty"
        )
    return length_s
