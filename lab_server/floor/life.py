"""One contact's life: its story, whatever interrupts it, and that everything is released at its end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from lab_server.floor import inbound, outbound
from lab_server.floor.call import Call, Outcome, Stage
from lab_server.floor.kit import Kit
from lab_server.routing.agents import AgentState
from telephony.ari import AriConflict, AriError, AriNotFound, AriReplaced, AriUnreachable

log = logging.getLogger(__name__)

STAGES: dict[str, dict[Stage, Callable[[Call, Kit], Awaitable[Stage]]]] = {
    "in": inbound.STAGES,
    "out": outbound.STAGES,
}
RELEASE_S = 5.0  # how long a hung-up channel may take to go, before it is told once more
RELEASES = 3
LOST_S = 1.0  # how long after a command was refused the event that explains it may take
RETRY_S = 0.5  # after a command without an answer, while the event stream is still there or not yet back


async def live(call: Call, kit: Kit) -> None:
    """Run the story until it ends or the leg that began the contact is gone; then release everything.

    Cancelled, it leaves the contact as it is on the switch: whoever comes next goes on from there.
    """
    first = call.first
    story = asyncio.create_task(_story(call, kit), name=f"story {call.contact}")
    over = asyncio.create_task(
        call.until(lambda: first is None or first.gone or call.dismissed), name=f"end of {call.contact}"
    )
    try:
        await asyncio.wait({story, over}, return_when=asyncio.FIRST_COMPLETED)
        hung_up = over.done()
    finally:
        await end_tasks(story, over)
    if hung_up and call.released_by is None:
        call.released_by = "agent" if call.direction == "out" else "customer"
    await _release(call, kit)


async def _story(call: Call, kit: Kit) -> None:
    first, entered = call.first, None
    if call.stage is not Stage.ENDED and first is not None:
        # While no brain was there the leg knocked at the dialplan's door, where it takes no commands.
        await call.until(lambda: first.ours or first.gone)
    while call.stage is not Stage.ENDED:
        if entered is not call.stage:
            entered = call.stage
            kit.entered(call, entered)
        gone_before = {leg.channel for leg in call.legs() if leg.gone}
        # The note comes first: once a prompt plays to a leg, the switch does nothing else with that leg until it ends.
        # Only who has just answered is connected while it is written: a brain that dies before that leaves the stage
        # before, and every stage finds out for itself that its work is done already.
        marking = asyncio.create_task(kit.switch.mark(call, call.stage))
        try:
            if call.stage is not Stage.TALKING:
                await marking
            call.stage = await STAGES[call.direction][call.stage](call, kit)
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
        inbound.wrap_up(call, kit)
    call.stage = Stage.ENDED  # whoever takes this contact up again has only this left to do
    kit.distribution.leave(call)
    for _ in range(RELEASES):
        await _hang_up_all(call, kit)
        if await call.until(lambda: all(leg.gone for leg in call.legs()), RELEASE_S):
            break
    else:
        log.error("contact %s: its channels do not go; the next adoption sweeps them", call.contact)
    if call.seat is not None:  # only now: a phone that is still ringing could not take another call
        kit.distribution.free_from(call.seat, call.contact, after(call))


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


def after(call: Call) -> AgentState:
    """What the agent does once the contact is over: write it down if there was a talk, else what he did before."""
    return AgentState.WRAP_UP if call.served else call.agent_was or AgentState.READY


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
