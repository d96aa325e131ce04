"""What the desk works with: form templates, customers' history, tickets' papers, the catalogue, knowledge, notices."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NEW = (
    "announcement_read",
    "announcement",
    "colleague_message",
    "article_favourite",
    "article_version",
    "article",
    "talk_script",
    "order_event",
    "stock_move",
    "product",
    "attachment",
    "ticket_event",
    "ticket_comment",
    "category",
    "customer_merge",
    "customer_change",
    "record_viewer",
    "contact_note",
    "disposition",
    "draft_value",
    "contact_form",
    "form_template",
)
_COLUMNS = (
    ("ticket", "version"),
    ("ticket", "closed_at"),
    ("ticket", "due_at"),
    ("ticket", "assignee_id"),
    ("ticket", "text"),
    ("ticket", "title"),
    ("ticket", "urgency"),
    ("ticket", "category_id"),
    ("ticket", "kind"),
    ("survey", "created_at"),
    ("survey", "quotas"),
    ("survey", "state"),
    ("order_item", "variant"),
    ("order_item", "product_id"),
    ("order", "version"),
    ("order", "tracking"),
    ("order", "delivery"),
    ("order", "paid_at"),
    ("order", "payment"),
    ("customer", "merged_into"),
    ("customer", "deleted_by"),
    ("customer", "deleted_at"),
    ("customer", "created_by"),
    ("customer", "field_versions"),
    ("customer", "extra"),
    ("customer", "salutation"),
)
_INDEXES = (
    ("customer", "ix_customer_created_by"),
    ("customer", "ix_customer_merged_into"),
    ("customer", "ix_customer_site_id_mode_updated_at"),
    ("leg", "ix_leg_user_id_started_at"),
    ("order_item", "ix_order_item_product_id"),
    ("ticket", "ix_ticket_assignee_id_state"),
    ("ticket", "ix_ticket_category_id"),
    ("ticket", "ix_ticket_site_id_state_due_at"),
)
_STATES = "state IN ('open', 'confirmed'{}, 'cancelled')"
_FURTHER = ", 'placed', 'paid', 'shipped', 'delivered', 'returned'"
_MODES = "mode IN ('training', 'production')"
_SEARCH_SQLITE = (
    "CREATE TABLE search_text (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, record_id TEXT NOT NULL,"
    " terms TEXT NOT NULL, CONSTRAINT uq_search_text_kind_record_id UNIQUE (kind, record_id))",
    "CREATE VIRTUAL TABLE search_fts USING fts5(terms, content='search_text', content_rowid='id', detail='none',"
    " prefix='3 4')",
    "CREATE TRIGGER search_text_added AFTER INSERT ON search_text BEGIN"
    " INSERT INTO search_fts (rowid, terms) VALUES (new.id, new.terms); END",
    "CREATE TRIGGER search_text_removed AFTER DELETE ON search_text BEGIN"
    " INSERT INTO search_fts (search_fts, rowid, terms) VALUES ('delete', old.id, old.terms); END",
    "CREATE TRIGGER search_text_changed AFTER UPDATE ON search_text BEGIN"
    " INSERT INTO search_fts (search_fts, rowid, terms) VALUES ('delete', old.id, old.terms);"
    " INSERT INTO search_fts (rowid, terms) VALUES (new.id, new.terms); END",
)
_SEARCH_POSTGRESQL = (
    "CREATE TABLE search_text (id BIGSERIAL PRIMARY KEY, kind TEXT NOT NULL, record_id TEXT NOT NULL,"
    " terms TEXT NOT NULL, CONSTRAINT uq_search_text_kind_record_id UNIQUE (kind, record_id))",
    "CREATE INDEX ix_search_text_terms ON search_text USING gin (array_to_tsvector(string_to_array(terms, ' ')))",
)


def upgrade() -> None:
    _create_forms()
    _create_customers()
    _create_tickets()
    _create_shop()
    _create_knowledge()
    _create_notices()
    _add_columns()
    _check_order_state(_STATES.format(_FURTHER))
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SEARCH_SQLITE if sqlite else _SEARCH_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_fts")
    op.execute("DROP TABLE search_text")
    op.execute("UPDATE \"order\" SET state = 'confirmed' WHERE state IN ('placed', 'paid', 'shipped', 'delivered')")
    op.execute("UPDATE \"order\" SET state = 'cancelled' WHERE state = 'returned'")
    _check_order_state(_STATES.format(""))
    for table, index in _INDEXES:
        op.drop_index(index, table)
    for table in _NEW:
        op.drop_table(table)
    for table, column in _COLUMNS:
        op.drop_column(table, column)


def _check_order_state(condition: str) -> None:
    """SQLite has to copy the table for a new check; the copy has the checks that are named here."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_order_state"), "order", type_="check")
        op.create_check_constraint(op.f("ck_order_state"), "order", condition)
        return
    found = sa.Table("order", sa.MetaData(), autoload_with=op.get_bind(), resolve_fks=False)
    found.constraints -= {one for one in found.constraints if isinstance(one, sa.CheckConstraint)}
    for check, text in {"ck_order_mode": _MODES, "ck_order_state": condition}.items():
        found.append_constraint(sa.CheckConstraint(text, name=op.f(check)))
    with op.batch_alter_table("order", recreate="always", copy_from=found):
        return


