"""A site: one school, or one call centre. Everything else belongs to one."""

from sqlalchemy import JSON
from sqlmodel import Field

from lab_server.store.tables.columns import Row


class Site(Row, table=True):
    """`virtual_prefixes`: what virtual customers' numbers begin with; kept here so that rows explain themselves."""

    __tablename__ = "site"

    name: str = Field(max_length=80, unique=True)
    time_zone: str = Field(max_length=64)
    language: str = Field(max_length=8)
    virtual_prefixes: list[str] = Field(sa_type=JSON)
