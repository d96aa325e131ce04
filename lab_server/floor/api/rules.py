"""Which right each command needs, what counts as the actor's own, and which function carries it out."""

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlmodel import Session

from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError
from lab_server.desk.recordings import earlier_recordings, recording_to_play
from lab_server.desk.rights import Right
from lab_server.floor import consult, hold, mute, parking, pickup, playback, recording, supervision, three_way
from lab_server.floor.api import commands as c
from lab_server.floor.api.answers import done
from lab_server.floor.api.conference_rules import CONFERENCES
from lab_server.floor.api.desk_rules import DESK
from lab_server.floor.api.group import are_others, others
from lab_server.floor.api.picture import agent_state, floor_state
from lab_server.floor.api.rule import Result, Rule, Work, always, at_once, never, on_call, takes_part, turned_away
from lab_server.floor.availability import finish_wrap_up, set_not_ready, set_ready, sign_off, sign_on
from lab_server.floor.call import Call
from lab_server.floor.click_to_dial import dial
from lab_server.floor.dnd import set_dnd
from lab_server.floor.errors import Refused
from lab_server.floor.hang_up import hang_up
from lab_server.floor.kit import Kit
from lab_server.floor.transfer import transfer
from lab_server.floor.voices import Mixed, Voice, VoicesError, mixed
from lab_server.ids import new_id
from lab_server.routing.agents import Agent
from lab_server.store.tables import User

_TRANSFER, _THREE = Right.CALL_TRANSFER, Right.CALL_CONFERENCE

CALLS: Mapping[type[c.Command], Rule] = {
    c.Hold: on_call(Right.CALL_HOLD, lambda call, kit, work, _: hold.hold(call, kit, work.seat)),
    c.Resume: on_call(Right.CALL_HOLD, lambda call, kit, work, _: hold.resume(call, kit, work.seat)),
    c.HangUp: on_call(Right.CALL_HANG_UP, lambda call, kit, work, _: hang_up(call, kit, work.seat)),
    c.Mute: on_call(Right.CALL_HOLD, lambda call, kit, work, to: mute.mute(call, kit, work.seat, to.on)),
    c.Transfer: on_call(_TRANSFER, lambda call, kit, work, to: transfer(call, kit, work.seat, to.to)),
    c.Consult: on_call(_TRANSFER, lambda call, kit, work, to: consult.consult(call, kit, work.seat, to.to)),
    c.Swap: on_call(_TRANSFER, lambda call, kit, work, _: consult.swap(call, kit, work.seat)),
    c.CompleteTransfer: on_call(_TRANSFER, lambda call, kit, work, _: consult.complete(call, kit, work.seat)),
    c.CancelConsult: on_call(_TRANSFER, lambda call, kit, work, _: consult.cancel(call, kit, work.seat)),
    c.Join: on_call(_THREE, lambda call, kit, work, _: three_way.join(call, kit, work.seat)),
    c.AddParty: on_call(_THREE, lambda call, kit, work, to: done(leg=three_way.add(call, kit, work.seat, to.to).name)),
    c.LeaveTalk: on_call(_THREE, lambda call, kit, work, _: three_way.leave(call, kit, work.seat)),
    c.DropParty: on_call(_THREE, lambda call, kit, work, to: three_way.drop(call, kit, work.seat, to.leg)),
    c.Park: on_call(Right.CALL_PARK, lambda call, kit, work, _: done(slot=parking.park(call, kit, work.seat))),
    c.PauseRecording: on_call(
        Right.CALL_RECORD, lambda call, kit, work, _: recording.pause_recording(call, kit, work.actor.name)
    ),
    c.ResumeRecording: on_call(
        Right.CALL_RECORD, lambda call, kit, work, _: recording.resume_recording(call, kit, work.actor.name)
    ),
    c.StopPlaying: on_call(
        Right.CALL_PLAY_RECORDING, lambda call, kit, work, _: playback.stop_playing(call, kit, work.seat)
    ),
}

SUPERVISION: Mapping[type[c.Command], Rule] = {
    c.Listen: on_call(
        Right.SUPERVISE_LISTEN, lambda call, kit, work, to: supervision.listen(call, kit, work.seat, to.seat)
    ),
    c.Whisper: on_call(
        Right.SUPERVISE_WHISPER, lambda call, kit, work, to: supervision.whisper(call, kit, work.seat, to.seat)
    ),
    c.Barge: on_call(
        Right.SUPERVISE_BARGE, lambda call, kit, work, to: supervision.barge(call, kit, work.seat, to.seat)
    ),
    c.StopSupervising: on_call(
        Right.SUPERVISE_LISTEN, lambda call, kit, work, _: supervision.stop(call, kit, work.seat)
    ),
    c.TakeOver: on_call(Right.SUPERVISE_BARGE, lambda call, kit, work, _: supervision.take_over(call, kit, work.seat)),
    c.TakeDown: on_call(
        Right.SUPERVISE_TAKE_DOWN, lambda call, kit, work, _: supervision.take_down(call, kit, _by(work))
    ),
    c.Redirect: on_call(
        Right.SUPERVISE_REDIRECT, lambda call, kit, work, to: supervision.redirect(call, kit, _by(work), to.to)
    ),
    c.MuteParty: on_call(Right.SUPERVISE_BARGE, lambda call, kit, _, to: mute.mute_leg(call, kit, to.leg, to.on)),
}


def _by(work: Work) -> str:
    """Who does it, for the journal: a supervisor need not sit at a seat to end or redirect a call."""
    return work.actor.seat or work.actor.name


