"""What every table is made of: ULID keys, UTC times, words out of a fixed list, and the rows' common columns."""

from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import CheckConstraint, DateTime, Dialect, MetaData
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from lab_server.ids import new_id

Mode = Literal["training", "production"]
Language = Literal["zh-CN", "en"]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A time with its zone: kept as UTC, given back as UTC, by SQLite too, which knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: store times with one, such as Clock.utc() gives")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(column: str, words: Any) -> CheckConstraint:
    """A check that `column` holds one of the words of a `Literal` type."""
    listed = ", ".join(f"'{word}'" for word in get_args(words))
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Row(SQLModel, registry=registry(metadata=metadata)):
    """A row with a ULID."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)


class Sited(Row):
    """A row that belongs to one site."""

    site_id: str = Field(foreign_key="site.id", max_length=26, index=True)


class Scoped(Sited):
    """A row that may belong to a class and to one of its sessions: in training it does, in service it does not."""

    klass_id: str | None = Field(default=None, foreign_key="klass.id", max_length=26, index=True)
    session_id: str | None = Field(default=None, foreign_key="lab_session.id", max_length=26, index=True)
