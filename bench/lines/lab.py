"""A whole Ringside in a folder of its own for a bench, with the phones and callers of `bench.lines.phones` at it."""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import numpy as np
import soundfile
from sqlmodel import select

from bench.bare_ari.measure import Child
from bench.floor import free_ports, lend_tree
from lab_server.bootstrap import prepare
from lab_server.config import load
from lab_server.floor.api.messages import DoOnFloor, FloorAnswer, FloorDataChanged
from lab_server.ids import new_id
from lab_server.pbx import pbx_settings
from lab_server.store.engine import open_engine, reading
from lab_server.store.tables import AgentState
from lab_server.supervisor import Supervisor
from telephony.bus import BusClient, BusError
from telephony.clock import SystemClock

Told = dict[str, Any]


class LinesLab:
    """`async with LinesLab(plan, seats) as lab`: everything at work, each seat's phone registered, nobody signed on.

    `plan` is the floor plan's text. `prompts_s` makes prompts silent and so long, so that calls stay in a stage. `web`:
    with the web process, on `settings.web_port`.
    """

    def __init__(
        self, plan: str, seats: int, prompts_s: Mapping[str, float] | None = None, *, web: bool = False, **settings: Any
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="lines-", ignore_cleanup_errors=True)
        var = Path(self._folder.name)
        (var / "plan.yaml").write_text(plan, encoding="utf-8")
        names = ("sip_port", "lab_port", "http_port", "ami_port", "web_port")
        usual = {"speech": "espeak", "plan": str(var / "plan.yaml"), "rtp_from": 10_000, "rtp_to": 11_999}
        ports = dict(zip(names, free_ports(5), strict=True))
        self.settings = load(var=var, seats=seats, **{**usual, **ports, **settings})
        self._prompts_s, self._web = dict(prompts_s or {}), web
        self._bus: BusClient | None = None
        self._phones: Child | None = None

    async def __aenter__(self) -> Self:
        clock = SystemClock()
        self.site = (await asyncio.to_thread(prepare, self.settings, clock)).site_id
        for prompt, length_s in self._prompts_s.items():
            silence = np.zeros(round(8000 * length_s), dtype=np.int16)
            soundfile.write(self.settings.prompts / self.settings.language / f"{prompt}.wav", silence, 8000)
        lend_tree(self.settings)
        self.supervisor = Supervisor(self.settings, clock, web=self._web)
        await self.supervisor.start()
        try:
            self._bus = BusClient(self.settings.bus_address, "console", clock)
            await self._bus.start()
            self._phones = await Child.start("bench.lines.phones")
            await self.until(self._phones.ready, 20, "the phones are there")
            await self.until_async(self.answers, 30, "the brain is at work")
            pbx = pbx_settings(self.settings)
            self.tell(register={seat.number: seat.password for seat in pbx.seats}, at=[pbx.sip_address, pbx.sip_port])
            await self.until(lambda: len(self.told("registered")) == len(pbx.seats), 30, "the phones are registered")
            if refused := [one for one in self.told("registered").values() if one["code"] != 200]:
                raise RuntimeError(f"phones cannot register: {refused[:3]}")
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is not None:
            log = self.settings.logs / "brain.log"
            print(log.read_text(encoding="utf-8")[-4000:] if log.exists() else "the brain said nothing")
        await self._stop()

    async def _stop(self) -> None:
        if self._phones is not None:
            await self._phones.end()
        if self._bus is not None:
            await self._bus.close()
        await self.supervisor.stop()
        self._folder.cleanup()

    # -- the floor ----------------------------------------------------------------------------------------------------

    async def do(self, command: Told, desk: str | None = None, timeout_s: float = 10.0) -> Told:
        """A command to the floor, as the web sends it, by the agent at `desk` or else by an administrator.

        Raises RuntimeError if it is refused, BusError if no brain answers in time.
        """
        assert self._bus is not None
        order = DoOnFloor(
            user_id="0" * 26, name="bench", role="supervisor" if desk else "admin", site_id=self.site, seat=desk,
            command=command,
        )  # fmt: skip
        answer = (await self._bus.request("brain", order, FloorAnswer, timeout_s)).answer
        if not answer.ok:
            raise RuntimeError(f"{command}: {answer}")
        return answer.result

    async def rows_changed(self) -> None:
        """Rows that the floor keeps in memory were written by the bench."""
        assert self._bus is not None
        await self._bus.send("brain", FloorDataChanged(), durable=True)

    async def state(self, timeout_s: float = 10.0) -> dict[str, Told]:
        """Contact → what the floor says of it."""
        return {one["contact"]: one for one in (await self.do({"do": "state"}, timeout_s=timeout_s))["contacts"]}

    async def answers(self) -> bool:
        """Whether a brain is at work."""
        try:
            await self.state(timeout_s=0.5)
        except BusError:
            return False
        return True

    async def ready(self, seats: Iterable[str]) -> None:
        """Agents come to these seats."""
        for seat in seats:
            for state in ("signed_on", "ready"):
                await self.do({"do": "set_agent", "seat": seat, "state": state})

    async def all_ready(self) -> bool:
        """Whether nobody is on the line and every agent who has come is ready."""
        found = await self.do({"do": "state"})
        return not found["contacts"] and all(one["state"] in {"ready", "offline"} for one in found["agents"])

    async def on_switch(self, what: str) -> list[Told]:
        """`channels` or `bridges`, by the switch's own account."""
        pbx = pbx_settings(self.settings)
        login = aiohttp.BasicAuth(pbx.ari_user, pbx.ari_password)
        async with aiohttp.ClientSession(auth=login) as http, http.get(f"{pbx.ari_url}/{what}") as answer:
            found: list[Told] = await answer.json()
            return found

    def brain(self) -> int | None:
        """Its process."""
        return self.supervisor.children["brain"].pid

    def decided_at(self) -> dict[tuple[str, str], float]:
        """(contact, seat) → when the floor decided to ring the seat, by the agent's own row; the system's clock."""
        engine = open_engine(self.settings.database)
        try:
            with reading(engine) as session:
                rows = session.exec(select(AgentState).where(AgentState.state == "ringing")).all()
                return {(row.contact_id or "", row.seat): row.at.timestamp() for row in rows}
        finally:
            engine.dispose()

    # -- phones and callers -------------------------------------------------------------------------------------------

    def tell(self, **order: object) -> None:
        """See `bench.lines.phones`."""
        assert self._phones is not None
        self._phones.say(json.dumps(order))

    def dial(self, number: str, stay_s: float = -1.0, caller: str = "") -> str:
        """A caller rings, with the number `caller` if one is named; its contact's id."""
        contact, pbx = new_id(), pbx_settings(self.settings)
        self.tell(dial=number, at=[pbx.lab_address, pbx.lab_port], contact=contact, stay_s=stay_s, **{"from": caller})
        return contact

    def told(self, what: str) -> dict[str, Told]:
        """What the phones have told under this word: by contact or seat, each one's last."""
        assert self._phones is not None
        return {str(one[what]): one for one in self._phones.told if what in one}

    def rang_at(self) -> dict[tuple[str, str], float]:
        """(contact, seat) → when the INVITE was at the seat's phone."""
        assert self._phones is not None
        rings = [one for one in self._phones.told if "rings" in one]
        return {(str(one["contact"]), str(one["rings"])): float(str(one["at"])) for one in rings}

    async def heard(self) -> dict[str, tuple[float, int]]:
        """Of who is in a call: its longest pause since told to listen, in seconds, and the packets since then."""
        assert self._phones is not None
        before = sum("heard" in one for one in self._phones.told)
        self.tell(heard=True)
        await self.until(lambda: sum("heard" in one for one in self._phones.told) > before, 5, "the phones listened")  # type: ignore[union-attr]
        found: Any = [one["heard"] for one in self._phones.told if "heard" in one][-1]
        return {name: (pause_s, packets) for name, (pause_s, packets) in found.items()}

    # -- waiting ------------------------------------------------------------------------------------------------------

    async def until(self, condition: Callable[[], object], within_s: float, what: str) -> None:
        """Return when `condition()` holds. Raises RuntimeError."""

        async def ask() -> object:
            return condition()

        await self.until_async(ask, within_s, what)

    async def until_async(self, ask: Callable[[], Awaitable[object]], within_s: float, what: str) -> None:
        """Return when the answer is true. Raises RuntimeError."""
        ends_s = time.monotonic() + within_s
        while not await ask():
            if time.monotonic() > ends_s:
                raise RuntimeError(f"not within {within_s:g} s: {what}")
            await asyncio.sleep(0.05)