# -- the actor's own phone and state ----------------------------------------------------------------------------------


async def _fetch(work: Work, command: c.Fetch) -> Result:
    contact = parking.parked_at(work.kit, command.slot).contact

    def change(call: Call, kit: Kit) -> None:
        parking.fetch(call, kit, work.seat, auto_answer=command.auto_answer)

    await work.floor.change(contact, change)
    return done(contact=contact)


async def _pick_up(work: Work, command: c.PickUp) -> Result:
    contact = pickup.to_pick_up(work.kit, work.seat, command.seat or "").contact

    def change(call: Call, kit: Kit) -> None:
        pickup.pick_up(call, kit, work.seat, auto_answer=command.auto_answer)

    await work.floor.change(contact, change)
    return done(contact=contact)


async def _dial(work: Work, command: c.Dial) -> Result:
    contact = new_id()
    await work.kit.expecting(contact, command.numbers)
    return done(contact=dial(work.floor, work.seat, command.numbers, auto_answer=command.auto_answer, contact=contact))


async def _state(work: Work, _command: c.State) -> Result:
    state, known = floor_state(work.floor, work.kit, work.actor), await others(work)
    if known:
        for name, seats in (("contacts", _at_legs), ("conferences", _at_members)):
            state[name] = [one for one in state[name] if not are_others(seats(one), known)]
    return state


def _at_legs(contact: Mapping[str, Any]) -> list[str]:
    return [leg["seat"] for leg in contact["legs"] if leg["seat"]]


def _at_members(conference: Mapping[str, Any]) -> list[str]:
    return [one["seat"] for one in conference["members"] if one["seat"]]


def _shown(work: Work, agent: Agent) -> Result:
    return done(agent=agent_state(agent, work.kit.clock.monotonic()))


def _set_agent(work: Work, command: c.SetAgent) -> Result:
    if command.state == "not_ready":
        return _shown(work, set_not_ready(work.kit, command.seat, command.reason))
    change = {"signed_on": sign_on, "signed_off": sign_off, "ready": set_ready, "wrapped_up": finish_wrap_up}
    return _shown(work, change[command.state](work.kit, command.seat))


def _counts(work: Work) -> Result:
    return done(
        contacts=len(work.floor.calls()),
        waiting=len(work.kit.distribution.waiting()),
        tasks=len(asyncio.all_tasks()),
        threads=threading.active_count(),
        files=len(list(Path("/proc/self/fd").iterdir())),
    )


async def _play_recording(work: Work, command: c.PlayRecording) -> Result:
    """The voices of that contact, one file a leg, are mixed first; neither disk nor database keeps a call waiting."""
    voices = await work.reader.run(lambda session: _voices(session, work, command))
    sound = await asyncio.to_thread(_mix, work, voices)
    told: list[Result] = []

    def change(call: Call, kit: Kit) -> None:
        told.append(playback.play_recording(call, kit, work.seat, sound.path, command.to, sound.length_s))

    await work.floor.change(command.contact, change)
    return told[0]


def _voices(session: Session, work: Work, command: c.PlayRecording) -> list[Voice]:
    desk = Desk(session, work.kit.clock, session.get_one(User, work.actor.user_id))
    try:
        chosen = recording_to_play(desk, command.contact, command.recording)
        others = earlier_recordings(desk, command.contact)
    except DeskError as refused:
        raise turned_away(refused) from refused
    return [Voice(one.path, one.offset_s) for one in others if one.contact_id == chosen.contact_id]


def _mix(work: Work, voices: list[Voice]) -> Mixed:
    if work.kit.recordings is None:
        raise Refused("not_a_recording", "Nothing is recorded here.")
    try:
        return mixed(work.kit.recordings, voices)
    except VoicesError as broken:
        raise Refused(broken.error_id, f"{broken}.") from broken


OWN: Mapping[type[c.Command], Rule] = {
    c.Fetch: Rule(Right.CALL_PARK, always, _fetch),
    c.PickUp: Rule(Right.CALL_PICKUP, never, _pick_up),
    c.Dial: Rule(Right.CALL_DIAL, always, _dial),
    c.PlayRecording: Rule(Right.CALL_PLAY_RECORDING, takes_part, _play_recording),
    c.SignOn: at_once(Right.AGENT_SET_OWN, lambda work, _: _shown(work, sign_on(work.kit, work.seat))),
    c.SignOff: at_once(Right.AGENT_SET_OWN, lambda work, _: _shown(work, sign_off(work.kit, work.seat))),
    c.Ready: at_once(Right.AGENT_SET_OWN, lambda work, _: _shown(work, set_ready(work.kit, work.seat))),
    c.NotReady: at_once(
        Right.AGENT_SET_OWN, lambda work, to: _shown(work, set_not_ready(work.kit, work.seat, to.reason))
    ),
    c.FinishWrapUp: at_once(
        Right.AGENT_SET_OWN, lambda work, to: _shown(work, finish_wrap_up(work.kit, work.seat, to.contact))
    ),
    c.DoNotDisturb: at_once(Right.AGENT_SET_OWN, lambda work, to: _shown(work, set_dnd(work.kit, work.seat, to.on))),
    c.SetAgent: at_once(Right.AGENT_SET_OTHER, _set_agent, never),
    c.Counts: at_once(Right.ALERTS_READ, lambda work, _: _counts(work), never),
    c.State: Rule(Right.QUEUE_READ, never, _state),
}

RULES: Mapping[type[c.Command], Rule] = {**CALLS, **SUPERVISION, **OWN, **CONFERENCES, **DESK}
