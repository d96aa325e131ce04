"""A database as after years of classes: 100,000 customers, 1,000,000 calls, and what is written down of them.

Rows are made from a seed and inserted by the thousand, so that filling takes minutes and not hours; customers'
search terms go through the same code as always. Fifty students in two classes, the supervisor of the first of these,
and an administrator; two hundred lessons. The newest call is one minute old, each was half a minute after the one
before.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from datasets.people import draw_person
from lab_server.desk import example
from lab_server.desk.crm import fields
from lab_server.desk.users import ensure_seats, ensure_user, sit_down
from lab_server.ids import new_id
from lab_server.store import search
from lab_server.store.engine import writing
from lab_server.store.tables import ColleagueMessage, Customer, Klass, KlassMember, LabSession, Site, User
from telephony.clock import SystemClock

AGENTS, CLASSES, LESSONS = 50, 2, 200
SITE = "Bench"
_SOME = 50  # each so many-th call has a ticket, another one an order
_BATCH = 20_000


@dataclass(frozen=True)
class Full:
    """What is in it. `customers`: their ids, in the order of their numbers, which are `number_of` their place."""

    site: str
    students: list[User]
    supervisor: User
    admin: User
    customers: list[str]


class At(SystemClock):
    """A clock that stands still."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def utc(self) -> datetime:
        return self._now


def number_of(place: int) -> str:
    """As it is dialled."""
    return f"163{place:08d}"


def fill(engine: Engine, customers: int, calls: int, now: datetime) -> Full:
    """Into tables that are there and empty."""
    site, students, supervisor, admin, classes, lessons = _people(engine, now)
    ids = _customers(engine, site, customers, now)
    _calls(engine, site, students, ids, calls, now, classes, lessons)
    _messages(engine, site, [*students, supervisor], now)
    with writing(engine) as session:
        session.execute(text("ANALYZE"))
    return Full(site, students, supervisor, admin, ids)


def _people(engine: Engine, now: datetime) -> tuple[str, list[User], User, User, list[str], list[str]]:
    clock = At(now)
    with writing(engine) as session:
        site = Site(name=SITE, time_zone="Asia/Shanghai", language="zh-CN", virtual_prefixes=["163"])
        session.add(site)
        session.flush()
        seats = tuple(str(1001 + at) for at in range(AGENTS))
        ensure_seats(session, site.id, seats)
        users = [
            ensure_user(session, clock, site_id=site.id, login=f"s{seat}", name=seat, role="student") for seat in seats
        ]
        for user, seat in zip(users, seats, strict=True):
            sit_down(session, user, seat)
        admin = ensure_user(session, clock, site_id=site.id, login="boss", name="Boss", role="admin")
        supervisor = ensure_user(session, clock, site_id=site.id, login="super", name="班长", role="supervisor")
        example.fill(session, clock, admin)
        classes = [Klass(site_id=site.id, name=f"客服 {at + 1} 班") for at in range(CLASSES)]
        session.add_all(classes)
        session.flush()
        for at, user in [*enumerate(users), (0, supervisor)]:
            session.add(KlassMember(site_id=site.id, klass_id=classes[at % CLASSES].id, user_id=user.id, joined_at=now))
        lessons = [
            LabSession(
                site_id=site.id, klass_id=classes[at % CLASSES].id, name=f"第 {at + 1} 课", seed=at, language="zh-CN",
                status="ended", plan={"calls": 5000}, created_at=now - timedelta(days=LESSONS - at),
                ended_at=now - timedelta(days=LESSONS - at, hours=-1),
            )
            for at in range(LESSONS)
        ]  # fmt: skip
        session.add_all(lessons)
        session.flush()
        return site.id, users, supervisor, admin, [one.id for one in classes], [one.id for one in lessons]


def _customers(engine: Engine, site: str, count: int, now: datetime) -> list[str]:
    rng, ids = random.Random(7), list[str]()
    for begin in range(0, count, 5000):
        with writing(engine) as session:
            rows = [_customer(rng, site, at, now) for at in range(begin, min(begin + 5000, count))]
            session.add_all(rows)
            session.flush()
            for row in rows:
                search.put(session, fields.KIND, row.id, fields.realm("training"), fields.terms(row, []))
            ids += [row.id for row in rows]
    return ids


def _customer(rng: random.Random, site: str, at: int, now: datetime) -> Customer:
    person, made, number = draw_person(rng, "zh-CN"), now - timedelta(minutes=at), number_of(at)
    return Customer(
        id=new_id(), site_id=site, mode="training", number=f"+86{number}", dialled=number, is_virtual=True,
        name=person.name, address=person.address.text, salutation=person.gender, created_at=made, updated_at=made,
    )  # fmt: skip


