"""Two hundred calls in two seconds against twenty agents: how soon each is answered and rung for, and what is left.

The whole floor with phones and callers that are nothing but sockets (`bench.lines`), and sound both ways. Every caller
stays so long after its answer; twenty talk, the others wait in the queue until they hang up. Afterwards channels,
bridges, tasks and files are counted as before. (`tests/sip/test_deaths_storm.py` does the same with SIPp's callers.)
"""

import asyncio
import os
import time

import numpy as np
import psutil

from bench.harness import Bench, Row
from bench.lines.lab import LinesLab, Told
from bench.ring import PLAN

AGENTS, CALLS, IN_S, STAY_S = 20, 200, 2.0, 8.0
KEPT = 20
"""Connections between floor and switch that stay open for a while."""


def run(quick: bool) -> list[Row]:
    return asyncio.run(_measure(20 if quick else CALLS, 4 if quick else AGENTS))


async def _measure(calls: int, agents: int) -> list[Row]:
    async with LinesLab(PLAN, agents, {"queued": 1.0, "greeting": 0.2}) as lab:
        await lab.ready(lab.settings.seat_numbers)
        await _storm(lab, agents, 1.0)  # whatever is made once and kept is there now
        before = await _held(lab)
        contacts = await _storm(lab, calls, STAY_S)
        load = os.getloadavg()[0]
        after = await _held(lab)
        ends_s = time.monotonic() + 20
        while time.monotonic() < ends_s and _leaks(before, after):
            await asyncio.sleep(0.5)
            after = await _held(lab)
        dialled, answered, decided, rang = lab.told("dials"), lab.told("answered"), lab.decided_at(), lab.rang_at()
        answer_ms = [1000 * (answered[one]["at"] - dialled[one]["at"]) for one in contacts if one in answered]
        ring_ms = [1000 * (rang[key] - at) for key, at in decided.items() if key[0] in contacts and key in rang]
        came_up = {contact for contact, _ in rang} & set(contacts)
        left = _leaks(before, after)
        return [
            Row("callers answered", len(answer_ms), "calls", calls, note=f"in {IN_S:g} s; load {load:.1f}"),
            Row("rung for", len(came_up), "calls", agents, note="beside: the agents there are"),
            *_shares("call to answer", answer_ms),
            *_shares("decision to INVITE", ring_ms),
            Row("left behind", sum(left.values()), "things", 0.0, note=", ".join(f"{v} {k}" for k, v in left.items())),
        ]


def _shares(name: str, times_ms: list[float]) -> list[Row]:
    return [Row(f"{name}, p{share}", float(np.percentile(times_ms or [0.0], share)), "ms") for share in (50, 95)]


async def _storm(lab: LinesLab, calls: int, stay_s: float) -> list[str]:
    """So many callers within two seconds; returns when the last has gone and every agent is ready."""
    began_s, contacts = time.monotonic(), []
    for number in range(calls):
        contacts.append(lab.dial("95000", stay_s=stay_s))
        await asyncio.sleep(max(0.0, began_s + (number + 1) * IN_S / calls - time.monotonic()))
    await lab.until(lambda: set(contacts) <= set(lab.told("over")), 120, "every caller has gone")
    await lab.until_async(lab.all_ready, 60, "every agent is ready")
    return contacts


async def _held(lab: LinesLab) -> Told:
    """What floor and switch hold."""
    counts = await lab.do({"do": "counts"})
    pid = lab.supervisor.pbx.status().pid
    counts["switch files"] = psutil.Process(pid).num_fds()
    counts["channels"] = len(await lab.on_switch("channels"))
    counts["bridges"] = len([one for one in await lab.on_switch("bridges") if not one["id"].startswith("queue-")])
    del counts["threads"]  # a pool's, kept
    return counts


def _leaks(before: Told, after: Told) -> dict[str, int]:
    """What there is more of than before."""
    kept = {"files": KEPT, "switch files": KEPT}
    more = {what: count - before[what] - kept.get(what, 0) for what, count in after.items() if what in before}
    return {what: count for what, count in more.items() if count > 0}


BENCH = Bench("storm", run, "200 calls in 2 s against 20 agents")
