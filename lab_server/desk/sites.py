"""The site this installation is for."""

from sqlmodel import Session, select

from lab_server.config import Settings
from lab_server.desk.users import ensure_seats, ensure_user
from lab_server.store.tables import Site
from telephony.clock import Clock


def site_id(session: Session, settings: Settings) -> str | None:
    """The id of the settings' site, None before it has been made."""
    return session.exec(select(Site.id).where(Site.name == settings.site_name)).first()


def ensure_site(session: Session, clock: Clock, settings: Settings) -> Site:
    """The site of the settings' name, with its seats and an admin nobody can log in as yet; brought up to date."""
    site = session.exec(select(Site).where(Site.name == settings.site_name)).first()
    if site is None:
        site = Site(name=settings.site_name, time_zone="", language="", virtual_prefixes=[])
        session.add(site)
    site.time_zone, site.language = settings.time_zone, settings.language
    site.virtual_prefixes = list(settings.number_prefixes)
    session.flush()
    ensure_seats(session, site.id, settings.seat_numbers)
    ensure_user(session, clock, site_id=site.id, login="admin", name="admin", role="admin")
    return site
