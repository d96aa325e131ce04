"""One user's work at the desk, within one transaction."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from lab_server.store.tables import Contact, User
from telephony.clock import Clock


@dataclass(frozen=True)
class Desk:
    """Who works, on which session, by which clock."""

    session: Session
    clock: Clock
    actor: User

    def scope(self, contact: Contact) -> dict[str, Any]:
        """The columns that every paper of a contact has: where it belongs, whose it is, who wrote it."""
        return {
            "site_id": contact.site_id,
            "klass_id": contact.klass_id,
            "session_id": contact.session_id,
            "mode": contact.mode,
            "contact_id": contact.id,
            "user_id": self.actor.id,
        }