def _add_columns() -> None:
    op.add_column("customer", sa.Column("salutation", sa.String(2), nullable=False, server_default=""))
    op.add_column("customer", sa.Column("extra", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("customer", sa.Column("field_versions", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("customer", sa.Column("created_by", sa.String(26), nullable=True))
    op.add_column("customer", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("customer", sa.Column("deleted_by", sa.String(26), nullable=True))
    op.add_column("customer", sa.Column("merged_into", sa.String(26), nullable=True))
    op.create_index(op.f("ix_customer_created_by"), "customer", ["created_by"], unique=False)
    op.create_index(op.f("ix_customer_merged_into"), "customer", ["merged_into"], unique=False)
    op.create_index(
        op.f("ix_customer_site_id_mode_updated_at"), "customer", ["site_id", "mode", "updated_at"], unique=False
    )
    op.create_index(op.f("ix_leg_user_id_started_at"), "leg", ["user_id", "started_at"], unique=False)
    op.add_column("order", sa.Column("payment", sa.String(), nullable=False, server_default=""))
    op.add_column("order", sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("order", sa.Column("delivery", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("order", sa.Column("tracking", sa.String(80), nullable=False, server_default=""))
    op.add_column("order", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("order_item", sa.Column("product_id", sa.String(26), nullable=True))
    op.add_column("order_item", sa.Column("variant", sa.String(60), nullable=False, server_default=""))
    op.create_index(op.f("ix_order_item_product_id"), "order_item", ["product_id"], unique=False)
    op.add_column("survey", sa.Column("state", sa.String(), nullable=False, server_default="draft"))
    op.add_column("survey", sa.Column("quotas", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("survey", sa.Column("created_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("kind", sa.String(), nullable=False, server_default=""))
    op.add_column("ticket", sa.Column("category_id", sa.String(26), nullable=True))
    op.add_column("ticket", sa.Column("urgency", sa.String(), nullable=False, server_default="normal"))
    op.add_column("ticket", sa.Column("title", sa.String(200), nullable=False, server_default=""))
    op.add_column("ticket", sa.Column("text", sa.String(4000), nullable=False, server_default=""))
    op.add_column("ticket", sa.Column("assignee_id", sa.String(26), nullable=True))
    op.add_column("ticket", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_index(op.f("ix_ticket_assignee_id_state"), "ticket", ["assignee_id", "state"], unique=False)
    op.create_index(op.f("ix_ticket_category_id"), "ticket", ["category_id"], unique=False)
    op.create_index(op.f("ix_ticket_site_id_state_due_at"), "ticket", ["site_id", "state", "due_at"], unique=False)


def _create_forms() -> None:
    op.create_table(
        "form_template",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("form IN ('ticket', 'order', 'survey')", name=op.f("ck_form_template_form")),
        sa.CheckConstraint("state IN ('draft', 'published', 'retired')", name=op.f("ck_form_template_state")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_form_template_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_form_template_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_template")),
        sa.UniqueConstraint("site_id", "key", "version", name=op.f("uq_form_template_site_id_key_version")),
    )
    op.create_index(op.f("ix_form_template_site_id"), "form_template", ["site_id"], unique=False)
    op.create_index(
        op.f("ix_form_template_site_id_state_form"), "form_template", ["site_id", "state", "form"], unique=False
    )
    op.create_table(
        "contact_form",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("contact_id", sa.String(26), nullable=False),
        sa.Column("template_id", sa.String(26), nullable=False),
        sa.Column("lesson", sa.Integer(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contact_form_contact_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_contact_form_site_id")),
        sa.ForeignKeyConstraint(["template_id"], ["form_template.id"], name=op.f("fk_contact_form_template_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_form")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_contact_form_contact_id")),
    )
    op.create_index(op.f("ix_contact_form_site_id"), "contact_form", ["site_id"], unique=False)
    op.create_index(op.f("ix_contact_form_template_id"), "contact_form", ["template_id"], unique=False)
    op.create_table(
        "draft_value",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("contact_id", sa.String(26), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("value", sa.String(2000), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("typed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("form IN ('ticket', 'order', 'survey')", name=op.f("ck_draft_value_form")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_draft_value_contact_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_draft_value_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_draft_value_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_value")),
        sa.UniqueConstraint("contact_id", "form", "field", name=op.f("uq_draft_value_contact_id_form_field")),
    )
    op.create_index(op.f("ix_draft_value_site_id"), "draft_value", ["site_id"], unique=False)
    op.create_table(
        "disposition",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_disposition_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposition")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_disposition_site_id_code")),
    )
    op.create_index(op.f("ix_disposition_site_id"), "disposition", ["site_id"], unique=False)
    op.create_table(
        "contact_note",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("contact_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("disposition", sa.String(40), nullable=False),
        sa.Column("text", sa.String(4000), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contact_note_contact_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_contact_note_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_contact_note_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_note")),
        sa.UniqueConstraint("contact_id", "user_id", name=op.f("uq_contact_note_contact_id_user_id")),
    )
    op.create_index(op.f("ix_contact_note_site_id"), "contact_note", ["site_id"], unique=False)
    op.create_index(op.f("ix_contact_note_user_id"), "contact_note", ["user_id"], unique=False)
    op.create_table(
        "record_viewer",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("record_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_record_viewer_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_record_viewer_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_viewer")),
        sa.UniqueConstraint("kind", "record_id", "user_id", name=op.f("uq_record_viewer_kind_record_id_user_id")),
    )
    op.create_index(op.f("ix_record_viewer_site_id"), "record_viewer", ["site_id"], unique=False)
    op.create_index(op.f("ix_record_viewer_user_id"), "record_viewer", ["user_id"], unique=False)


def _create_customers() -> None:
    op.create_table(
        "customer_change",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("customer_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("before", sa.String(2000), nullable=False),
        sa.Column("after", sa.String(2000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_change_customer_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_customer_change_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_customer_change_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_change")),
    )
    op.create_index(op.f("ix_customer_change_customer_id_at"), "customer_change", ["customer_id", "at"], unique=False)
    op.create_index(op.f("ix_customer_change_site_id"), "customer_change", ["site_id"], unique=False)
    op.create_table(
        "customer_merge",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("kept_id", sa.String(26), nullable=False),
        sa.Column("gone_id", sa.String(26), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["gone_id"], ["customer.id"], name=op.f("fk_customer_merge_gone_id")),
        sa.ForeignKeyConstraint(["kept_id"], ["customer.id"], name=op.f("fk_customer_merge_kept_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_customer_merge_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_customer_merge_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merge")),
    )
    op.create_index(op.f("ix_customer_merge_gone_id"), "customer_merge", ["gone_id"], unique=False)
    op.create_index(op.f("ix_customer_merge_kept_id"), "customer_merge", ["kept_id"], unique=False)
    op.create_index(op.f("ix_customer_merge_site_id"), "customer_merge", ["site_id"], unique=False)


def _create_tickets() -> None:
    op.create_table(
        "category",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("parent_id", sa.String(26), nullable=True),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["category.id"], name=op.f("fk_category_parent_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_category_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_category_site_id_code")),
    )
    op.create_index(op.f("ix_category_parent_id"), "category", ["parent_id"], unique=False)
    op.create_index(op.f("ix_category_site_id"), "category", ["site_id"], unique=False)
    op.create_table(
        "ticket_comment",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("ticket_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("text", sa.String(4000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ticket_comment_site_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_comment_ticket_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_ticket_comment_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_comment")),
    )
    op.create_index(op.f("ix_ticket_comment_site_id"), "ticket_comment", ["site_id"], unique=False)
    op.create_index(op.f("ix_ticket_comment_ticket_id_at"), "ticket_comment", ["ticket_id", "at"], unique=False)
    op.create_table(
        "ticket_event",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("ticket_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ticket_event_site_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_event_ticket_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_ticket_event_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
    )
    op.create_index(op.f("ix_ticket_event_site_id"), "ticket_event", ["site_id"], unique=False)
    op.create_index(op.f("ix_ticket_event_ticket_id_at"), "ticket_event", ["ticket_id", "at"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("ticket_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_attachment_site_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_attachment_ticket_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_attachment_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_site_id"), "attachment", ["site_id"], unique=False)
    op.create_index(op.f("ix_attachment_ticket_id_at"), "attachment", ["ticket_id", "at"], unique=False)


def _create_shop() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("sku", sa.String(40), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("category", sa.String(60), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_product_price")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_product_stock")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_product_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("site_id", "sku", name=op.f("uq_product_site_id_sku")),
    )
    op.create_index(op.f("ix_product_site_id"), "product", ["site_id"], unique=False)
    op.create_table(
        "stock_move",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("product_id", sa.String(26), nullable=False),
        sa.Column("order_id", sa.String(26), nullable=True),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_stock_move_order_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_move_product_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_move_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_stock_move_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_move")),
    )
    op.create_index(op.f("ix_stock_move_order_id"), "stock_move", ["order_id"], unique=False)
    op.create_index(op.f("ix_stock_move_product_id"), "stock_move", ["product_id"], unique=False)
    op.create_index(op.f("ix_stock_move_site_id"), "stock_move", ["site_id"], unique=False)
    op.create_table(
        "order_event",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("order_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_order_event_order_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_order_event_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_order_event_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
    )
    op.create_index(op.f("ix_order_event_order_id_at"), "order_event", ["order_id", "at"], unique=False)
    op.create_index(op.f("ix_order_event_site_id"), "order_event", ["site_id"], unique=False)


def _create_knowledge() -> None:
    op.create_table(
        "talk_script",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("queue", sa.String(40), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language IN ('zh-CN', 'en')", name=op.f("ck_talk_script_language")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_talk_script_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_talk_script_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_script")),
        sa.UniqueConstraint(
            "site_id", "queue", "language", "version", name=op.f("uq_talk_script_site_id_queue_language_version")
        ),
    )
    op.create_index(op.f("ix_talk_script_site_id"), "talk_script", ["site_id"], unique=False)
    op.create_index(
        op.f("ix_talk_script_site_id_queue_language_current"),
        "talk_script",
        ["site_id", "queue", "language", "current"],
        unique=False,
    )
    op.create_table(
        "article",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language IN ('zh-CN', 'en')", name=op.f("ck_article_language")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_article_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_article_site_id_key")),
    )
    op.create_index(op.f("ix_article_site_id"), "article", ["site_id"], unique=False)
    op.create_table(
        "article_version",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("article_id", sa.String(26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_by", sa.String(26), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judgement", sa.String(500), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'refused')", name=op.f("ck_article_version_state")
        ),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_version_article_id")),
        sa.ForeignKeyConstraint(["judged_by"], ["user.id"], name=op.f("fk_article_version_judged_by")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_article_version_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_article_version_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_version")),
        sa.UniqueConstraint("article_id", "version", name=op.f("uq_article_version_article_id_version")),
    )
    op.create_index(op.f("ix_article_version_site_id"), "article_version", ["site_id"], unique=False)
    op.create_index(op.f("ix_article_version_site_id_state"), "article_version", ["site_id", "state"], unique=False)
    op.create_table(
        "article_favourite",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("article_id", sa.String(26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_favourite_article_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_article_favourite_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_article_favourite_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_favourite")),
        sa.UniqueConstraint("user_id", "article_id", name=op.f("uq_article_favourite_user_id_article_id")),
    )
    op.create_index(op.f("ix_article_favourite_article_id"), "article_favourite", ["article_id"], unique=False)
    op.create_index(op.f("ix_article_favourite_site_id"), "article_favourite", ["site_id"], unique=False)


def _create_notices() -> None:
    op.create_table(
        "colleague_message",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("sender_id", sa.String(26), nullable=False),
        sa.Column("recipient_id", sa.String(26), nullable=False),
        sa.Column("text", sa.String(2000), nullable=False),
        sa.Column("contact_id", sa.String(26), nullable=True),
        sa.Column("idempotency_key", sa.String(120), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_colleague_message_contact_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["user.id"], name=op.f("fk_colleague_message_recipient_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["user.id"], name=op.f("fk_colleague_message_sender_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_colleague_message_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colleague_message")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_colleague_message_idempotency_key")),
    )
    op.create_index(
        op.f("ix_colleague_message_recipient_id_read_at"),
        "colleague_message",
        ["recipient_id", "read_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_colleague_message_recipient_id_sent_at"),
        "colleague_message",
        ["recipient_id", "sent_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_colleague_message_sender_id_sent_at"), "colleague_message", ["sender_id", "sent_at"], unique=False
    )
    op.create_index(op.f("ix_colleague_message_site_id"), "colleague_message", ["site_id"], unique=False)
    op.create_table(
        "announcement",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("klass_id", sa.String(26), nullable=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("text", sa.String(4000), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["klass_id"], ["klass.id"], name=op.f("fk_announcement_klass_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_announcement_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_announcement_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index(op.f("ix_announcement_site_id"), "announcement", ["site_id"], unique=False)
    op.create_index(op.f("ix_announcement_site_id_since"), "announcement", ["site_id", "since"], unique=False)
    op.create_table(
        "announcement_read",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("announcement_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcement.id"], name=op.f("fk_announcement_read_announcement_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_announcement_read_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_announcement_read_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_read")),
        sa.UniqueConstraint("announcement_id", "user_id", name=op.f("uq_announcement_read_announcement_id_user_id")),
    )
    op.create_index(op.f("ix_announcement_read_site_id"), "announcement_read", ["site_id"], unique=False)
    op.create_index(op.f("ix_announcement_read_user_id"), "announcement_read", ["user_id"], unique=False)
