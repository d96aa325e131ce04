"""`kill -9` of the brain with fifty calls in every stage: how long it is away, and who notices.

The whole floor with phones that are nothing but sockets (`bench.lines`): callers in a menu, in the queue, ringing,
talking, on hold, asked about, parked, talking as three, at the rating and in a conference. Sound goes both ways in
every call all the time, and its pauses are measured by the kernel's dates. Everything is asked of the floor itself
before and after.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.harness import Bench, Row
from bench.lines.lab import LinesLab
from telephony.bus import BusError

STAGES = {
    "talking": 12, "held": 5, "consult": 3, "parked": 4, "three": 4, "rated": 3, "ringing": 5, "queued": 8, "menu": 6,
}  # fmt: skip
"""How many callers are brought to each."""
MEMBERS = 4
"""So many agents are in a conference beside; the last of them is muted."""
PAUSE_S = 0.25
"""A longer pause than this would be heard as an interruption."""

PLAN = """
title: {zh-CN: 测量, en: Bench}
time_zone: Asia/Shanghai
language: zh-CN
lines:
  choice: {numbers: ["95001"], to: "menu:main"}
  full: {numbers: ["95002"], to: "queue:full"}
  slow: {numbers: ["95003"], to: "queue:slow"}
  main: {numbers: ["*"], to: "queue:order"}
queues:
  order: {skill: order}
  full: {skill: nobody}
  slow: {skill: slow, ring_timeout_s: 290}
seats:
{seats}
menus:
  main:
    nodes:
      start: {kind: keys, prompt: menu, keys: {"1": order}, failed: order}
      order: {kind: go, to: "queue:order"}
