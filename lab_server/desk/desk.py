"""One user's work at the desk, within one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from lab_server.desk.rights import Right, check
from lab_server.store import journal
from lab_server.store.tables import Contact, User
from telephony.clock import Clock

SOURCE = "desk"


@dataclass(frozen=True)
class Desk:
    """Who works, on which session, by which clock; `source`: the address the wish came from, for the audit trail."""

    session: Session
    clock: Clock
    actor: User
    source: str = ""

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

    def check(self, right: Right, *, own: bool = False) -> None:
        """Raises `NoRightError` or `NotYoursError` unless the actor may do this."""
        check(self.actor, right, own=own)

    def note(self, contact: Contact | None, kind: str, data: Mapping[str, Any], key: str | None = None) -> None:
        """Write into the journal, in this transaction, what the actor did. A key is written down once."""
        entry = journal.make(
            kind,
            source=SOURCE,
            clock=self.clock,
            contact=contact.id if contact is not None else None,
            data=data,
            site_id=self.actor.site_id,
            session_id=contact.session_id if contact is not None else None,
            user_id=self.actor.id,
            key=key,
        )
        journal.record(self.session, [entry])
