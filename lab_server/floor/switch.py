"""The few things a story does on the switch, in the floor's own words. All of it may be done twice without harm."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from lab_server.floor.call import Call, Leg, Stage
from telephony.ari import AriClient, AriConflict, AriNotFound, AriRefused, CallerId
from telephony.ari.channels import Reason

log = logging.getLogger(__name__)

_REPEATS = 3  # so often a prompt may have been begun for one contact (a menu's tries)


def _never() -> bool:
    return False


class Switch:
    """ARI as the stories use it. `prompts` holds `<language>/<id>.wav`."""

    def __init__(self, ari: AriClient, prompts: Path, language: str) -> None:
        self._ari = ari
        self._prompts = prompts
        self._language = language

    # -- what a restarted brain reads back ------------------------------------------------------------------------

    async def note(self, leg: Leg, **variables: object) -> None:
        """Write channel variables, e.g. `stage=Stage.QUEUED` becomes RS_STAGE. A leg that is gone is no error."""
        for name, value in variables.items():
            try:
                await self._ari.channels.set_var(leg.channel, f"RS_{name.upper()}", str(value))
            except AriNotFound:
                return

    # -- legs -----------------------------------------------------------------------------------------------------

    async def answer(self, leg: Leg) -> None:
        if not leg.up:
            await self._ari.channels.answer(leg.channel)

    async def ring_back(self, leg: Leg, on: bool) -> None:
        """Let the leg hear the ringing tone (an unanswered one), or no longer."""
        if leg.up or leg.gone:
            return
        await (self._ari.channels.ring(leg.channel) if on else self._ari.channels.ring_stop(leg.channel))

    async def originate(
        self, call: Call, leg: Leg, endpoint: str, *, context: str, caller: str, timeout_s: float, **variables: str
    ) -> bool:
        """Ring an endpoint; answered, the dialplan's `context` records it and hands it to us. What exists is kept.

        False: no such endpoint, or not registered; to a story it is "nobody there".
        """
        role = "agent" if context == "agent-leg" else "customer"
        values = {
            "RS_CONTACT": call.contact,
            "RS_ROLE": role,
            "RS_LEG": leg.name,
            "RS_DIRECTION": call.direction,
            "RS_TRUNK": call.trunk,
            "RS_RECORDING": call.folder,
            "PJSIP_HEADER(add,X-Ringside-Contact)": call.contact,
            **variables,
        }
        try:
            await self._ari.channels.originate(
                endpoint,
                channel_id=leg.channel,
                context=context,
                variables=values,
                caller_id=CallerId(number=caller),
                timeout_s=max(1, round(timeout_s)),
                formats=("ulaw",),
            )
        except AriRefused as refused:
            log.info("leg %s could not be rung: %s", leg.channel, refused)
            return False
        return True

    async def hang_up(self, leg: Leg, reason: Reason = "normal") -> bool:
        """False if it was gone."""
        return await self._ari.channels.hangup(leg.channel, reason)

    async def let_go(self, channel: str) -> None:
        """Hang up a channel that is no contact's leg any more."""
        await self._ari.channels.hangup(channel)

    # -- bridges --------------------------------------------------------------------------------------------------

    async def hold_in_queue(self, call: Call, leg: Leg) -> None:
        """Put the leg with the queue's other callers, where music plays."""
        bridge = f"queue-{call.queue}"
        await self._ari.bridges.create(bridge, "holding")
        await self._ari.bridges.add(bridge, leg.channel)
        await self._ari.bridges.start_moh(bridge)

    async def take_out_of_queue(self, call: Call, leg: Leg) -> None:
        with contextlib.suppress(AriRefused):  # it was not, or is no longer, in that bridge
            await self._ari.bridges.remove(f"queue-{call.queue}", leg.channel)

    async def make_room(self, call: Call) -> None:
        """The contact's own bridge, made while the phone rings: who answers is not kept waiting for it."""
        await self._ari.bridges.create(call.bridge, "mixing")

    async def connect(self, call: Call, *legs: Leg) -> None:
        """The legs in the contact's own bridge; adding moves a leg out of whichever bridge it was in."""
        channels = [leg.channel for leg in legs]
        try:
            await self._ari.bridges.add(call.bridge, *channels)
        except AriNotFound:  # taken up by another brain, perhaps before there was a bridge
            await self.make_room(call)
            await self._ari.bridges.add(call.bridge, *channels)

    async def disconnect(self, call: Call) -> None:
        await self._ari.bridges.destroy(call.bridge)

    # -- prompts --------------------------------------------------------------------------------------------------

    async def prompt(
        self, call: Call, leg: Leg, prompt: str, limit_s: float = 30.0, cut: Callable[[], bool] = _never
    ) -> None:
        """Play a prompt to one leg and wait for its end, or stop it as soon as `cut()`.

        A prompt that fails is logged: the call goes on without it.
        """
        await self._finished(call, await self._play(call, prompt, leg.channel, None), limit_s, cut)

    async def announce(self, call: Call, prompt: str, limit_s: float = 10.0, cut: Callable[[], bool] = _never) -> None:
        """Play a prompt to everyone in the contact's bridge and wait for its end, or stop it as soon as `cut()`."""
        await self._finished(call, await self._play(call, prompt, None, call.bridge), limit_s, cut)

    async def stop(self, call: Call, playback: str) -> None:
        if playback not in call.playbacks:
            await self._ari.playbacks.stop(playback)

    async def _play(self, call: Call, prompt: str, channel: str | None, bridge: str | None) -> str:
        playing = await self._playing(call, prompt)
        if playing is not None:
            return playing
        number = call.begun.get(prompt, 0)
        call.begun[prompt] = number + 1
        playback = f"{call.contact}-{prompt}-{number}"
        media = f"sound:{self._prompts / self._language / prompt}"
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

    async def _finished(self, call: Call, playback: str, limit_s: float, cut: Callable[[], bool]) -> None:
        await call.until(lambda: playback in call.playbacks or cut(), limit_s)
        await self.stop(call, playback)
        if call.playbacks.get(playback) == "failed":
            log.error("contact %s: prompt %s failed; is the file there and 8 kHz mono?", call.contact, playback)

    async def mark(self, call: Call, stage: Stage) -> None:
        """The stage, on every leg: whichever survives tells the next brain where the contact was.

        A leg that still rings was given its stage when it was originated, and takes no commands yet.
        """
        await asyncio.gather(*(self.note(leg, stage=stage) for leg in call.legs() if leg.ours and not leg.gone))
