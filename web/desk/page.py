"""`/desk`: phone, caller, form, queue on one page; its parts by themselves; the buttons for who has no JavaScript."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from datasets.language import Language
from lab_server.desk.desk import Desk
from lab_server.desk.guests import GUEST
from lab_server.desk.pop import Pop
from lab_server.desk.rights import Right
from lab_server.ids import is_id, new_id
from web.access import Access, Visitor, fields, signed_in
from web.desk import showing
from web.desk.sitting import sat_down
from web.desk.words import desk_words, reasons, refusal
from web.desk.wrap_up import WrapUpLimits
from web.floor_api import FloorDoor
from web.frame import Frame
from web.phone_pages import BUILT
from web.phone_words import phone_words
from web.practice.call import takes

NONE = "none"
"""In place of a contact: show none, though one may not be written up in the rows yet."""
_STATE_S = 0.6
"""The page does not wait longer for the floor: its script asks again."""
_NOBODY: dict[str, Any] = {"agents": [], "queues": []}
_PARTS = {"pop", "day"}
_PLAIN = {
    "sign_on", "sign_off", "ready", "not_ready", "finish_wrap_up", "hang_up", "hold", "resume", "transfer", "consult",
    "swap", "complete_transfer", "cancel_consult", "join", "leave_talk", "park", "fetch", "pick_up",
}  # fmt: skip
_ON_CONTACT = _PLAIN - {"sign_on", "sign_off", "ready", "not_ready", "finish_wrap_up", "fetch", "pick_up"}


def routes(access: Access, frame: Frame, door: FloorDoor) -> APIRouter:
    """`/desk`, `/desk/do`, `/desk/sit`."""
    router = APIRouter()
    Sits = Annotated[Visitor, Depends(signed_in(Right.SEAT_TAKE))]  # noqa: N806 (a type)
    Sets = Annotated[Visitor, Depends(signed_in(Right.AGENT_SET_OWN))]  # noqa: N806
    limits = WrapUpLimits(access.settings)

    @router.get("/desk")
    async def desk_page(request: Request, visitor: Sits) -> Response:
        if visitor.seat is None:
            return RedirectResponse("/seat?next=/desk", 303)
        language = frame.language(request, visitor)
        part = request.query_params.get("part", "")
        wanted = request.query_params.get("contact", "")
        shown = await access.read(
            visitor, lambda desk: _shown(desk, wanted if is_id(wanted) or wanted == NONE else "", language)
        )
        state = dict(_NOBODY) if part in _PARTS else await _state(door, visitor)
        say = frame.say(request, visitor)
        return frame.page(
            request, "desk/desk.html", visitor, part=part if part in _PARTS else "", **shown, state=state,
            wrap=limits(),
            queues=access.settings.queues, me=_me(state, visitor), built=BUILT.is_file(), reasons=reasons(say),
            words=phone_words(say) | desk_words(say), key=new_id(), text=lambda one: showing.in_words(one, language),
            told=request.query_params.get("told", "")[:40], guest=visitor.user.login == GUEST,
            take=takes(visitor.csrf, request.query_params.get("take", "")), refusal=lambda error: refusal(say, error),
        )  # fmt: skip

    @router.post("/desk/do")
    async def do(request: Request, visitor: Sets) -> Response:
        """A button without JavaScript: the command, and back to the page, which says what was refused."""
        form = await fields(request)
        command = _command(form)
        answer = await door.ask(visitor, command, new_id())
        contact = form.get("contact", "")
        back = f"contact={contact}" if is_id(contact) else ""
        told = f"told={answer.error}" if answer.error else ""
        return RedirectResponse(f"/desk?{'&'.join(filter(None, (back, told)))}".rstrip("?"), 303)

    @router.post("/desk/sit")
    async def sit(visitor: Sits) -> Response:
        """A seat for you: the one you sit at, else the first that is free."""
        if visitor.seat is None:
            seated = await sat_down(access, visitor)
            if seated is None:
                return RedirectResponse("/seat?next=/desk", 303)
            await door.ask(seated, {"do": "sign_on"}, new_id())
        return RedirectResponse("/desk", 303)

    return router


def _shown(desk: Desk, wanted: str, language: Language) -> dict[str, Any]:
    contact = "" if wanted == NONE else wanted or showing.present(desk)
    pop = showing.popped(desk, contact, language)
    return {
        "contact": contact if pop is not None else "",
        "pop": pop,
        "asked": _asked(pop),
        "values": pop.drafted.values if pop is not None and pop.drafted is not None else {},
        "faults": showing.fault_texts(pop.drafted.faults, language) if pop is not None and pop.drafted else {},
        "writable": pop is not None and pop.part.value in {"owner", "former"},
        "mine": _my_note(desk, pop),
        "day": showing.day(desk),
        "names": showing.colleagues(desk),
    }


def _asked(pop: Pop | None) -> list[str]:
    if pop is None or pop.form is None:
        return []
    return showing.asked_keys(pop.form, pop.drafted.values if pop.drafted is not None else {})


def _my_note(desk: Desk, pop: Pop | None) -> dict[str, str]:
    notes = pop.notes if pop is not None else ()
    own = next((one for one in notes if one.user_id == desk.actor.id), None)
    return {"text": own.text, "disposition": own.disposition} if own is not None else {"text": "", "disposition": ""}


async def _state(door: FloorDoor, visitor: Visitor) -> dict[str, Any]:
    """The floor as it is; empty while it does not answer."""
    try:
        async with asyncio.timeout(_STATE_S):
            answer = await door.ask(visitor, {"do": "state"}, new_id())
    except TimeoutError:
        return dict(_NOBODY)
    return answer.result if answer.ok else dict(_NOBODY)


def _me(state: dict[str, Any], visitor: Visitor) -> dict[str, Any]:
    agents: list[dict[str, Any]] = state.get("agents", [])
    return next(
        (one for one in agents if one["seat"] == visitor.seat), {"state": "offline", "reason": "", "contact": ""}
    )


def _command(form: dict[str, str]) -> dict[str, Any]:
    """The command of a form's button. 404 for what no button of ours says."""
    name = form.get("do", "")
    if name not in _PLAIN:
        raise HTTPException(404)
    command: dict[str, Any] = {"do": name}
    if name in _ON_CONTACT:
        command["contact"] = form.get("contact", "")
    if name in {"transfer", "consult"}:
        command["to"] = form.get("to", "")
    if name == "not_ready":
        command["reason"] = form.get("reason", "")[:40]
    if name == "fetch":
        command["slot"] = form.get("slot", "")
    return command
