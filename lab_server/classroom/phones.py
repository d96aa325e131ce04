"""The robot students' phones: registered, watched, and their agents ready only while the phone is there."""

import asyncio
import logging

from lab_server.classroom.roll import Roll
from lab_server.classroom.tools import Tools
from lab_server.routing.agents import Agent, AgentState
from telephony.bus import BusError
from telephony.fleet.messages import AskFleet, FleetState
from telephony.useragent.messages import RegisterAccount

log = logging.getLogger(__name__)

AWAY = frozenset({AgentState.NOT_READY, AgentState.OFFLINE})
BACK_S = 2.0
"""A robot that missed a call is ready again so soon; a person would press the button."""


class Phones:
    """`open` registers them and lets their agents work; `close` sends the agents home, the phones stay registered."""

    def __init__(self, roll: Roll, tools: Tools) -> None:
        self._roll = roll
        self._tools = tools
        self._registered: dict[str, bool] = {}
        self._news = asyncio.Event()
        self._working = False
        self._coming_back: dict[str, asyncio.TimerHandle] = {}

    async def open(self, limit_s: float) -> None:
        """Return when every phone is registered, or after `limit_s`; one that comes later joins then."""
        for seat in self._roll.robots:
            await self._tools.bus.send("fleet", self._account(seat), durable=True)
        await self._ask_fleet()
        try:
            async with asyncio.timeout(limit_s):
                while missing := self._missing():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            log.error("phones that did not register in %g s: %s", limit_s, ", ".join(missing))
        for seat in self._roll.robots:
            self._tools.distribution.sign_on(seat)
        self._working = True
        for seat in self._roll.robots:
            self._sit(seat)

    def close(self) -> None:
        self._working = False
        for timer in self._coming_back.values():
            timer.cancel()
        for seat in self._roll.robots:
            if self._tools.distribution.knows(seat) and self._tools.distribution.agent(seat).contact is None:
                self._tools.distribution.set_state(seat, AgentState.OFFLINE)

    def heard(self, seat: str, registered: bool) -> None:
        """News of one phone, from its worker or from the fleet."""
        if seat in self._roll.robots and self._registered.get(seat) is not registered:
            self._registered[seat] = registered
            self._news.set()
            self._sit(seat)

    def fleet_changed(self, state: FleetState) -> None:
        """A phone whose worker has died is no phone, until its successor has registered it again."""
        for worker in state.workers:
            for seat, registered in worker.seats.items():
                self.heard(seat, registered)

    def agent_changed(self, agent: Agent) -> None:
        if self._working and agent.state is AgentState.NOT_READY and agent.seat in self._roll.robots:
            timer = asyncio.get_running_loop().call_later(BACK_S, self._sit, agent.seat)
            self._coming_back[agent.seat] = timer

    def _sit(self, seat: str) -> None:
        distribution = self._tools.distribution
        if not self._working or not distribution.knows(seat):
            return
        state = distribution.agent(seat).state
        if self._registered.get(seat) and state in AWAY:
            distribution.set_state(seat, AgentState.READY)
        elif not self._registered.get(seat) and state is AgentState.READY:
            distribution.set_state(seat, AgentState.NOT_READY)

    def _missing(self) -> list[str]:
        return [seat for seat in self._roll.robots if not self._registered.get(seat)]

    async def _ask_fleet(self) -> None:
        """Phones that registered while nobody listened (a brain before us had asked them to)."""
        try:
            self.fleet_changed(await self._tools.bus.request("fleet", AskFleet(), FleetState, timeout_s=5.0))
        except BusError as silent:
            log.warning("the fleet does not say who is registered: %s", silent)

    def _account(self, seat: str) -> RegisterAccount:
        tools = self._tools
        return RegisterAccount(
            seat=seat, user=seat, password=tools.phone_password(seat), registrar=tools.registrar, answer_after_s=0.5
        )