operator: queue:order
at_last: queue:order
"""

Place = tuple[str, frozenset[tuple[str, str, bool]]]


@dataclass
class Death:
    """What one death did. Seconds from the kill; `lost` contacts are not at their place; pauses are of talking legs."""

    back_s: float
    placed_s: float
    calls: int
    stages: Counter[str]
    lost: list[str]
    moved: list[str]
    cut: list[str]
    legs: int
    pause_s: float
    calm_s: float
    in_order: bool
    load: float = field(default_factory=lambda: os.getloadavg()[0])


class Crowd:
    """The callers, brought to their stages, and agents for those who need them."""

    def __init__(self, lab: LinesLab, wanted: dict[str, int]) -> None:
        self.lab, self.wanted = lab, wanted
        self.at: dict[str, list[str]] = {}
        self.seat_of: dict[str, str] = {}

    async def gather(self) -> None:
        """Everybody, one stage after another."""
        lab = self.lab
        numbers = {"menu": "95001", "queued": "95002", "ringing": "95003"}
        for stage, count in self.wanted.items():
            self.at[stage] = []
            for _ in range(count):
                self.at[stage].append(lab.dial(numbers.get(stage, "95000")))
                await asyncio.sleep(0.2 if stage == "queued" else 0.08)  # an order that shows in tenths of seconds
        everybody = [one for each in self.at.values() for one in each]
        served = [one for stage, each in self.at.items() if stage not in numbers for one in each]
        await lab.until_async(lambda: self._are(served, "talking"), 60, "those who are to be served talk")
        self.seat_of = {contact: str(one["seat"]) for contact, one in (await lab.state()).items() if one["seat"]}
        for stage in numbers:
            await lab.until_async(lambda stage=stage: self._are(self.at[stage], stage), 30, stage)  # type: ignore[misc]
        for contact in self.at["held"]:
            await self._do(contact, "hold")
        for contact in (*self.at["consult"], *self.at["three"]):
            await self._do(contact, "consult", to=f"seat:{await self._free()}")
        for contact in self.at["three"]:
            await lab.until_async(lambda contact=contact: self._answered(contact), 20, "a colleague answers")  # type: ignore[misc]
            await self._do(contact, "join")
        for contact in self.at["parked"]:
            await self._do(contact, "park")
        for contact in self.at["rated"]:
            await self._do(contact, "hang_up")
        await lab.until_async(lambda: self._are(self.at["rated"], "rated"), 20, "rating")
        await lab.until_async(lambda: self._are(self.at["parked"], "parked"), 20, "parked")
        await self._confer()
        if missing := set(everybody) - set(await lab.state()):
            raise RuntimeError(f"{len(missing)} callers are not on the line")

    async def _confer(self) -> None:
        """A conference of agents, called by the first of them, who mutes the last."""
        lab, seats = self.lab, [await self._free() for _ in range(MEMBERS)]
        contact = str((await lab.do({"do": "open_conference", "title": "bench"}, desk=seats[0]))["contact"])
        for seat in seats:
            await lab.do({"do": "invite", "contact": contact, "to": f"seat:{seat}"}, desk=seats[0])

        async def inside() -> bool:
            return [leg["place"] for leg in (await lab.state())[contact]["legs"]] == ["talk"] * MEMBERS

        await lab.until_async(inside, 30, "the members have come")
        muted = {"do": "mute_member", "contact": contact, "leg": f"member-{MEMBERS}"}
        await lab.do(muted, desk=seats[0])
        self.at["conference"] = [contact]

    async def _do(self, contact: str, what: str, **more: Any) -> None:
        await self.lab.do({"do": what, "contact": contact, **more}, desk=self.seat_of[contact])

    async def _free(self) -> str:
        """An agent who has come and whom nobody else has been given."""
        agents = (await self.lab.do({"do": "state"}))["agents"]
        taken = set(self.seat_of.values())
        seat = next(str(one["seat"]) for one in agents if one["state"] == "ready" and one["seat"] not in taken)
        self.seat_of[f"taken {seat}"] = seat
        return seat

    async def _are(self, contacts: list[str], stage: str) -> bool:
        found = await self.lab.state()
        return all(contact in found and found[contact]["stage"] == stage for contact in contacts)

    async def _answered(self, contact: str) -> bool:
        legs = (await self.lab.state())[contact]["legs"]
        return len(legs) == 3 and all(leg["answered"] for leg in legs)

    def talking_phones(self) -> set[str]:
        """Those whose sound must not pause: callers who talk, and everybody's phones who are with them."""
        callers = {one for stage in ("talking", "three", "conference") for one in self.at[stage]}
        phones = callers | {seat for contact, seat in self.lab.rang_at() if contact in callers}
        return phones - {*self.at["conference"]}


def run(quick: bool) -> list[Row]:
    wanted = dict.fromkeys(STAGES, 1) if quick else STAGES
    deaths = asyncio.run(_measure(wanted, 1 if quick else 3))
    one = deaths[0]
    said = ", ".join(f"{count} {stage}" for stage, count in sorted(one.stages.items()))
    noted = f"{len(deaths)} deaths; load {median(death.load for death in deaths):.1f}"
    return [
        Row("calls on the line", one.calls, "calls", sum(wanted.values()) + 1, note=said),
        Row("brain at work again", median(death.back_s for death in deaths), "s", note=noted),
        Row("every call at its stage again", median(death.placed_s for death in deaths), "s", 3.0,
            note=f"beside: what is asked; worst {max(death.placed_s for death in deaths):.2f}"),
        Row("calls lost", sum(len(death.lost) for death in deaths), "calls", 0.0),
        Row("calls at another stage", sum(len(death.moved) for death in deaths), "calls", 0.0,
            note="; ".join(sorted({said for death in deaths for said in death.moved})[:3])),
        Row("talking legs with a pause", sum(len(death.cut) for death in deaths), "legs", 0.0,
            note=f"of {sum(death.legs for death in deaths)}; longer than {PAUSE_S:g} s"),
        Row("longest pause of a talking leg", 1000 * max(death.pause_s for death in deaths), "ms",
            1000 * max(death.calm_s for death in deaths), note="beside: as long with nobody killed"),
        Row("queue orders kept", sum(death.in_order for death in deaths), "deaths", len(deaths)),
    ]  # fmt: skip


