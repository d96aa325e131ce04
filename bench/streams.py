"""What fifty browsers cost that hear the floor's events while nothing happens.

Fifty students are signed in, each with a stream of events open; the floor stands still. Read is the CPU time of the web
process over a minute, before they come and while they are there. Beside it, in the same minute, FastAPI with fifty
streams that hold nothing.
"""

import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench.harness import Bench, Row
from bench.pages import settings_in
from bench.served.floor import still_floor
from bench.served.full import fill
from bench.served.streams import streams
from bench.served.web import Web, empty, served, signed_in
from lab_server.store.engine import open_engine
from lab_server.store.migrate import upgrade
from telephony.clock import SystemClock

SETTLES_S, WATCH_S = 5.0, 60.0


def run(quick: bool) -> list[Row]:
    """Without streams, then with fifty."""
    watch_s = 3.0 if quick else WATCH_S
    with tempfile.TemporaryDirectory(prefix="ring-streams-") as folder, ExitStack() as stack:
        settings, engine = settings_in(Path(folder)), open_engine(f"sqlite:///{Path(folder) / 'lab.sqlite'}")
        stack.callback(engine.dispose)
        upgrade(engine)
        full = fill(engine, 100, 1000, SystemClock().utc())
        stack.enter_context(still_floor(settings.bus_address))
        web, bare = stack.enter_context(served(settings)), stack.enter_context(empty())
        cookies = [signed_in(engine, settings, user) for user in full.students]
        alone, bare_alone = _shares(web, bare, watch_s)
        ours = stack.enter_context(streams(web.port, "/api/v1/floor/events", cookies))
        theirs = stack.enter_context(streams(bare.port, "/events", cookies))
        share, bare_share = _shares(web, bare, watch_s)
        if ours.over or theirs.over:
            raise RuntimeError(f"{ours.over} and {theirs.over} of {len(cookies)} streams ended")
    note = f"load {os.getloadavg()[0]:.1f}; {sum(ours.heard) / len(ours.heard):.0f} bytes each"
    return [
        Row("web process, nobody there", alone, "% of a core", bare_alone, alone / bare_alone if bare_alone else None),
        Row(
            f"web process, {len(cookies)} streams idle", share, "% of a core", bare_share,
            share / bare_share if bare_share else None, note,
        ),
    ]  # fmt: skip


def _shares(web: Web, bare: Web, watch_s: float) -> tuple[float, float]:
    """Of a core, in per cent: ours and theirs."""
    time.sleep(min(SETTLES_S, watch_s))
    before, began_s = (web.cpu_s(), bare.cpu_s()), time.monotonic()
    time.sleep(watch_s)
    took_s = time.monotonic() - began_s
    return 100 * (web.cpu_s() - before[0]) / took_s, 100 * (bare.cpu_s() - before[1]) / took_s


BENCH = Bench("streams", run, "fifty event streams while nothing happens (limit: under 5 % of a core)")
