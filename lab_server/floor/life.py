"""One contact's life: its story, whatever interrupts it, and that everything is released at its end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from lab_server.floor import callback, conference, forwarding, house, inbound, mailbox, outbound, parking, talk
from lab_server.floor.call import Call, Outcome, Place, Stage
from lab_server.floor.kit import Kit
from telephony.ari import AriConflict, AriError, AriNotFound, AriReplaced, AriUnreachable
from telephony.trunks import HouseTrunk

log = logging.getLogger(__name__)

STAGES: dict[str, dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]]] = {
    "in": inbound.STAGES | parking.STAGES | mailbox.STAGES | callback.STAGES | forwarding.STAGES,
    "out": outbound.STAGES | parking.STAGES | mailbox.STAGES | callback.STAGES | forwarding.STAGES,
    "conf": conference.STAGES,
    HouseTrunk.name: house.STAGES,
}
SETTLING = frozenset({Stage.TALKING, Stage.CONFERENCE})
"""These stages say themselves when a command is carried out."""
RELEASE_S = 5.0  # how long a hung-up channel may take to go, before it is told once more
RELEASES = 3
LOST_S = 1.0  # how long after a command was refused the event that explains it may take
RETRY_S = 0.5  # after a command without an answer, while the event stream is still there or not yet back


async def live(call: Call, kit: Kit) -> None:
    """Run the story until it ends or whoever the contact needs has gone; then release everything.

    A command interrupts the story, which begins anew with what is intended now. Cancelled, this leaves the contact as
    it is on the switch: whoever comes next goes on from there.
    """
    over = asyncio.create_task(call.until(lambda: call.over), name=f"end of {call.contact}")
    try:
        while not over.done():
            wishes = call.wishes
            call.story = asyncio.create_task(_story(call, kit), name=f"story {call.contact}")
            await asyncio.wait({call.story, over}, return_when=asyncio.FIRST_COMPLETED)
            if call.wishes == wishes or not call.story.cancelled():
                break
            if call.stage is not call.entered:  # what was said there is not to be heard here
                await _quietly(call, kit.switch.hush(call))
        hung_up = over.done()
    finally:
        await end_tasks(call.story, over, *call.errands.values())
        call.story = None
        call.errands.clear()
    if hung_up and call.released_by is None:
        call.released_by = "agent" if call.direction == "out" and not call.served else "customer"
    await _release(call, kit)


async def _quietly(call: Call, doing: Awaitable[None]) -> None:
    """What need not succeed for the contact to go on."""
    try:
        await doing
    except AriError as refused:
        log.info("contact %s: %s", call.contact, refused)


async def _story(call: Call, kit: Kit) -> None:
    first = call.first
    if call.stage is not Stage.ENDED and first is not None:
        # While no brain was there the leg knocked at the dialplan's door, where it takes no commands.
        await call.until(lambda: first.ours or first.gone or not first.rung)
    if any(leg.place is Place.OUT for leg in call.legs()):
        # What is intended is written down before anybody is let go: who comes after us must not see an abandoned one.
        await _quietly(call, kit.switch.intend(call))
        await _quietly(call, talk.show_out(call, kit))
    while call.stage is not Stage.ENDED:
        if call.entered is not call.stage:
            call.entered = call.stage
            kit.entered(call, call.stage)
        gone_before = {leg.channel for leg in call.legs() if leg.gone}
        # The note comes first: once a prompt plays to a leg, the switch does nothing else with that leg until it ends.
        # Only who has just answered is connected while it is written: a brain that dies before that leaves the stage
        # before, and every stage finds out for itself that its work is done already.
        # A phone that is to ring waits for no note, either: its own leg says that it rings.
        marking = asyncio.create_task(_mark(call, kit))
        try:
            await _begins(call, marking)
            call.stage = await _told_by(call)[call.stage](call, kit)
            await marking
        except (AriNotFound, AriConflict) as lost:
            # A channel left while we were acting on it; its own event says which, and decides.
            log.info("contact %s in %s: %s", call.contact, call.stage, lost)
            if not await call.until(lambda: _newly_gone(call, gone_before), LOST_S):  # noqa: B023 (used at once)
                _fail(call, kit, lost)
        except AriReplaced:
            await _never()  # another brain acts for this contact now
        except AriUnreachable as silent:
            log.warning("contact %s in %s waits for the switch: %s", call.contact, call.stage, silent)
            await asyncio.sleep(RETRY_S)
        except Exception as wrong:  # whatever it is, its parties must not be kept in silence; `_fail` logs the cause
            _fail(call, kit, wrong)
        finally:
            await end_tasks(marking)


async def _mark(call: Call, kit: Kit) -> None:
    """Write the stage down, but not that of a queue which is passed through because somebody was free."""
    if call.stage is not Stage.QUEUED or not call.offered:
        await kit.switch.mark(call, call.stage)


async def _begins(call: Call, marking: "asyncio.Task[None]") -> None:
    if call.stage not in SETTLING:
        if call.stage is not Stage.RINGING:
            await marking
        call.carried_out()


def _told_by(call: Call) -> dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]]:
    """The stages of this kind of contact."""
    return STAGES[HouseTrunk.name if call.direction == "out" and call.internal else call.direction]


def _newly_gone(call: Call, before: set[str]) -> bool:
    return any(leg.gone and leg.channel not in before for leg in call.legs())


def _fail(call: Call, kit: Kit, why: Exception) -> None:
    """A story that can't go on lets its parties go instead of keeping them in silence."""
    log.error("contact %s broke in %s", call.contact, call.stage, exc_info=why)
    kit.book.noted(call, "contact.broke", {"stage": call.stage, "why": f"{type(why).__name__}: {why}"})
    call.outcome = Outcome.BROKEN
    call.stage = Stage.ENDED


async def _release(call: Call, kit: Kit) -> None:
    kit.book.noted(call, "contact.released", {"stage": call.stage, "by": call.released_by or "system"})
    if call.stage is Stage.TALKING:
        talk.end(call, kit)
    elif call.stage is Stage.MAILBOX:
        await mailbox.hung_up(call, kit)
    call.stage = Stage.ENDED  # whoever takes this contact up again has only this left to do
    call.touch()
    kit.distribution.leave(call)
    for _ in range(RELEASES):
        await _hang_up_all(call, kit)
        if await call.until(lambda: all(leg.gone for leg in call.legs()), RELEASE_S):
            break
    else:
        log.error("contact %s: its channels do not go; the next adoption sweeps them", call.contact)
    for leg in call.legs():  # only now: a phone that is still ringing could not take another call
        kit.free(call, leg)


async def _hang_up_all(call: Call, kit: Kit) -> None:
    while True:
        try:
            for leg in call.legs():
                await kit.hang_up(call, leg)
            await kit.switch.disconnect(call)
        except AriReplaced:
            await _never()
        except AriUnreachable:
            await asyncio.sleep(RETRY_S)  # back again, an adoption begins this release anew
        except AriError as refused:
            log.warning("contact %s: not all could be released: %s", call.contact, refused)
            return
        else:
            return


async def _never() -> None:
    """Act no more, until cancelled."""
    await asyncio.get_running_loop().create_future()


async def end_tasks(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancel and wait; failures of cancelled tasks are logged, never raised into whoever clears up."""
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    for result in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("a call's task failed", exc_info=result)
