"""A form's template: what the school asks, in numbered versions. A published version is never altered."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlmodel import Field

from lab_server.store.tables.columns import Sited, UtcDateTime, one_of
from lab_server.store.tables.desk_entry import Form

TemplateState = Literal["draft", "published", "retired"]


class FormTemplate(Sited, table=True):
    """`key` names the acceptance type; `definition` is a `desk.templates.model.Template` as JSON."""

    __tablename__ = "form_template"
    __table_args__ = (
        UniqueConstraint("site_id", "key", "version"),
        one_of("state", TemplateState),
        one_of("form", Form),
        Index(None, "site_id", "state", "form"),
    )

    key: str = Field(max_length=40)
    version: int = Field(ge=1)
    state: TemplateState = Field(default="draft", sa_type=String)
    form: Form = Field(sa_type=String)
    definition: dict[str, Any] = Field(sa_type=JSON)
    user_id: str | None = Field(default=None, foreign_key="user.id", max_length=26)
    created_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ContactForm(Sited, table=True):
    """The version of a template that a contact is recorded on: the one it began with."""

    __tablename__ = "contact_form"

    contact_id: str = Field(foreign_key="contact.id", max_length=26, unique=True)
    template_id: str = Field(foreign_key="form_template.id", max_length=26, index=True)
    lesson: int | None = None
    chosen_at: datetime = Field(sa_type=UtcDateTime)
