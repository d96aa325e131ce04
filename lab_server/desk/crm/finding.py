"""Searching customers by name (characters or pinyin), any part of a number from its end, address, or member number."""

from sqlmodel import col, select

from lab_server.desk import members
from lab_server.desk.crm import fields, within
from lab_server.desk.desk import Desk
from lab_server.desk.rights import Right
from lab_server.desk.search.words import asked
from lab_server.store import search
from lab_server.store.tables import Customer, Mode
from scenarios.facts import Frozen

MOST = 50


class CustomerLine(Frozen):
    """One line of a list."""

    id: str
    number: str
    name: str
    address: str
    is_vip: bool


class Found(Frozen):
    """The newest that fit; `more`: there are others, so that the query should say more."""

    lines: tuple[CustomerLine, ...]
    more: bool = False


def search_customers(desk: Desk, mode: Mode, query: str, *, most: int = 20) -> Found:
    """Those with every word of `query`, the newest first; without one those changed last. Never raises for a query."""
    desk.check(Right.CUSTOMER_READ, own=True)
    most = max(1, min(most, MOST))
    own = within.own_ids(desk, mode)
    terms = asked(query)
    if not terms:
        return Found(lines=()) if query.strip() else _newest(desk, mode, own, most)
    realm = fields.realm(mode)
    if own is None:
        ids = search.find(desk.session, fields.KIND, realm, terms, most=most + 1)
    else:
        ids = search.find_among(desk.session, fields.KIND, realm, terms, sorted(own), most=most + 1)
    ids = list(dict.fromkeys([*_member(desk, mode, query, own), *ids]))
    return Found(lines=_lines(desk, ids[:most]), more=len(ids) > most)


def _member(desk: Desk, mode: Mode, query: str, own: set[str] | None) -> list[str]:
    """Whose member number it is, spelled as a whole."""
    number = query.strip()
    if not (number.isascii() and number.isdigit() and len(number) <= 20):
        return []
    found = members.find(desk.session, desk.actor.site_id, mode, number)
    return [found.customer_id] if found is not None and (own is None or found.customer_id in own) else []


def _newest(desk: Desk, mode: Mode, own: set[str] | None, most: int) -> Found:
    rows = select(Customer).where(
        Customer.site_id == desk.actor.site_id,
        Customer.mode == mode,
        col(Customer.deleted_at).is_(None),
        col(Customer.merged_into).is_(None),
    )
    if own is not None:
        rows = rows.where(col(Customer.id).in_(sorted(own)[-900:]))
    found = desk.session.exec(rows.order_by(col(Customer.updated_at).desc()).limit(most + 1)).all()
    return Found(lines=tuple(_line(row) for row in found[:most]), more=len(found) > most)


def _lines(desk: Desk, ids: list[str]) -> tuple[CustomerLine, ...]:
    rows = select(Customer).where(col(Customer.id).in_(ids), Customer.site_id == desk.actor.site_id)
    by_id = {row.id: row for row in desk.session.exec(rows)}
    return tuple(_line(by_id[one]) for one in ids if one in by_id)


def _line(row: Customer) -> CustomerLine:
    return CustomerLine(
        id=row.id, number=row.dialled or row.number, name=row.name, address=row.address, is_vip=row.is_vip
    )
