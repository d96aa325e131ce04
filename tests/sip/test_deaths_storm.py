"""A storm: two hundred calls in two seconds against twenty agents, and callers who hang up at once. Nothing leaks."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from class_lab import ClassLab, until, voices
from private_pbx import free_ports
from sipp import CALLER, PHONE, REGISTER, Sipp

from lab_server.floor.api.messages import DoOnFloor, FloorAnswer
from lab_server.pbx import pbx_settings
from lab_server.store.tables import Contact

pytestmark = [pytest.mark.sip, pytest.mark.timeout(240)]
__all__ = ["voices"]
KEPT = {"files": 20, "switch files": 20}
"""Connections between floor and switch that are kept open for a while; a leak would be hundreds."""
AGENTS, CALLS, STAY_MS, AT_ONCE_MS = 20, 200, 6000, 80

PLAN = """
title: {zh-CN: 风暴, en: Storm}
time_zone: Asia/Shanghai
language: zh-CN
lines:
  main: {numbers: ["*"], to: "queue:order"}
queues:
  order: {wrap_up_s: 1}
operator: queue:order
at_last: queue:order
"""


async def do(lab: ClassLab, **command: Any) -> dict[str, Any]:
    message = DoOnFloor(user_id="0" * 26, name="test", role="admin", site_id=lab.site, command=command)
    answer = (await lab.ask("brain", message, FloorAnswer, 10.0)).answer
    assert answer.ok, answer
    return answer.result


async def holds(lab: ClassLab) -> dict[str, int]:
    """What floor and switch hold: tasks, files, channels, bridges."""
    counts = await do(lab, do="counts")
    pid = lab.pid("asterisk")
    return {
        "contacts": counts["contacts"],
        "waiting": counts["waiting"],
        "tasks": counts["tasks"],
        "files": counts["files"],
        "switch files": len(list(Path(f"/proc/{pid}/fd").iterdir())),  # noqa: ASYNC240 (it is no disk)
        "channels": len(await lab.channels()),
        "bridges": len([one for one in await lab.bridges() if not one["id"].startswith("queue-")]),
    }


async def test_a_storm_leaves_nothing_behind(asterisk_tree: Path, voices: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    async with ClassLab(asterisk_tree, voices, settings={"seats": AGENTS, "plan": str(plan)}) as lab:
        sipp = await asyncio.to_thread(Sipp, tmp_path)
        async with sipp:
            await lab.start()
            await until(lambda: lab.brains() == 1, 30, "the brain is at work")
            pbx = pbx_settings(lab.settings)
            phone_port, caller_port = free_ports(2)
            seats = "\n".join(
                f"{seat.number};[authentication username={seat.number} password={seat.password}]" for seat in pbx.seats
            )
            await sipp.run(
                f"{pbx.sip_address}:{pbx.sip_port}", "-i", pbx.sip_address, "-p", phone_port, "-m", AGENTS, "-l", 5,
                "-sf", sipp.file("register.xml", REGISTER), "-inf", sipp.file("seats.csv", f"SEQUENTIAL\n{seats}\n"),
            )  # fmt: skip
            # From the same port: the switch sends calls to where a registration came from.
            await sipp.start("-sf", sipp.file("phone.xml", PHONE), "-i", pbx.sip_address, "-p", phone_port)

            async def reachable() -> bool:
                return {seat.number for seat in pbx.seats} <= await lab.reachable()

            await lab.until_async(reachable, 45, "the phones can be rung")
            for seat in pbx.seats:
                await do(lab, do="set_agent", seat=seat.number, state="signed_on")
                await do(lab, do="set_agent", seat=seat.number, state="ready")

            async def storm(count: int, stay_ms: int) -> None:
                scenario = sipp.file(f"caller-{stay_ms}.xml", CALLER.replace("{pause_ms}", str(stay_ms)))
                await sipp.run(
                    f"{pbx.lab_address}:{pbx.lab_port}", "-i", pbx.lab_peer, "-p", caller_port, "-sf", scenario,
                    "-m", count, "-r", CALLS // 2, "-l", count,
                )  # fmt: skip

            async def over() -> bool:
                found = await do(lab, do="state")
                return not found["contacts"] and all(agent["state"] == "ready" for agent in found["agents"])

            await storm(20, 500)  # whatever is made once and kept is there now
            await lab.until_async(over, 30, "the first calls are over")
            await asyncio.to_thread(lab.written)
            before = await holds(lab)
            known = len(lab.rows(Contact))

            await storm(CALLS, STAY_MS)
            await storm(CALLS // 2, AT_ONCE_MS)
            await lab.until_async(over, 60, "the storm is over")

            async def given_back() -> bool:
                now = await holds(lab)
                return all(now[what] <= count + KEPT.get(what, 0) for what, count in before.items())

            try:
                await lab.until_async(given_back, 20, "everything is given back")
            finally:
                print("before", before, "after", await holds(lab))
            contacts = lab.rows(Contact)
            assert len(contacts) == known + CALLS + CALLS // 2
            await until(lambda: all(row.ended_at is not None for row in lab.rows(Contact)), 20, "all are closed")
            assert lab.outcomes()["served"] >= AGENTS, lab.outcomes()
            assert set(lab.outcomes()) == {"served", "abandoned"}
            print(lab.outcomes())
