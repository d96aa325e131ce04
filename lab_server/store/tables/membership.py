"""A customer's membership: what a menu asks for by number and PIN, and the figures it says."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Mode, Sited, UtcDateTime, one_of


class Membership(Sited, table=True):
    """`pin` is a slow hash (`desk.passwords`), empty for who has set none: no PIN fits it.

    `failed_tries` since the last right one; no try counts before `locked_until`. `balance_cents` may be a debt.
    """

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("site_id", "mode", "member_number"),
        UniqueConstraint("customer_id"),
        one_of("mode", Mode),
        CheckConstraint("points >= 0", name="points"),
    )

    mode: Mode = Field(sa_type=String)
    customer_id: str = Field(foreign_key="customer.id", max_length=26)
    member_number: str = Field(max_length=20)
    pin: str = Field(default="", max_length=200)
    failed_tries: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    balance_cents: int = Field(default=0, sa_type=BigInteger)
    points: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
