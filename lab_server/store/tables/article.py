"""The knowledge base: articles, every version of them, who approved which, and whose favourites they are."""

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Language, Sited, UtcDateTime, one_of

VersionState = Literal["draft", "submitted", "approved", "refused"]


class Article(Sited, table=True):
    """What readers see is version `published` (0: none yet), found by its words. `queues` empty: fits everywhere."""

    __tablename__ = "article"
    __table_args__ = (UniqueConstraint("site_id", "key"), one_of("language", Language))

    key: str = Field(max_length=60)
    language: Language = Field(sa_type=String)
    published: int = 0
    newest: int = 1
    title: str = Field(max_length=200)
    queues: list[str] = Field(default_factory=list, sa_type=JSON)
    tags: list[str] = Field(default_factory=list, sa_type=JSON)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class ArticleVersion(Sited, table=True):
    """One version as written: plain text with empty lines between paragraphs. Only a draft is ever altered."""

    __tablename__ = "article_version"
    __table_args__ = (
        UniqueConstraint("article_id", "version"),
        one_of("state", VersionState),
        Index(None, "site_id", "state"),
    )

    article_id: str = Field(foreign_key="article.id", max_length=26)
    version: int
    state: VersionState = Field(default="draft", sa_type=String)
    title: str = Field(max_length=200)
    body: str = Field(sa_type=Text)
    queues: list[str] = Field(default_factory=list, sa_type=JSON)
    tags: list[str] = Field(default_factory=list, sa_type=JSON)
    user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    saved_at: datetime = Field(sa_type=UtcDateTime)
    judged_by: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    judged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    judgement: str = Field(default="", max_length=500)


class ArticleFavourite(Sited, table=True):
    __tablename__ = "article_favourite"
    __table_args__ = (UniqueConstraint("user_id", "article_id"),)

    user_id: str = Field(foreign_key="user.id", max_length=26)
    article_id: str = Field(foreign_key="article.id", max_length=26, index=True)
    at: datetime = Field(sa_type=UtcDateTime)
