"""From the decision that an agent gets a call to the INVITE at the agent's phone, with fifty calls on the line.

The whole floor (switch, brain, database) with phones that are nothing but sockets, whose kernel dates each INVITE.
Callers come one by one and stay so long that fifty talk, with sound both ways; each finds a free agent. The decision is
the moment in the agent's own row of the database. Beside it, in turns and on the same switch, a program that does
nothing but originate to phones nobody else rings.
"""

import asyncio
import base64
import os
import time

import aiohttp
import numpy as np

from bench.harness import Bench, Row
from bench.lines.lab import LinesLab
from lab_server.pbx import pbx_settings

TALKING, SPARE, EVERY_S, MEASURED = 50, 12, 0.125, 200
"""Calls on the line; agents who are free; a caller comes so often; so many are measured."""

PLAN = """
title: {zh-CN: 测量, en: Bench}
time_zone: Asia/Shanghai
language: zh-CN
lines:
  main: {numbers: ["*"], to: "queue:order"}
queues:
  order: {wrap_up_s: 0.2}
operator: queue:order
at_last: queue:order
"""


def run(quick: bool) -> list[Row]:
    talking, measured = (16, 12) if quick else (TALKING, MEASURED)
    ours, bare, most, load = asyncio.run(_measure(talking, measured))
    said = {50: f"{len(ours)} calls, up to {most} on the line; load {load:.1f}", 95: f"worst {max(ours):.1f}"}
    rows = []
    for share, note in said.items():
        value, beside = float(np.percentile(ours, share)), float(np.percentile(bare, share))
        rows.append(Row(f"decision to INVITE, p{share}", value, "ms", beside, value / beside, note))
    return rows


async def _measure(talking: int, measured: int) -> tuple[list[float], list[float], int, float]:
    """Milliseconds of each of ours and each of the bare program's, the most calls on the line, and the load."""
    agents, bare = talking + SPARE, 4
    async with LinesLab(PLAN, agents + bare, {"queued": 1.0, "greeting": 0.2}) as lab:
        seats = lab.settings.seat_numbers
        await lab.ready(seats[:agents])
        contacts, loads, most = [], [], 0
        beside = Bare(lab, seats[agents:])
        async with beside:
            for number in range(talking + measured):
                begins_s = time.monotonic()
                contacts.append(lab.dial("95000", stay_s=talking * EVERY_S))
                if number >= talking:
                    most = max(most, len(lab.told("answered")) - len(lab.told("over")))
                    await asyncio.sleep(EVERY_S / 2)
                    await beside.ring(number)
                    loads.append(os.getloadavg()[0])
                await asyncio.sleep(max(0.0, begins_s + EVERY_S - time.monotonic()))
            await lab.until_async(lab.all_ready, 60, "all calls are over")
        decided, rang = lab.decided_at(), lab.rang_at()
        wanted = set(contacts[talking:])
        ours = [1000 * (rang[key] - at) for key, at in decided.items() if key[0] in wanted and key in rang]
        if len(ours) < measured:
            raise RuntimeError(f"only {len(ours)} of {measured} calls rang a phone")
        return ours, beside.taken_ms(rang), most, float(np.median(loads))


class Bare:
    """Originates, and hangs up as soon as it rings; an application of its own, which hears nothing of the floor's."""

    def __init__(self, lab: LinesLab, seats: tuple[str, ...]) -> None:
        pbx = pbx_settings(lab.settings)
        login = base64.b64encode(f"{pbx.ari_user}:{pbx.ari_password}".encode()).decode()
        self._url, self._headers = pbx.ari_url, {"Authorization": f"Basic {login}"}
        self._lab, self._seats = lab, seats
        self._asked: dict[tuple[str, str], float] = {}

    async def __aenter__(self) -> "Bare":
        self._http = aiohttp.ClientSession(headers=self._headers)
        self._events = await self._http.ws_connect(f"{self._url}/events?app=beside")
        self._lab.tell(pick_up=dict.fromkeys(self._seats, -1))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._events.close()
        await self._http.close()

    async def ring(self, number: int) -> None:
        seat, name = self._seats[number % len(self._seats)], f"beside{number}"
        self._asked[name, seat] = time.time()
        order = {
            "endpoint": f"PJSIP/{seat}", "app": "beside", "formats": "ulaw",
            "variables": {"PJSIP_HEADER(add,X-Ringside-Contact)": name},
        }  # fmt: skip
        async with self._http.post(f"{self._url}/channels/{name}", json=order) as answer:
            await answer.read()
        async with self._http.delete(f"{self._url}/channels/{name}") as answer:
            await answer.read()

    def taken_ms(self, rang: dict[tuple[str, str], float]) -> list[float]:
        return [1000 * (rang[key] - at) for key, at in self._asked.items() if key in rang]


BENCH = Bench("ring", run, "a free agent's phone rings, 50 calls on the line, beside a program that only originates")
