"""A customer as the desk knows him or her: what was recorded, not what is true."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String
from sqlmodel import Field

from lab_server.store.tables.columns import Mode, Scoped, UtcDateTime, one_of


class Customer(Scoped, table=True):
    """A virtual customer (`is_virtual`: the number is out of service) exists in training only.

    `field_versions`: how often each field was changed, by which two who edit at once are told apart. `extra`: fields of
    the school's own. One that was merged or deleted stays, so that it can be undone.
    """

    __tablename__ = "customer"
    __table_args__ = (
        one_of("mode", Mode),
        CheckConstraint("mode = 'training' OR NOT is_virtual", name="virtual_is_training"),
        Index(None, "site_id", "mode", "number"),
        Index(None, "site_id", "mode", "updated_at"),
    )

    mode: Mode = Field(sa_type=String)
    number: str = Field(max_length=32, description="E.164 where it can be, otherwise as dialled")
    dialled: str = Field(default="", max_length=40, description="the number as it was first written")
    is_virtual: bool
    name: str = Field(default="", max_length=80)
    address: str = Field(default="", max_length=300)
    note: str = Field(default="", max_length=2000)
    is_vip: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    salutation: str = Field(default="", max_length=2, description="f, m, or empty: how to address the customer")
    extra: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    field_versions: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_by: str | None = Field(default=None, max_length=26, index=True)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deleted_by: str | None = Field(default=None, max_length=26)
    merged_into: str | None = Field(default=None, max_length=26, index=True)
