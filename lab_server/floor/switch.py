"""The few things a story does on the switch, in the floor's own words. All of it may be done twice without harm."""

import contextlib
import logging
from pathlib import Path

from lab_server.floor.call import Call, Leg, Stage
from telephony.ari import AriClient, AriConflict, AriNotFound, AriRefused, CallerId
from telephony.ari.channels import Reason

log = logging.getLogger(__name__)


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
    ) -> None:
        """Ring an endpoint; answered, the dialplan's `context` records it and hands it to us. What exists is kept."""
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
            await self._ari.applications.subscribe(f"channel:{leg.channel}")
        except AriRefused as refused:
            # No such endpoint, not registered, or gone before we could follow it: to the story all are "nobody there".
            log.info("leg %s could not be rung: %s", leg.channel, refused)
            leg.gone = True
            call.touch()

    async def hang_up(self, call: Call, leg: Leg, reason: Reason = "normal") -> None:
        if not leg.gone and not await self._ari.channels.hangup(leg.channel, reason):
            leg.gone = True
            call.touch()

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

    async def connect(self, call: Call, *legs: Leg) -> None:
        """Both legs in the contact's own bridge; adding moves a leg out of whichever bridge it was in."""
        await self._ari.bridges.create(call.bridge, "mixing")
        await self._ari.bridges.add(call.bridge, *(leg.channel for leg in legs))

    async def disconnect(self, call: Call) -> None:
        await self._ari.bridges.destroy(call.bridge)

    # -- prompts --------------------------------------------------------------------------------------------------

    async def start_prompt(self, call: Call, leg: Leg, prompt: str) -> str:
        """Begin to play a prompt to one leg; returns the playback's id, under which `call.playbacks` tells its end."""
        return await self._play(call, prompt, leg.channel, None)

    async def prompt(self, call: Call, leg: Leg, prompt: str, limit_s: float = 30.0) -> None:
        """Play a prompt to one leg and wait for its end. A prompt that fails is logged: the call goes on without it."""
        await self._finished(call, await self.start_prompt(call, leg, prompt), limit_s)

    async def announce(self, call: Call, prompt: str, limit_s: float = 10.0) -> None:
        """Play a prompt to everyone in the contact's bridge and wait for its end."""
        await self._finished(call, await self._play(call, prompt, None, call.bridge), limit_s)

    async def stop(self, call: Call, playback: str) -> None:
        if playback not in call.playbacks:
            try:
                await self._ari.playbacks.stop(playback)
            except AriNotFound:
                call.playbacks.setdefault(playback, "done")

    async def _play(self, call: Call, prompt: str, channel: str | None, bridge: str | None) -> str:
        playback = f"{call.contact}-{prompt}-{len(call.playbacks)}"
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

    async def _finished(self, call: Call, playback: str, limit_s: float) -> None:
        await call.until(lambda: playback in call.playbacks, limit_s)
        if call.playbacks.get(playback) == "failed":
            log.error("contact %s: prompt %s failed; is the file there and 8 kHz mono?", call.contact, playback)

    async def mark(self, call: Call, stage: Stage) -> None:
        """The stage, on every leg: whichever survives tells the next brain where the contact was."""
        for leg in call.legs():
            if not leg.gone:
                await self.note(leg, stage=stage)
