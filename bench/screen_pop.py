"""From the INVITE at the agent's phone to the caller's name in the page, with fifty agents signed in.

A whole Ringside. Two agents have the desk open in a real Chromium and a desk phone beside it, which is nothing but a
socket, whose kernel dates each INVITE; the page dates the moment when the caller's name stands in it, by the same clock
of the same machine. The other forty-eight are signed on, on a break, and hear the floor's events. Callers come one by
one, each a customer who is known, to whichever of the two is free.
"""

import asyncio
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from selenium.webdriver import Chrome
from sqlalchemy import Engine

from bench.harness import Bench, Row
from bench.lines.lab import LinesLab
from bench.ring import PLAN
from bench.served.chromium import chromium
from bench.served.full import number_of
from bench.served.streams import streams
from bench.served.web import Browser, signed_in
from lab_server.desk.users import ensure_user, sit_down
from lab_server.ids import new_id
from lab_server.store.engine import open_engine, writing
from lab_server.store.tables import Customer, User
from telephony.clock import SystemClock

ROBOTS, PEOPLE, MEASURED = 48, 2, 100
EVERY_S, ANSWERS_AFTER_S, STAYS_S = 1.2, 0.5, 1.6
"""A caller comes so often; is answered so long after the phone rings; hangs up so long after that."""
WARM = 4

_WATCH = """
const shown = window.shown = {}, told = window.told = {}, now = () => performance.timeOrigin + performance.now();
document.getElementById("desk").ringside.floor.addEventListener("contact", ({ detail }) => {
  told[detail.contact] ??= now();
});
new MutationObserver(() => {
  const article = document.querySelector("#pop article"), name = article?.querySelector(".caller h1")?.textContent;
  if (name) shown[article.dataset.contact] ??= [now(), name.trim()];
}).observe(document.body, { childList: true, subtree: true });
"""


def run(quick: bool) -> list[Row]:
    robots, measured = (6, 4) if quick else (ROBOTS, MEASURED)
    pops, news, load = asyncio.run(_measure(robots, measured))
    rows = []
    for share in (50, 95):
        note = f"{len(pops)} calls, worst {max(pops):.0f}; load {load:.1f}" if share == 95 else ""
        rows.append(
            Row(f"INVITE to the name in the page, p{share}", float(np.percentile(pops, share)), "ms", note=note)
        )
    return rows + [
        Row(f"INVITE to the news in the page, p{share}", float(np.percentile(news, share)), "ms") for share in (50, 95)
    ]


async def _measure(robots: int, measured: int) -> tuple[list[float], list[float], float]:
    """Milliseconds until the name is there, until the page has heard of the call, and the load."""
    async with LinesLab(PLAN, robots + PEOPLE, {"queued": 0.2, "greeting": 0.2}, web=True) as lab:
        engine = open_engine(lab.settings.database)
        users = _people(engine, lab)
        names = _customers(engine, lab.site, WARM + measured)
        await lab.rows_changed()
        seats = lab.settings.seat_numbers
        people, cookies = seats[robots:], [signed_in(engine, lab.settings, user) for user in users]
        await lab.until(lambda: _answers(lab.settings.web_port), 60, "the web process answers")
        for seat in seats[:robots]:
            await lab.do({"do": "set_agent", "seat": seat, "state": "signed_on"})
            await lab.do({"do": "set_agent", "seat": seat, "state": "not_ready"})
        lab.tell(pick_up=dict.fromkeys(people, ANSWERS_AFTER_S))
        with ExitStack() as stack:
            stack.callback(engine.dispose)
            folder = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="ring-pop-", ignore_cleanup_errors=True))
            )
            stack.enter_context(streams(lab.settings.web_port, "/api/v1/floor/events", cookies[:robots]))
            pages = [
                await asyncio.to_thread(_desk, stack, folder / seat, lab.settings.web_port, cookie)
                for seat, cookie in zip(people, cookies[robots:], strict=True)
            ]
            await lab.ready(people)
            asked, loads = dict[str, str](), list[float]()
            for number, name in names.items():
                asked[lab.dial("95000", stay_s=STAYS_S, caller=number)] = name
                await asyncio.sleep(EVERY_S)
                loads.append(os.getloadavg()[0])
            await lab.until_async(lambda: _nobody_rings(lab), 30, "all calls are over")
            await asyncio.sleep(1.0)
            shown, told = await asyncio.to_thread(_seen, pages)
        rang = {contact: at for (contact, _), at in lab.rang_at().items()}
        wanted = list(asked)[WARM:]
        if wrong := [one for one in wanted if one not in rang or shown.get(one, (0, ""))[1] != asked[one]]:
            first = wrong[0]
            raise RuntimeError(
                f"of {len(wrong)} of {len(wanted)} calls the name was not seen: {first} rang: {first in rang}, news:"
                f" {first in told}, shown: {shown.get(first)}, expected: {asked[first]}"
            )
        pops = [shown[one][0] - 1000 * rang[one] for one in wanted]
        return pops, [told[one] - 1000 * rang[one] for one in wanted if one in told], float(np.median(loads))


def _people(engine: Engine, lab: LinesLab) -> list[User]:
    users = []
    with writing(engine) as session:
        for seat in lab.settings.seat_numbers:
            user = ensure_user(
                session, SystemClock(), site_id=lab.site, login=f"bench{seat}", name=seat, role="student"
            )  # fmt: skip
            sit_down(session, user, seat)
            users.append(user)
    return users


def _customers(engine: Engine, site: str, count: int) -> dict[str, str]:
    """Number as it is dialled → name."""
    now, found = SystemClock().utc(), dict[str, str]()
    with writing(engine) as session:
        for at in range(count):
            number, name = number_of(at), f"王小明{at}"
            found[number] = name
            session.add(
                Customer(
                    id=new_id(), site_id=site, mode="training", number=f"+86{number}", dialled=number, is_virtual=True,
                    name=name, created_at=now, updated_at=now,
                )
            )  # fmt: skip
    return found


def _answers(port: int) -> bool:
    browser = Browser(port, "")
    try:
        browser.get("/healthz")
    except OSError:
        return False
    finally:
        browser.close()
    return True


def _desk(stack: ExitStack, profile: Path, port: int, cookie: str) -> Chrome:
    """A browser with the desk open, beside a desk phone."""
    driver = stack.enter_context(chromium(profile))
    name, _, value = cookie.partition("=")
    driver.get(f"http://localhost:{port}/signin")
    driver.add_cookie({"name": name, "value": value, "path": "/"})
    driver.execute_script(
        "localStorage.setItem('ringside.desk_phone', '1'); localStorage.setItem('ringside.pause', '0')"
    )
    driver.get(f"http://localhost:{port}/desk")
    driver.execute_script(_WATCH)
    return driver


def _seen(pages: list[Chrome]) -> tuple[dict[str, tuple[float, str]], dict[str, float]]:
    """Contact → when its name stood in a page and which; contact → when a page heard of it."""
    shown, told = dict[str, tuple[float, str]](), dict[str, float]()
    for page in pages:
        found: Any = page.execute_script("return [window.shown, window.told]")
        shown |= {contact: (at, name) for contact, (at, name) in found[0].items()}
        told |= found[1]
    return shown, told


async def _nobody_rings(lab: LinesLab) -> bool:
    return not await lab.state()


BENCH = Bench("screen_pop", run, "the phone rings, and who it is stands in the page (limit: p95 under 150 ms)")
