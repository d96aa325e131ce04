"""One user's work at the desk, within one transaction."""

from dataclasses import dataclass

from sqlmodel import Session

from lab_server.store.tables import User
from telephony.clock import Clock


@dataclass(frozen=True)
class Desk:
    """Who works, on which session, by which clock."""

    session: Session
    clock: Clock
    actor: User
