"""`/desk/call`, the button "I'll take a call": sit down if need be, ready, and one virtual caller rings."""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from datasets.language import Language
from lab_server.bootstrap import speech
from lab_server.classroom import practice
from lab_server.desk.desk import Desk
from lab_server.desk.rights import Right
from lab_server.ids import new_id
from lab_server.pbx import pbx_settings
from scenarios.load import library
from telephony.ari.errors import AriError
from telephony.ari.phones import has_phone
from telephony.asterisk.errors import PbxError
from telephony.speech.engine import SpeechError
from web.access import Access, Visitor, signed_in
from web.desk.sitting import sat_down
from web.floor_api import FloorDoor
from web.frame import Frame

CLASS_RUNS = "class_runs"
"""Not refused: who is ready is rung by the class's callers."""
PHONE_S = 5.0
"""So long a script's own phone, which says it is registered, is waited for."""
_BUSY = {"ringing", "talking", "wrap_up"}
_REFUSED = "practice_"


def routes(access: Access, frame: Frame, door: FloorDoor) -> APIRouter:
    """For scripts (`Accept: application/json`) the answer is `{"told": …}`, empty when a caller is on the way."""
    router = APIRouter()
    Sets = Annotated[Visitor, Depends(signed_in(Right.AGENT_SET_OWN))]  # noqa: N806 (a type)
    voices = _Voices(access)

    @router.post("/desk/call")
    async def call(request: Request, visitor: Sets) -> Response:
        by_script = "application/json" in request.headers.get("accept", "")
        seated = await sat_down(access, visitor)
        if seated is None:
            told = _REFUSED + "no_seat"
        else:
            told = await _ring(seated, frame.language(request, visitor), PHONE_S if by_script else 0.0)
        if by_script:
            return JSONResponse({"told": told}, 200 if told in {"", CLASS_RUNS} else 409)
        if seated is None:
            return RedirectResponse("/seat?next=/desk", 303)
        if told == _REFUSED + "no_phone":  # the page's own phone comes with its script, which then goes on
            return RedirectResponse(f"{desk_that_takes(visitor.csrf)}&told={told}", 303)
        return RedirectResponse(f"/desk?told={told}" if told else "/desk", 303)

    async def _ring(visitor: Visitor, language: Language, phone_s: float) -> str:
        try:
            has = await _phone(visitor.seat or "", phone_s)
            engines = await voices.engines()
        except (AriError, PbxError):
            return "switch_away"
        except SpeechError:
            return _REFUSED + "no_voices"
        if not has:
            return _REFUSED + "no_phone"
        return await _ready(visitor) or await _order(visitor, language, engines)

    async def _phone(seat: str, within_s: float) -> bool:
        """Whether there is one; the switch shows a page's phone a moment after it has let it register."""
        pbx = await asyncio.to_thread(pbx_settings, access.settings)
        late_s = access.clock.monotonic() + within_s
        while not (there := await has_phone(pbx, seat)) and access.clock.monotonic() < late_s:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.2)
        return there

    async def _ready(visitor: Visitor) -> str:
        """Why the visitor cannot be ready; "" if he is."""
        if await _state(visitor) in _BUSY:
            return _REFUSED + "in_call"
        for command in ("sign_on", "ready"):
            answer = await door.ask(visitor, {"do": command}, new_id())
            if not answer.ok:
                return answer.error
        return ""

    async def _order(visitor: Visitor, language: Language, engines: Mapping[str, str]) -> str:
        def work(desk: Desk) -> str:
            return practice.order(desk, visitor.seat or "", language, access.settings, library(), engines)

        try:
            session_id = await access.write(visitor, work)
        except practice.PracticeError as refused:
            return CLASS_RUNS if refused.error_id == CLASS_RUNS else _REFUSED + refused.error_id
        await door.begin(session_id)
        return ""

    async def _state(visitor: Visitor) -> str:
        answer = await door.ask(visitor, {"do": "state"}, new_id())
        agents = answer.result.get("agents", [])
        return next((str(one["state"]) for one in agents if one["seat"] == visitor.seat), "")

    return router


def desk_that_takes(csrf: str) -> str:
    """The desk's address on which its script goes on by itself to take a call: nobody else's page can link there."""
    return f"/desk?take={take_key(csrf)}"


def takes(csrf: str, given: str) -> bool:
    """Whether the desk was opened by that address."""
    return bool(csrf) and hmac.compare_digest(take_key(csrf).encode(), given.encode("utf-8", "replace"))


def take_key(csrf: str) -> str:
    return hashlib.sha256(f"take:{csrf}".encode()).hexdigest()[:20]


class _Voices:
    """What speaks, looked for once. Raises SpeechError each time if there is nothing."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._engines: Mapping[str, str] | None = None

    async def engines(self) -> Mapping[str, str]:
        if self._engines is None:
            spoken = await asyncio.to_thread(speech, self._access.settings, self._access.clock)
            name = f"{spoken.engine.name} {spoken.engine.version}"
            self._engines = {"speech": name, "speech_reason": spoken.reason}
        return self._engines
