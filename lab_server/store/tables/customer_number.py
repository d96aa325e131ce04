"""A customer's further numbers: tried in turn when the first is busy or nobody answers, and known when they ring."""

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Mode, Sited, one_of


class CustomerNumber(Sited, table=True):
    """`rank` counts from 1, the first to be tried after the customer's own `number`. `label`: office, home, …"""

    __tablename__ = "customer_number"
    __table_args__ = (
        UniqueConstraint("customer_id", "number"),
        one_of("mode", Mode),
        CheckConstraint("mode = 'training' OR NOT is_virtual", name="virtual_is_training"),
        Index(None, "site_id", "mode", "number"),
    )

    mode: Mode = Field(sa_type=String)
    customer_id: str = Field(foreign_key="customer.id", max_length=26, index=True)
    number: str = Field(max_length=32, description="E.164 where it can be, otherwise as dialled")
    dialled: str = Field(max_length=40)
    is_virtual: bool
    label: str = Field(default="", max_length=40)
    rank: int = Field(default=1, ge=1)
