"""What can be asked of the floor, as data: `{"do": "hold", "contact": "01…"}`. A field that is not known is refused."""

from typing import Annotated, Literal

from pydantic import Field

from lab_server.floor.api.command import Command, ContactId, LegName, Number, OnContact, RowId, SeatNumber, Text
from lab_server.floor.api.conference_commands import ConferenceCommand
from lab_server.floor.api.desk_commands import DeskCommand
from lab_server.routing.target import Target

__all__ = ["AnyCommand", "Command", "OnContact"]

# -- a call at one's own desk -----------------------------------------------------------------------------------------


class Hold(OnContact):
    """The customer hears music."""

    do: Literal["hold"] = "hold"


class Resume(OnContact):
    """The customer hears the agent again."""

    do: Literal["resume"] = "resume"


class HangUp(OnContact):
    """The actor's own leg ends; the customer goes on to the rating, or with whoever else is in the talk."""

    do: Literal["hang_up"] = "hang_up"


class Mute(OnContact):
    """The actor's own leg is heard by nobody, or again."""

    do: Literal["mute"] = "mute"
    on: bool = True


class Transfer(OnContact):
    """Send the customer to a seat, a queue, a number …; it hears music until somebody answers."""

    do: Literal["transfer"] = "transfer"
    to: Target


class Consult(OnContact):
    """Ask a seat or a number while the customer hears music."""

    do: Literal["consult"] = "consult"
    to: Target


class Swap(OnContact):
    """Talk with the customer while the colleague waits, or the other way round."""

    do: Literal["swap"] = "swap"


class CompleteTransfer(OnContact):
    """Hand the customer over to the colleague who is asked."""

    do: Literal["complete_transfer"] = "complete_transfer"


class CancelConsult(OnContact):
    """Let the colleague go; the agent is back with the customer."""

    do: Literal["cancel_consult"] = "cancel_consult"


class Join(OnContact):
    """Customer, agent and the colleague who is asked talk together."""

    do: Literal["join"] = "join"


class AddParty(OnContact):
    """Ring a seat or a number straight into the talk. Result: `leg`."""

    do: Literal["add_party"] = "add_party"
    to: Target


class LeaveTalk(OnContact):
    """The actor leaves; the others go on."""

    do: Literal["leave_talk"] = "leave_talk"


class DropParty(OnContact):
    """Let one party go."""

    do: Literal["drop_party"] = "drop_party"
    leg: LegName


class Park(OnContact):
    """The customer waits at a numbered place, the actor is free. Result: `slot`."""

    do: Literal["park"] = "park"


class Fetch(Command):
    """Ring the actor's phone for who is parked at `slot`."""

    do: Literal["fetch"] = "fetch"
    slot: SeatNumber
    auto_answer: bool = False


class PickUp(Command):
    """Take the call that rings longest elsewhere, or at `seat`."""

    do: Literal["pick_up"] = "pick_up"
    seat: SeatNumber | None = None
    auto_answer: bool = False


class Dial(Command):
    """Ring the actor's phone, then the first of `numbers` that answers. Result: `contact`."""

    do: Literal["dial"] = "dial"
    numbers: Annotated[tuple[Number, ...], Field(min_length=1, max_length=5)]
    auto_answer: bool = False


class PauseRecording(OnContact):
    """Keep nothing of what is said until it is resumed."""

    do: Literal["pause_recording"] = "pause_recording"


class ResumeRecording(OnContact):
    """Keep again what is said."""

    do: Literal["resume_recording"] = "resume_recording"


class PlayRecording(OnContact):
    """Play an earlier contact of this customer. Result: `playing`, `length_s`, `at_s`, `to`."""

    do: Literal["play_recording"] = "play_recording"
    recording: RowId
    to: Literal["both", "customer"] = "both"


class StopPlaying(OnContact):
    """Stop the recording that is being played."""

    do: Literal["stop_playing"] = "stop_playing"


# -- supervisors ------------------------------------------------------------------------------------------------------


class Listen(OnContact):
    """The actor's phone hears the agent at `seat` (left out: who serves) and the customer; nobody hears the actor."""

    do: Literal["listen"] = "listen"
    seat: SeatNumber | None = None


class Whisper(OnContact):
    """The agent hears the actor, the customer does not."""

    do: Literal["whisper"] = "whisper"
    seat: SeatNumber | None = None


class Barge(OnContact):
    """The actor talks with both."""

    do: Literal["barge"] = "barge"
    seat: SeatNumber | None = None


class StopSupervising(OnContact):
    """The actor's phone is let go."""

    do: Literal["stop_supervising"] = "stop_supervising"


class TakeOver(OnContact):
    """The actor, who is listening, serves the customer from now on."""

    do: Literal["take_over"] = "take_over"


class TakeDown(OnContact):
    """End the contact for everybody."""

    do: Literal["take_down"] = "take_down"


class Redirect(OnContact):
    """Send the contact elsewhere, whatever stage it is in."""

    do: Literal["redirect"] = "redirect"
    to: Target


class MuteParty(OnContact):
    """Any leg is heard by nobody, or again."""

    do: Literal["mute_party"] = "mute_party"
    leg: LegName
    on: bool = True


class SetAgent(Command):
    """Another agent is made ready or not ready, or his wrap-up is ended."""

    do: Literal["set_agent"] = "set_agent"
    seat: SeatNumber
    state: Literal["signed_on", "signed_off", "ready", "not_ready", "wrapped_up"]
    reason: Text = ""


# -- one's own state --------------------------------------------------------------------------------------------------


class SignOn(Command):
    """The actor works at his seat from now on, not ready yet."""

    do: Literal["sign_on"] = "sign_on"


class SignOff(Command):
    """Nobody works there any more; in a call it comes true afterwards."""

    do: Literal["sign_off"] = "sign_off"


class Ready(Command):
    """Calls may come to the actor's seat."""

    do: Literal["ready"] = "ready"


class NotReady(Command):
    """No queue's calls come; asked for in a call, it holds afterwards."""

    do: Literal["not_ready"] = "not_ready"
    reason: Text = ""


class FinishWrapUp(Command):
    """Everything is written down."""

    do: Literal["finish_wrap_up"] = "finish_wrap_up"
    contact: ContactId | None = None


class DoNotDisturb(Command):
    """Nobody's calls come, not even colleagues'."""

    do: Literal["do_not_disturb"] = "do_not_disturb"
    on: bool = True


class State(Command):
    """Agents, queues and lines as they are now; a student sees own contacts only."""

    do: Literal["state"] = "state"


class Counts(Command):
    """What the floor's process holds now, for operators and tests: contacts, tasks, files …"""

    do: Literal["counts"] = "counts"


AnyCommand = Annotated[
    Hold | Resume | HangUp | Mute | Transfer | Consult | Swap | CompleteTransfer | CancelConsult | Join | AddParty
    | LeaveTalk | DropParty | Park | Fetch | PickUp | Dial | PauseRecording | ResumeRecording | PlayRecording
    | StopPlaying | Listen | Whisper | Barge | StopSupervising | TakeOver | TakeDown | Redirect | MuteParty | SetAgent
    | SignOn | SignOff | Ready | NotReady | FinishWrapUp | DoNotDisturb | State | Counts
    | ConferenceCommand | DeskCommand,
    Field(discriminator="do"),
]  # fmt: skip
