"""A desk's page queries with 100,000 customers and 1,000,000 calls in one SQLite file, one after the other.

Every figure is a service call as a page makes it, in a transaction of its own, by a student who has had a fiftieth of
the calls; each call asks for another customer. The pages themselves are measured by `bench.pages`.
"""

import random
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session, select

from bench.harness import Bench, Row
from bench.served.full import At, Full, fill
from lab_server.desk import drafts, pop
from lab_server.desk.crm import finding, records
from lab_server.desk.day import board
from lab_server.desk.desk import Desk
from lab_server.desk.knowledge import articles
from lab_server.desk.ticketing import work
from lab_server.ids import new_id
from lab_server.store.engine import open_engine, reading, writing
from lab_server.store.migrate import upgrade
from lab_server.store.tables import Contact, Customer, Leg, Ticket, User

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def run(quick: bool) -> list[Row]:
    """Fill, then measure."""
    customers, calls, rounds = (500, 5_000, 10) if quick else (100_000, 1_000_000, 200)
    with tempfile.TemporaryDirectory(prefix="ring-desk-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'desk.sqlite'}")
        upgrade(engine)
        began = time.monotonic()
        full = fill(engine, customers, calls, NOW)
        filled_s = time.monotonic() - began
        rows = _measured(engine, full, rounds)
        megabytes = sum(one.stat().st_size for one in Path(folder).iterdir()) / 1e6
        engine.dispose()
    return [
        Row("filled", filled_s, "s", note=f"{customers:,} customers, {calls:,} calls, {megabytes:,.0f} MB"),
        *rows,
    ]


def _measured(engine: Engine, full: Full, rounds: int) -> list[Row]:
    student, boss, ids, rng = full.students[0], full.admin, full.customers, random.Random(1)
    with reading(engine) as session:
        mine = list(session.exec(select(Leg.contact_id).where(Leg.user_id == student.id).limit(20_000)))
        owned = [session.get_one(Contact, one).customer_id or "" for one in rng.sample(mine, min(len(mine), 300))]
        queries = [_query(rng, session.get_one(Customer, one)) for one in rng.sample(ids, min(len(ids), 300))]
        tickets = list(session.exec(select(Ticket.id).where(Ticket.user_id == student.id).limit(200)))

    def pick(among: list[str]) -> str:
        return rng.choice(among)

    reads: dict[str, tuple[User, Callable[[Desk], object]]] = {
        "screen pop": (student, lambda desk: pop.pop(desk, pick(mine), "zh-CN")),
        "search customers, of all": (boss, lambda desk: finding.search_customers(desk, "training", pick(queries))),
        "search customers, one letter": (boss, lambda desk: finding.search_customers(desk, "training", "w")),
        "search customers, a student's own": (
            student,
            lambda desk: finding.search_customers(desk, "training", pick(queries)),
        ),
        "a customer's record": (student, lambda desk: records.read(desk, pick(owned))),
        "the day": (student, lambda desk: board.today(desk, "training")),
        "my calls": (student, lambda desk: board.calls(desk, most=50)),
        "my tickets": (student, lambda desk: work.pile(desk, "training", "mine")),
        "all overdue tickets": (boss, lambda desk: work.pile(desk, "training", "overdue")),
        "a ticket": (student, lambda desk: work.read(desk, pick(tickets))),
        "search articles": (student, lambda desk: articles.find(desk, "退款多久到账")),
    }
    writes: dict[str, tuple[User, Callable[[Desk], object]]] = {
        "save a field as typed": (
            student,
            lambda desk: drafts.save_draft(desk, pick(mine), "ticket", "note", new_id(), NOW),
        ),
        "edit a customer": (
            boss,
            lambda desk: records.edit(desk, one := pick(owned), {"note": new_id()}, records.read(desk, one).versions),
        ),
    }
    found = [_timed(engine, name, reading, *one, rounds) for name, one in reads.items()]
    return found + [_timed(engine, name, writing, *one, rounds) for name, one in writes.items()]


def _query(rng: random.Random, row: Customer) -> str:
    return rng.choice([row.name, row.name[:2], row.number[-4:], row.dialled, row.address[:9]])


def _timed(
    engine: Engine,
    name: str,
    opened: Callable[[Engine], AbstractContextManager[Session]],
    actor: User,
    work_: Callable[[Desk], object],
    rounds: int,
) -> Row:
    took_ms, cpu_ms, clock = list[float](), list[float](), At(NOW)
    for at in range(rounds + 3):
        began, cpu_began = time.perf_counter(), time.process_time()
        with opened(engine) as session:
            work_(Desk(session, clock, actor))
        if at >= 3:  # the first load tables and dictionaries
            took_ms.append((time.perf_counter() - began) * 1000)
            cpu_ms.append((time.process_time() - cpu_began) * 1000)
    note = f"median {np.median(took_ms):.1f}, worst {max(took_ms):.1f}; own CPU p95 {np.percentile(cpu_ms, 95):.1f}"
    return Row(f"{name}, p95", float(np.percentile(took_ms, 95)), "ms", note=note)


BENCH = Bench("desk", run, "page queries with 100,000 customers and 1,000,000 calls (limit: p95 under 50 ms)")
