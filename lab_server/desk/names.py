"""What pages show in place of ids: the names of users and customers."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from lab_server.store.tables import Customer, User


def users(session: Session, site_id: str, ids: Iterable[str | None]) -> dict[str, str]:
    """User id → name, for those of the site."""
    wanted = {one for one in ids if one is not None}
    rows = select(User.id, User.name).where(User.site_id == site_id, col(User.id).in_(wanted))
    return dict(session.exec(rows).all()) if wanted else {}


def customers(session: Session, site_id: str, ids: Iterable[str | None]) -> dict[str, str]:
    """Customer id → name, or the number of who has none."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    rows = select(Customer).where(Customer.site_id == site_id, col(Customer.id).in_(wanted))
    return {row.id: row.name or row.dialled or row.number for row in session.exec(rows)}