def _calls(
    engine: Engine,
    site: str,
    students: list[User],
    ids: list[str],
    count: int,
    now: datetime,
    classes: list[str],
    lessons: list[str],
) -> None:
    """Ten calls a customer, each answered by the next agent."""
    for begin in range(0, count, _BATCH):
        rows: list[dict[str, Any]] = []
        for at in range(begin, min(begin + _BATCH, count)):
            place = (at * 7 + at // AGENTS) % AGENTS
            began = (now - timedelta(minutes=1 + (count - 1 - at) * 0.5)).replace(tzinfo=None)
            lesson = at * len(lessons) // count // CLASSES * CLASSES + place % CLASSES
            rows.append(
                {
                    "at": began, "end": began + timedelta(seconds=90), "number": f"+86{number_of(at % len(ids))}",
                    "id": f"01C{at:023d}", "leg": f"01A{at:023d}", "ticket": f"01T{at:023d}", "order": f"01D{at:023d}",
                    "item": f"01E{at:023d}", "back": f"01B{at:023d}", "site": site, "customer": ids[at % len(ids)],
                    "user": students[place].id, "seat": students[place].name, "class": classes[place % CLASSES],
                    "lesson": lessons[lesson], "answered": None if at % 20 == 19 else began,
                    "outcome": "no_answer" if at % 20 == 19 else "served",
                    "closed": "closed" if at % 500 else "assigned", "came": "delivered" if at % 500 else "placed",
                    "waits": "waiting" if count - at <= 15_000 else "done", "due": began + timedelta(hours=8),
                }
            )  # fmt: skip
        with writing(engine) as session:
            connection = session.connection()
            connection.execute(text(_CONTACT), rows)
            connection.execute(text(_LEG), rows)
            for statements, some in (
                ((_TICKET,), _each(rows, begin, 0)), ((_ORDER, _ITEM), _each(rows, begin, 7)),
                ((_CALLBACK,), [one for one in _each(rows, begin, 19) if one["answered"] is None]),
            ):  # fmt: skip
                for statement in statements:
                    if some:
                        connection.execute(text(statement), some)


def _each(rows: Iterable[dict[str, Any]], begin: int, remainder: int) -> list[dict[str, Any]]:
    return [one for at, one in enumerate(rows, begin) if at % _SOME == remainder]


def _messages(engine: Engine, site: str, people: list[User], now: datetime) -> None:
    """Four hundred to each, the newest two of them not read yet."""
    rng = random.Random(3)
    with writing(engine) as session:
        for user in people:
            others = [one for one in people if one.id != user.id]
            for at in range(400):
                sent = now - timedelta(hours=400 - at)
                session.add(
                    ColleagueMessage(
                        site_id=site, sender_id=rng.choice(others).id, recipient_id=user.id, text="退款单我已经改好了",
                        idempotency_key=new_id(), sent_at=sent, read_at=sent if at < 398 else None,
                    )
                )  # fmt: skip


_CONTACT = (
    "INSERT INTO contact (id, site_id, klass_id, session_id, mode, direction, is_virtual, trunk, customer_id,"
    " caller_dialled, caller_e164, called_dialled, called_e164, customer_number, queue, menu_path, stage, outcome,"
    " ended_by, cause, offered_at, answered_at, ended_at, wrapped_at, hold_s, rating) VALUES (:id, :site, :class,"
    " :lesson, 'training', 'in', 1, 'lab', :customer, :number, :number, '95500', '', :number, 'complaint', '', 'ended',"
    " :outcome, 'caller', '', :at, :answered, :end, :end, 0, 5)"
)
_LEG = (
    "INSERT INTO leg (id, site_id, contact_id, name, role, number, seat, user_id, channel, started_at, answered_at,"
    " ended_at, wrapped_at, cause, recording, offset_s) VALUES (:leg, :site, :id, 'agent-1', 'agent', :seat, :seat,"
    " :user, '', :at, :answered, :end, :end, '', '', 0)"
)
_TICKET = (
    "INSERT INTO ticket (id, site_id, klass_id, mode, contact_id, customer_id, user_id, state, fields, created_at,"
    " updated_at, kind, urgency, title, text, assignee_id, due_at, version) VALUES (:ticket, :site, :class, 'training',"
    " :id, :customer, :user, :closed, '{}', :at, :at, 'fault', 'normal', '电压力锅漏气', '', :user, :due, 1)"
)
_ORDER = (
    'INSERT INTO "order" (id, site_id, klass_id, mode, contact_id, customer_id, user_id, state, fields, total_cents,'
    " created_at, updated_at, payment, delivery, tracking, version) VALUES (:order, :site, :class, 'training', :id,"
    " :customer, :user, :came, '{}', 29900, :at, :at, 'cod', '{}', '', 1)"
)
_ITEM = (
    "INSERT INTO order_item (id, order_id, position, product, quantity, price_cents)"
    " VALUES (:item, :order, 1, '电压力锅', 1, 29900)"
)
_CALLBACK = (
    "INSERT INTO callback (id, site_id, klass_id, mode, contact_id, customer_id, number, dialled, queue, priority,"
    " wants, since, due, next_try_at, state, tries, last_result, seat, created_at, changed_at) VALUES (:back, :site,"
    " :class, 'training', :id, :customer, :number, :number, 'complaint', 0, '{}', :at, :at, :at, :waits, 0, '', '',"
    " :at, :at)"
)
