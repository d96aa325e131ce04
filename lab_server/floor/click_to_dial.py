"""Click to dial: the agent's own phone rings first, then the customer's; his next number if he is busy or silent.

The contact is an outbound one whose first stage is the ringing of the agent's phone. The numbers still to be tried are
noted on the agent's channel, so that the next brain goes on where this one stopped.
"""

from collections.abc import Sequence
from typing import Protocol

from lab_server.floor.call import Call, Leg, Outcome, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.floor.reserve import reserve
from lab_server.floor.ringing import GOING_S, SWITCH_LATER_S, answered
from telephony.numbers import NumberError, spelled

CALLBACK = "callback"
"""Note on the agent's channel: the id of the call-back that the customer ordered."""
CLICKED = "clicked"
"""Note on the agent's channel: the contact began here."""
NUMBERS = "numbers"
"""Likewise: the customer's other numbers, not tried yet, with blanks between."""
TRY = "try"
"""Likewise: which number is dialled now."""
MOST_NUMBERS = 5
_WHY = {Outcome.BUSY: "number-busy", Outcome.NO_ANSWER: "number-no-answer"}


class Opens(Protocol):
    """The floor, as far as a new contact needs it."""

    @property
    def kit(self) -> Kit: ...

    def open(self, direction: str, *, seat: str, dialled: str, trunk: str, stage: Stage, contact: str = "") -> Call: ...
    def begin(self, call: Call) -> None: ...


def dial(floor: Opens, seat: str, numbers: Sequence[str], *, auto_answer: bool = False, contact: str = "") -> str:
    """Ring the phone at `seat`, then the customer at the first number that answers; the new contact's id.

    `auto_answer` asks the phone to answer by itself; `contact` is an id that was prepared for it. Raises `Refused`:
    `no_number`, `too_many_numbers`, `own_number`, `unknown_seat`, `seat_busy`, `seat_wrap_up`, and those of
    `telephony.numbers` and `telephony.trunks` if not a single number can be dialled.
    """
    kit = floor.kit
    dialled, trunk = _usable(kit, seat, numbers)
    call = floor.open("out", seat=seat, dialled=dialled[0], trunk=trunk, stage=Stage.RINGING, contact=contact)
    leg = call.new_leg(
        "agent", kit.now_utc(), seat=seat, endpoint=f"PJSIP/{seat}", place=Place.ALONE, auto_answer=auto_answer,
        ring_s=kit.settings.ring_timeout_s + SWITCH_LATER_S,
    )  # fmt: skip
    reserve(call, kit, leg, dials=True)
    leg.notes |= {CLICKED: "1", NUMBERS: " ".join(dialled[1:])}
    call.agent = leg
    floor.begin(call)
    return call.contact


def _usable(kit: Kit, seat: str, numbers: Sequence[str]) -> tuple[list[str], str]:
    """The numbers that can be dialled now, each once, and the trunk of the first."""
    if not numbers:
        raise Refused("no_number", "This customer has no number: enter one.")
    if len(numbers) > MOST_NUMBERS:
        raise Refused("too_many_numbers", f"At most {MOST_NUMBERS} numbers are tried in turn: leave some out.")
    good: dict[str, str] = {}
    refused: NumberError | None = None
    for number in numbers:
        try:
            trunk = kit.trunk_for(seat, spelled(number))
            trunk.endpoint_for(number)
            good.setdefault(spelled(number), trunk.name)
        except NumberError as wrong:
            refused = refused or wrong
    if seat in good or "house" in good.values():
        raise Refused("own_number", "This is a colleague's number, or your own: dial it from your phone.")
    if not good and refused is not None:
        raise Refused(refused.error_id, f"{refused}.") from refused
    return [*good], next(iter(good.values()))


async def calling_agent(call: Call, kit: Kit) -> Stage:
    """The agent's own phone rings. Who does not answer what he asked for himself is not set aside."""
    own = call.agent
    if own is None:
        return Stage.ENDED
    if not own.rung:
        kit.book.leg_changed(call, own)
        own.rung = True
        await kit.ring(call, own)
    if await answered(call, own, kit.settings.ring_timeout_s):
        await kit.switch.prompt(call, own, "callback-agent" if own.notes.get(CALLBACK) else "customer-ringing")
        return Stage.DIALLING
    kit.book.noted(call, "dial.agent_no_answer", {"seat": call.seat, "cause": own.cause})
    call.outcome = Outcome.NO_ANSWER
    await kit.hang_up(call, own, "no_answer")
    return Stage.ENDED


def clicked(own: Leg) -> bool:
    """Whether the contact began here; the notes tell it to the next brain, too."""
    return own.notes.get(CLICKED) == "1"


def tries(call: Call) -> int:
    """Which of the customer's numbers is dialled: the first, the second …"""
    own = call.agent
    return int(own.notes.get(TRY) or 1) if own is not None else 1


async def ring_back(call: Call, kit: Kit, own: Leg) -> None:
    """The agent hears the customer's phone ring. In a bridge, where it keeps nothing else from being done."""
    own.place = Place.TALK
    if own.ours and own.seated is not Place.TALK:
        await kit.switch.bring(call, Place.TALK, own)
        own.seated = Place.TALK
    await kit.switch.note(own, place=Place.TALK)
    await kit.switch.tone(call, True, Place.TALK)


async def next_number(call: Call, kit: Kit, own: Leg, leg: Leg) -> Stage:
    """This number came to nothing: the next is dialled, or the agent hears why there is none to talk with."""
    await call.until(lambda: leg.gone, GOING_S)
    await kit.switch.tone(call, False)
    left = own.notes.get(NUMBERS, "").split()
    outcome = call.outcome or Outcome.NO_ANSWER
    kit.book.noted(call, "dial.tried", {"number": call.dialled, "outcome": outcome, "cause": leg.cause, "left": left})
    while left:
        number, left = left[0], left[1:]
        try:
            kit.trunk_for(call.seat or "", number).endpoint_for(number)
        except NumberError as gone:  # it could be dialled when the agent asked for it
            kit.book.noted(call, "dial.refused", {"number": number, "error": gone.error_id, "why": str(gone)})
            continue
        call.dialled = call.customer_number = number
        call.customer = call.outcome = None
        await kit.switch.note(own, **{NUMBERS: " ".join(left), "dialled": number, TRY: tries(call) + 1})
        await kit.switch.announce(call, "dialling-next-number")
        return Stage.DIALLING
    await kit.switch.announce(call, _WHY[outcome])
    return Stage.ENDED