async def _measure(wanted: dict[str, int], deaths: int) -> list[Death]:
    served = sum(count for stage, count in wanted.items() if stage not in {"menu", "queued", "ringing"})
    agents, slow = served + wanted["consult"] + wanted["three"] + MEMBERS + 2, wanted["ringing"]
    numbers = [str(1001 + index) for index in range(agents + slow + 1)]
    skills = ["order"] * agents + ["slow"] * slow + ["nobody"]
    seats = "\n".join(f"  {seat}: {{skills: {{{skill}: 5}}}}" for seat, skill in zip(numbers, skills, strict=True))
    long = {"rate-us": 120.0, "menu": 110.0, "queued": 0.3, "greeting": 0.2, "thanks": 0.2}
    async with LinesLab(PLAN.replace("{seats}", seats), len(numbers), long, wrap_up_limit_s=600) as lab:
        lab.tell(pick_up=dict.fromkeys(numbers[agents:], -1))
        await lab.ready(numbers[:-1])  # nobody comes to the last seat: who asks for its skill waits
        crowd = Crowd(lab, wanted)
        await crowd.gather()
        return [await _kill(lab, crowd) for _ in range(deaths)]


async def _kill(lab: LinesLab, crowd: Crowd) -> Death:
    before, phones = await lab.state(), crowd.talking_phones()
    lab.tell(listen=True)
    await asyncio.sleep(4.0)
    calm = await lab.heard()
    before = await lab.state()
    lab.tell(listen=True)
    pid = lab.brain()
    if pid is None:
        raise RuntimeError("there is no brain to be killed")
    killed_s = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    back_s, after = 0.0, {}
    while time.monotonic() < killed_s + 20:
        try:
            after = await lab.state(timeout_s=0.3)
        except BusError:
            continue
        back_s = back_s or time.monotonic() - killed_s
        if _places(after) == _places(before):
            break
        await asyncio.sleep(0.02)
    placed_s = time.monotonic() - killed_s
    await asyncio.sleep(max(0.0, 4.0 - placed_s))
    heard = await lab.heard()
    after = await lab.state()
    pauses = {phone: heard[phone][0] if phone in heard else float("inf") for phone in phones}
    return Death(
        back_s=back_s,
        placed_s=placed_s,
        calls=len(before),
        stages=Counter(one["stage"] for one in before.values()),
        lost=[contact for contact in before if contact not in after],
        moved=[
            f"{_said(before[contact])} now {_said(after[contact])}"
            for contact in before
            if contact in after and _place(after[contact]) != _place(before[contact])
        ],
        cut=[phone for phone, pause_s in pauses.items() if pause_s > PAUSE_S],
        legs=len(phones),
        pause_s=max(pauses.values()),
        calm_s=max(calm[phone][0] for phone in phones),
        in_order=_in_order(before, after),
    )


def _places(found: dict[str, dict[str, Any]]) -> dict[str, Place]:
    return {contact: _place(one) for contact, one in found.items()}


def _place(one: dict[str, Any]) -> Place:
    """Its stage, and who is where, muted or not."""
    return one["stage"], frozenset((leg["leg"], leg["place"], leg["muted"]) for leg in one["legs"])


def _said(one: dict[str, Any]) -> str:
    return " ".join([one["stage"], *sorted(f"{leg['leg']}:{leg['place']}" for leg in one["legs"])])


def _in_order(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> bool:
    """Whether nobody waits behind whom it was clearly in front of (times are told in tenths of a second)."""
    waiting = [contact for contact, one in before.items() if one["stage"] == "queued"]
    return not any(
        before[first]["since_queued_s"] > before[then]["since_queued_s"] + 0.1
        and after[first]["since_queued_s"] < after[then]["since_queued_s"]
        for first in waiting
        for then in waiting
        if first in after and then in after
    )


BENCH = Bench("deaths", run, "the brain killed with 50 calls in every stage")
