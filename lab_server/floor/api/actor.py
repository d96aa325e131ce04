"""Who gives a command: a signed-on user, at a seat or at none."""

from dataclasses import dataclass

from lab_server.store.tables import Role


@dataclass(frozen=True)
class Actor:
    """`seat`: the extension at which the user sits now; None for who has no phone here (a program, a page)."""

    user_id: str
    name: str
    role: Role
    site_id: str
    seat: str | None = None
