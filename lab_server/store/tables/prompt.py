"""A prompt: what the exchange says, by name, language and version."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Language, Sited, UtcDateTime, one_of


class Prompt(Sited, table=True):
    """`path` is the sound's, relative to the prompts folder; `engine` made it."""

    __tablename__ = "prompt"
    __table_args__ = (UniqueConstraint("site_id", "name", "language", "version"), one_of("language", Language))

    name: str = Field(max_length=64)
    language: Language = Field(sa_type=String)
    version: int = 1
    text: str = Field(max_length=2000)
    path: str = Field(default="", max_length=200)
    engine: str = Field(default="", max_length=80)
    created_at: datetime = Field(sa_type=UtcDateTime)
