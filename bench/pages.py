"""Every main page through the web process on loopback, with 100,000 customers and 1,000,000 calls in SQLite.

The web process is the real one; a browser's part is one connection that is kept. The pages are asked for in turns, a
student's and a supervisor's, each time for another customer, call or word; beside each turn an application of one empty
page is asked. The floor stands still: fifty agents on a break.
"""

import itertools
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import numpy as np
from pypinyin import lazy_pinyin
from sqlalchemy import Engine
from sqlmodel import select

from bench.floor import free_ports
from bench.harness import Bench, Row
from bench.served.floor import still_floor
from bench.served.full import SITE, Full, fill, number_of
from bench.served.web import Browser, empty, served, signed_in
from lab_server.config import Settings, load
from lab_server.store.engine import open_engine, reading
from lab_server.store.migrate import upgrade
from lab_server.store.tables import Article, Contact, Customer, Leg, Order, Ticket, User
from telephony.clock import SystemClock

WARM = 3
"""So many of each page are asked for first: templates are compiled, dictionaries read."""


@dataclass
class Page:
    """`path` gives another address each time. `part`: as htmx asks for it."""

    name: str
    path: Callable[[], str]
    part: bool = False
    took_ms: list[float] = field(default_factory=list)
    bytes: int = 0


def run(quick: bool) -> list[Row]:
    """Fill, then measure."""
    customers, calls, rounds = (500, 5_000, 5) if quick else (100_000, 1_000_000, 100)
    with tempfile.TemporaryDirectory(prefix="ring-pages-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'lab.sqlite'}")
        upgrade(engine)
        full = fill(engine, customers, calls, SystemClock().utc())
        try:
            return measure(engine, settings_in(Path(folder)), full, rounds)
        finally:
            engine.dispose()


def settings_in(folder: Path) -> Settings:
    """Of a web process on the database in that folder."""
    (port,) = free_ports(1)
    return load(
        var=folder / "var", database_url=f"sqlite:///{folder / 'lab.sqlite'}", web_port=port, site_name=SITE, seats=50,
        bus=f"ipc://{folder}/bus",
    )  # fmt: skip


def measure(engine: Engine, settings: Settings, full: Full, rounds: int) -> list[Row]:
    """Each page p50 and p95, beside the empty one's."""
    users = {"student": full.students[0], "supervisor": full.supervisor}
    beside, loads = list[float](), list[float]()
    with ExitStack() as stack:
        stack.enter_context(still_floor(settings.bus_address))
        web, bare = stack.enter_context(served(settings)), stack.enter_context(empty()).browser()
        asked = [
            (web.browser(signed_in(engine, settings, user)), page)
            for who, user in users.items()
            for page in pages(engine, full, who, user)
        ]
        for at in range(rounds + WARM):
            for browser, page in asked:
                took_s, body = _asked(browser, page)
                bare_s, _ = bare.get("/")
                if at >= WARM:
                    page.took_ms.append(1000 * took_s)
                    page.bytes = len(body)
                    beside.append(1000 * bare_s)
            loads.append(os.getloadavg()[0])
    return _rows([page for _, page in asked], beside, float(np.median(loads)))


def _asked(browser: Browser, page: Page) -> tuple[float, bytes]:
    return browser.get(page.path(), part=page.part)


def _rows(found: list[Page], beside: list[float], load: float) -> list[Row]:
    reference = float(np.percentile(beside, 95))
    rows = [Row("an empty page, p95", reference, "ms", note=f"median {np.median(beside):.1f}; load {load:.1f}")]
    for page in found:
        value = float(np.percentile(page.took_ms, 95))
        note = f"median {np.median(page.took_ms):.1f}, worst {max(page.took_ms):.1f}; {page.bytes / 1000:.0f} kB"
        rows.append(Row(f"{page.name}, p95", value, "ms", reference, value / reference, note))
    return rows


def pages(engine: Engine, full: Full, who: str, user: User) -> list[Page]:
    """What a student sees, or a supervisor: both of the first class."""
    rng = random.Random(1)
    student = full.students[0]  # the supervisor looks at a student's calls and customers
    with reading(engine) as session:
        served_ = select(Contact).join(Leg, Contact.id == Leg.contact_id).where(Leg.user_id == student.id)  # type: ignore[arg-type]
        calls = list(session.exec(served_.order_by(Contact.id.desc()).limit(300)))  # type: ignore[attr-defined]
        customers = [session.get_one(Customer, call.customer_id) for call in calls]
        tickets = list(session.exec(select(Ticket.id).where(Ticket.user_id == student.id).limit(200)))
        orders = list(session.exec(select(Order.id).where(Order.user_id == student.id).limit(200)))
        articles = list(session.exec(select(Article.id).limit(50)))
    colleagues = [one.id for one in full.students[2::2]]

    def each(path: str, values: list[str]) -> Callable[[], str]:
        turns: Iterator[str] = itertools.cycle(rng.sample(values, len(values)))
        return lambda: path + quote(next(turns))

    def always(path: str) -> Callable[[], str]:
        return lambda: path

    days = [(call.offered_at + timedelta(hours=8)).date().isoformat() for call in calls]
    names = [one.name for one in customers]
    pinyin = ["".join(lazy_pinyin(name)) for name in names]
    numbers = [number_of(rng.randrange(len(full.customers)))[-4:] for _ in range(300)]
    found = [
        Page("start", always("/")),
        Page("customers, newest", always("/customers")),
        Page("customers by number", each("/customers?q=", numbers)),
        Page("customers by name", each("/customers?q=", names)),
        Page("customers by pinyin", each("/customers?q=", pinyin)),
        Page("customers by pinyin, as one types", each("/customers?q=", [one[:4] for one in pinyin]), part=True),
        Page("a customer", each("/customers/", [one.id for one in customers])),
        Page("tickets", always("/tickets")),
        Page("tickets, all", always("/tickets?pile=all")),
        Page("tickets, overdue", always("/tickets?pile=overdue")),
        Page("tickets with a word", always("/tickets?pile=all&q=" + quote("漏气"))),
        Page("a ticket", each("/tickets/", tickets)),
        Page("orders", always("/orders")),
        Page("orders, all", always("/orders?pile=all")),
        Page("an order", each("/orders/", orders)),
        Page("knowledge", always("/knowledge")),
        Page("knowledge, searched", each("/knowledge?q=", ["退款多久到账", "漏气", "发票", "会员"])),
        *([Page("an article", each("/knowledge/", articles))] if articles else []),
        Page("call-backs", always("/callbacks")),
        Page("messages", always("/messages")),
        Page("messages with one", each("/messages/", colleagues)),
    ]
    if user.role == "student":
        contacts = [call.id for call in calls]
        found += [
            Page("desk", always("/desk?contact=none")),
            Page("desk with a pop", each("/desk?contact=", contacts)),
            Page("pop alone", each("/desk?part=pop&contact=", contacts), part=True),
            Page("my day", always("/day")),
            Page("my day, of one day", each("/day?on=", days)),
            Page("my day, missed", always("/day?kind=missed&way=in&queue=complaint")),
            Page("my day, a name", each("/day?q=", names)),
            Page("my day, a number", each("/day?q=", numbers)),
        ]
    else:
        found += [Page("classes", always("/classes"))]
    return [Page(f"{who}: {one.name}", one.path, one.part) for one in found]


BENCH = Bench("pages", run, "pages with 100,000 customers and 1,000,000 calls (limit: p95 under 50 ms)")
