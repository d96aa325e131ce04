"""The few things a story does on the switch, in the floor's own words. All of it may be done twice without harm."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from lab_server.floor.call import Call, Leg, Place, Stage
from lab_server.floor.tap import DOOR, Tap
from telephony.ami import AmiClient
from telephony.ari import AriClient, AriConflict, AriNotFound, AriRefused, CallerId
from telephony.ari.channels import Reason
from telephony.seat_phones import SeatPhones

log = logging.getLogger(__name__)

AUTO_ANSWER = {
    "PJSIP_HEADER(add,Call-Info)": "<sip:ringside>;answer-after=0",
    "PJSIP_HEADER(add,Alert-Info)": "<http://ringside.invalid>;info=alert-autoanswer;delay=0",
}
"""Desk phones answer by themselves on one of these, if they are allowed to."""

_CONTEXTS = {"agent": "agent-leg", "customer": "customer-leg"}
_HANGING_UP_S = 1.0  # a prompt breaks off before we are told that its listener has hung up
_REPEATS = 9  # so often a prompt may have been begun for one contact (a menu's tries)

SAID = "said"
"""Stands for a prompt's id where a sentence is played that was made for one call."""


def _never() -> bool:
    return False


class Switch:
    """ARI as the stories use it. `prompts` holds `<language>/<id>.wav`."""

    def __init__(self, ari: AriClient, prompts: Path, language: str) -> None:
        self._ari = ari
        self._prompts = prompts
        self._language = language
        self.phones = SeatPhones(ari)

    # -- what a restarted brain reads back ------------------------------------------------------------------------

    async def note(self, leg: Leg, **values: object) -> None:
        """Write on the channel what the next brain must know; RS_NOTE is one JSON object, the stage stands apart.

        A leg that is gone is no error.
        """
        leg.notes.update({name: str(value) for name, value in values.items()})
        text = noted(leg.notes)
        if text != leg.written:
            with contextlib.suppress(AriNotFound):
                await self._ari.channels.set_var(leg.channel, "RS_NOTE", text)
                leg.written = text

    # -- legs -----------------------------------------------------------------------------------------------------

    async def answer(self, leg: Leg) -> None:
        if not leg.up:
            await self._ari.channels.answer(leg.channel)

    async def ring_back(self, leg: Leg, on: bool) -> None:
        """Let the leg hear the ringing tone (an unanswered one), or no longer."""
        if leg.up or leg.gone:
            return
        await (self._ari.channels.ring(leg.channel) if on else self._ari.channels.ring_stop(leg.channel))

    async def hand_over(self, call: Call, leg: Leg) -> None:
        """A channel of another contact comes to this one as `leg`, by the dialplan's door. Raises `AriNotFound`."""
        for name, value in _told(call, leg).items():
            await self._ari.channels.set_var(leg.channel, name, value)
        await self._ari.channels.continue_in_dialplan(leg.channel, _CONTEXTS.get(leg.role, "other-leg"))

    async def hand_over_ringing(self, ami: AmiClient, call: Call, leg: Leg) -> None:
        """A channel of another contact that still rings is to come to this one as `leg` when it is answered. Raises
        `AmiNotFound` if it has gone."""
        told = _told(call, leg).items()
        await asyncio.gather(*(ami.set_variable(leg.channel, name, value) for name, value in told))

    async def ring(self, call: Call, leg: Leg) -> bool:
        """Ring the leg's endpoint; answered, the dialplan records it and hands it to us. What exists is kept.

        False: no such endpoint, or not registered; to a story it is "nobody there".
        """
        endpoint, leg.page = await self.phones.reachable(leg.endpoint)
        if await self._dial(call, leg, endpoint):
            return True
        self.phones.forget(leg.endpoint)  # it may just have changed
        other, leg.page = await self.phones.reachable(leg.endpoint)
        return other != endpoint and await self._dial(call, leg, other)

    async def _dial(self, call: Call, leg: Leg, endpoint: str) -> bool:
        leg.notes["page"] = "1" if leg.page else ""
        values = _told(call, leg) | {"PJSIP_HEADER(add,X-Ringside-Contact)": call.contact}
        if leg.auto_answer:
            values |= AUTO_ANSWER
        outward = leg.role != "agent" or call.internal
        shown = call.seat or call.dialled if outward else call.customer_number
        try:
            await self._ari.channels.originate(
                endpoint,
                channel_id=leg.channel,
                context=_CONTEXTS.get(leg.role, "other-leg"),
                variables=values,
                caller_id=CallerId(number=shown),
                timeout_s=max(1, round(leg.ring_s)),
                formats=("ulaw",),
            )
        except AriRefused as refused:
            log.info("leg %s could not be rung: %s", leg.channel, refused)
            return False
        return True

    async def page_is_open(self, seat: str) -> bool:
        """Whether a page is there that can be rung."""
        return await self.phones.page_is_open(seat)

    async def mute(self, leg: Leg, on: bool) -> None:
        """Let nobody hear what this leg says, or everybody again."""
        await (self._ari.channels.mute(leg.channel, "in") if on else self._ari.channels.unmute(leg.channel, "in"))

    async def tell_transfer(
        self, leg: Leg, state: Literal["channel_answered", "channel_declined", "channel_unavailable"]
    ) -> None:
        """Tell a phone what became of the transfer it asked for (REFER)."""
        with contextlib.suppress(AriRefused):  # it has hung up, or asked for none
            await self._ari.channels.transfer_progress(leg.channel, state)

    async def hang_up(self, leg: Leg, reason: Reason = "normal") -> bool:
        """False if it was gone."""
        return await self._ari.channels.hangup(leg.channel, reason)

    async def let_go(self, channel: str) -> None:
        """Hang up a channel that is no contact's leg any more."""
        await self._ari.channels.hangup(channel)

    # -- bridges --------------------------------------------------------------------------------------------------

    async def hold_in_queue(self, leg: Leg, queue: str, music: str) -> None:
        """Put the leg with the queue's other callers, where its music plays."""
        bridge = f"queue-{queue}"
        await self._ari.bridges.create(bridge, "holding")
        await self._ari.bridges.add(bridge, leg.channel)
        await self._ari.bridges.start_moh(bridge, music)

    async def take_out_of_queue(self, leg: Leg, queue: str) -> None:
        with contextlib.suppress(AriRefused):  # it was not, or is no longer, in that bridge
            await self._ari.bridges.remove(f"queue-{queue}", leg.channel)

    async def make_room(self, call: Call, place: Place = Place.TALK, name: str | None = None) -> None:
        """A bridge of the contact's own, made while the phone rings: who answers is not kept waiting for it.

        `name` stands on it for the next brain, as it was when it was made.
        """
        call.rooms.add(place)
        await self._ari.bridges.create(call.room(place), "holding" if place is Place.HOLD else "mixing", name=name)

    async def bring(self, call: Call, place: Place, *legs: Leg) -> None:
        """The legs into the bridge of `place`, out of whichever they were in; `alone` is out of all."""
        if place is Place.ALONE:
            for leg in legs:
                await self._ari.bridges.remove(call.room(leg.seated), leg.channel)
            return
        channels = [leg.channel for leg in legs]
        if place not in call.rooms:
            await self.make_room(call, place)
        try:
            await self._ari.bridges.add(call.room(place), *channels)
        except AriNotFound:  # taken up by another brain, perhaps before there was a bridge
            await self.make_room(call, place)
            await self._ari.bridges.add(call.room(place), *channels)
        if place is Place.HOLD:
            await self._ari.bridges.start_moh(call.room(place), call.music)

    async def end_music(self, call: Call) -> None:
        """Nobody is on hold. The rooms stay: for a while the switch refuses a new one of a name just closed."""
        with contextlib.suppress(AriRefused):
            await self._ari.bridges.stop_moh(call.room(Place.HOLD))

    async def close_room(self, call: Call, place: Place) -> None:
        await self._ari.bridges.destroy(call.room(place))
        call.rooms.discard(place)

    async def disconnect(self, call: Call) -> None:
        """All bridges of the contact; its legs hear nothing of each other any more."""
        for place in sorted(call.rooms | {Place.TALK}):
            await self.close_room(call, place)
        for leg in call.legs():
            leg.place = leg.seated = Place.ALONE
        for tap in [*call.taps]:
            await self.let_go(tap)

    # -- taps ---------------------------------------------------------------------------------------------------------

    async def tap(self, leg: Leg, tap: Tap) -> None:
        """Hang a channel onto the leg; it comes into our hands by its own StasisStart."""
        await self._ari.channels.snoop(
            leg.channel,
            snoop_id=tap.channel,
            spy="both" if tap.use == "spy" else "none",
            whisper="out" if tap.whispers else "none",
            app_args=(DOOR,),
        )

    async def seat_tap(self, call: Call, tap: Tap) -> None:
        """Into the bridge where the supervisor is."""
        if Place.MONITOR not in call.rooms:
            await self.make_room(call, Place.MONITOR)
        await self._ari.bridges.add(call.room(Place.MONITOR), tap.channel)
        tap.seated = True

    # -- files of one's own -------------------------------------------------------------------------------------------

    async def plays(self, playback: str) -> bool:
        """Whether it has been begun and has not ended."""
        try:
            await self._ari.playbacks.get(playback)
        except AriNotFound:
            return False
        return True

    async def play_file(self, playback: str, path: str, where: str, *, in_bridge: bool) -> None:
        """Play a file (absolute, without ending) to everybody in a bridge, or into a channel."""
        target = self._ari.bridges if in_bridge else self._ari.channels
        await target.play(where, f"sound:{path}", playback_id=playback)

    async def record(self, leg: Leg, name: str, *, longest_s: int, silence_s: int) -> None:
        """Record what the leg says from now on; the switch ends it by itself, also by the hash key."""
        with contextlib.suppress(AriConflict):  # an earlier brain has begun it
            await self._ari.channels.record(leg.channel, name, longest_s=longest_s, silence_s=silence_s, end_key="#")

    async def records(self, name: str) -> bool:
        """Whether it is under way."""
        try:
            await self._ari.recordings.get(name)
        except AriNotFound:
            return False
        return True

    async def silence(self, playback: str) -> bool:
        """Stop what is being played; False if it had ended."""
        return await self._ari.playbacks.stop(playback)

    async def tone(self, call: Call, on: bool, place: Place = Place.CONSULT) -> None:
        """Let who asks a colleague, or waits at another `place`, hear a phone ring, or no longer. Twice is no harm."""
        playback = f"{call.contact}-ringing-tone"
        if on:
            await self.make_room(call, place)
            try:
                await self._ari.playbacks.get(playback)  # it is no error to begin one of that name twice
            except AriNotFound:
                await self._ari.bridges.play(call.room(place), "tone:ring", playback_id=playback)
        else:
            await self._ari.playbacks.stop(playback)

    # -- prompts --------------------------------------------------------------------------------------------------

    async def prompt(
        self, call: Call, leg: Leg, prompt: str, limit_s: float = 30.0, cut: Callable[[], bool] = _never
    ) -> None:
        """Play a prompt to one leg and wait for its end, or stop it as soon as `cut()`.

        A prompt that fails is logged: the call goes on without it.
        """
        playback = await self._play(call, prompt, leg.channel, None)
        await self._finished(call, playback, limit_s, cut, lambda: leg.gone)

    async def say(
        self, call: Call, leg: Leg, sentence: Path, limit_s: float = 30.0, cut: Callable[[], bool] = _never
    ) -> None:
        """Play a sentence that was made for this call; `sentence` is its file without ending. Otherwise as `prompt`."""
        playback = await self._play(call, SAID, leg.channel, None, sentence)
        await self._finished(call, playback, limit_s, cut, lambda: leg.gone)

    async def tell(self, call: Call, leg: Leg, prompt: str, limit_s: float = 30.0) -> None:
        """Play a prompt to one of several legs that may hear the same at the same time, and wait for its end."""
        playback = f"{leg.channel}-{prompt}"
        media = f"sound:{self._prompts / (call.language or self._language) / prompt}"
        call.playbacks.pop(playback, None)
        await self._ari.channels.play(leg.channel, media, playback_id=playback)
        await call.until(lambda: playback in call.playbacks or leg.gone, limit_s)

    async def announce(self, call: Call, prompt: str, limit_s: float = 10.0, cut: Callable[[], bool] = _never) -> None:
        """Play a prompt to everyone in the contact's bridge and wait for its end, or stop it as soon as `cut()`."""
        await self._finished(call, await self._play(call, prompt, None, call.bridge), limit_s, cut, lambda: call.over)

    async def stop(self, call: Call, playback: str) -> None:
        """It counts as over at once: the same prompt may be wanted again before we are told of its end."""
        if playback not in call.playbacks:
            await self._ari.playbacks.stop(playback)
            call.playbacks.setdefault(playback, "done")

    async def hush(self, call: Call) -> None:
        """Stop whatever is being played to this contact."""
        for prompt, count in call.begun.items():
            await self.stop(call, f"{call.contact}-{prompt}-{count - 1}")

    async def _play(
        self, call: Call, prompt: str, channel: str | None, bridge: str | None, sentence: Path | None = None
    ) -> str:
        playing = await self._playing(call, prompt)
        if playing is not None:
            return playing
        number = call.begun.get(prompt, 0)
        if number and (last := f"{call.contact}-{prompt}-{number - 1}") not in call.playbacks:
            return last  # a command interrupted the story while it played
        call.begun[prompt] = number + 1
        playback = f"{call.contact}-{prompt}-{number}"
        media = f"sound:{sentence or self._prompts / (call.language or self._language) / prompt}"
        call.playbacks[playback] = "beginning"
        try:
            if channel is not None:
                await self._ari.channels.play(channel, media, playback_id=playback)
            elif bridge is not None:
                await self._ari.bridges.play(bridge, media, playback_id=playback)
        except (AriNotFound, AriConflict):
            raise  # the party is gone, which is for the story to know
        except AriRefused as refused:
            log.error("contact %s: prompt %s can't be played: %s", call.contact, prompt, refused)
            call.playbacks[playback] = "failed"
        else:
            if call.playbacks.get(playback) == "beginning":
                del call.playbacks[playback]
        return playback

    async def _playing(self, call: Call, prompt: str) -> str | None:
        """The same prompt, begun by an earlier brain and still heard: to be waited for, not begun a second time."""
        if not call.adopted or prompt in call.begun:
            return None
        for number in range(_REPEATS):
            playback = f"{call.contact}-{prompt}-{number}"
            with contextlib.suppress(AriNotFound):
                await self._ari.playbacks.get(playback)
                call.begun[prompt] = number + 1
                return playback
        return None

    async def _finished(
        self, call: Call, playback: str, limit_s: float, cut: Callable[[], bool], gone: Callable[[], bool]
    ) -> None:
        await call.until(lambda: playback in call.playbacks or cut(), limit_s)
        await self.stop(call, playback)
        if call.playbacks.get(playback) == "failed" and not await call.until(gone, _HANGING_UP_S):
            log.error("contact %s: prompt %s failed; is the file there and 8 kHz mono?", call.contact, playback)

    async def mark(self, call: Call, stage: Stage) -> None:
        """The stage, on every leg: whichever survives tells the next brain where the contact was.

        A leg that still rings was given its stage when it was originated, and takes no commands yet.
        """
        await asyncio.gather(*(self._mark(leg, stage) for leg in call.legs() if leg.ours and not leg.gone))

    async def intend(self, call: Call) -> None:
        """Stage and notes as a command has changed them, while everybody is still there."""
        if call.customer is not None and call.customer.ours:
            await self.note(call.customer, place=call.customer.place)
        await self.mark(call, call.stage)

    async def _mark(self, leg: Leg, stage: Stage) -> None:
        with contextlib.suppress(AriNotFound):
            await self._ari.channels.set_var(leg.channel, "RS_STAGE", stage)


def _told(call: Call, leg: Leg) -> dict[str, str]:
    """What a channel must know to be this leg, for the dialplan and for the next brain."""
    leg.notes.update({"place": str(leg.place), "agent": leg.seat or "", "number": leg.number})
    leg.notes["was"] = str(leg.was or "")
    leg.written = noted(leg.notes)
    return {
        "RS_CONTACT": call.contact,
        "RS_ROLE": leg.role,
        "RS_LEG": leg.name,
        "RS_DIRECTION": call.direction,
        "RS_TRUNK": call.trunk,
        "RS_RECORDING": call.folder,
        "RS_STAGE": call.stage,
        "RS_DIALLED": call.dialled,
        "RS_AGENT": leg.seat or "",
        "RS_NOTE": leg.written,
    }


def noted(notes: Mapping[str, str]) -> str:
    """The text of RS_NOTE."""
    kept = {name: value for name, value in sorted(notes.items()) if value}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
