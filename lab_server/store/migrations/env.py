"""Alembic's environment: runs on the connection and in the transaction that `store.migrate` gives it."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import AutoString

from lab_server.store.tables import UtcDateTime, metadata


def render_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations name plain SQL types, so that they keep their meaning when our own types change."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({getattr(item.impl, 'length', None) or ''})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    render_item=render_type,
    compare_type=True,
    transactional_ddl=True,  # SQLite's too, as `store.engine` begins transactions itself
)
with context.begin_transaction():
    context.run_migrations()
