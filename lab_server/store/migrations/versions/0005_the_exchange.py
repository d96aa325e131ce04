"""What an exchange keeps: lists, members, messages, call-backs, seats' settings, conferences, alerts, tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ROLES = "role IN ('customer', 'agent', 'supervisor', 'consult'{})"
_DIRECTIONS = "direction IN ('in', 'out'{})"
_CONTACT_CHECKS = {
    "ck_contact_mode": "mode IN ('training', 'production')",
    "ck_contact_rating": "rating IS NULL OR rating BETWEEN 0 AND 10",
    "ck_contact_virtual_is_training": "mode = 'training' OR NOT is_virtual",
}
_NEW = (
    "voicemail",
    "conference",
    "callback",
    "membership",
    "customer_number",
    "seat_setting",
    "number_list",
    "api_token",
    "alert",
)


def upgrade() -> None:
    _create()
    op.add_column("customer", sa.Column("is_vip", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("recording", sa.Column("expected_s", sa.Float(), nullable=True))
    op.add_column("recording", sa.Column("short", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("contact", sa.Column("customer_number", sa.String(40), nullable=False, server_default=""))
    op.add_column("leg", sa.Column("seat", sa.String(16), nullable=False, server_default=""))
    op.add_column("leg", sa.Column("wrapped_at", sa.DateTime(timezone=True), nullable=True))
    _fill()
    _check("contact", "ck_contact_direction", _DIRECTIONS.format(", 'conf'"), _CONTACT_CHECKS)
    _check("leg", "ck_leg_role", _ROLES.format(", 'party'"), {})
    op.create_index(
        "ix_contact_site_id_mode_customer_number_offered_at",
        "contact",
        ["site_id", "mode", "customer_number", "offered_at"],
    )


def downgrade() -> None:
    op.drop_index("ix_contact_site_id_mode_customer_number_offered_at", "contact")
    op.execute("UPDATE contact SET direction = 'in' WHERE direction = 'conf'")
    op.execute("UPDATE leg SET role = 'consult' WHERE role = 'party'")
    _check("contact", "ck_contact_direction", _DIRECTIONS.format(""), _CONTACT_CHECKS)
    _check("leg", "ck_leg_role", _ROLES.format(""), {})
    for table, column in (
        ("leg", "wrapped_at"),
        ("leg", "seat"),
        ("contact", "customer_number"),
        ("recording", "short"),
        ("recording", "expected_s"),
        ("customer", "is_vip"),
    ):
        op.drop_column(table, column)
    for table in _NEW:
        op.drop_table(table)


def _check(table: str, name: str, condition: str, others: dict[str, str]) -> None:
    """Give `table` a new check for the old one of that name.

    SQLite has to copy the table for it, and some versions of what reads it see its checks and some do not: the copy has
    those that are named here.
    """
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, condition)
        return
    found = sa.Table(table, sa.MetaData(), autoload_with=op.get_bind(), resolve_fks=False)
    found.constraints -= {one for one in found.constraints if isinstance(one, sa.CheckConstraint)}
    for check, text in {**others, name: condition}.items():
        found.append_constraint(sa.CheckConstraint(text, name=op.f(check)))
    with op.batch_alter_table(table, recreate="always", copy_from=found):
        return


def _fill() -> None:
    """What the new columns would hold, had they been there."""
    op.execute(
        "UPDATE contact SET customer_number = REPLACE(CASE direction"
        " WHEN 'in' THEN COALESCE(NULLIF(caller_e164, ''), caller_dialled)"
        " ELSE COALESCE(NULLIF(called_e164, ''), called_dialled) END, ' ', '')"
    )
    op.execute("UPDATE leg SET seat = SUBSTR(number, 1, 16) WHERE role = 'agent'")
    op.execute(
        "UPDATE leg SET wrapped_at = (SELECT wrapped_at FROM contact WHERE contact.id = leg.contact_id)"
        " WHERE role = 'agent' AND answered_at IS NOT NULL"
    )


def _create() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_alert_site_id"),
        sa.Index("ix_alert_site_id", "site_id"),
        sa.Index("ix_alert_site_id_cleared_at", "site_id", "cleared_at"),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_api_token_site_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_api_token_user_id"),
        sa.UniqueConstraint("digest", name="uq_api_token_digest"),
        sa.Index("ix_api_token_site_id", "site_id"),
        sa.Index("ix_api_token_user_id", "user_id"),
    )
    op.create_table(
        "number_list",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("dialled", sa.String(40), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("is_prefix", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_number_list"),
        sa.CheckConstraint("kind IN ('blacklist', 'vip')", name=op.f("ck_number_list_kind")),
        sa.CheckConstraint("mode IN ('training', 'production')", name=op.f("ck_number_list_mode")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_number_list_site_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_number_list_user_id"),
        sa.UniqueConstraint(
            "site_id", "mode", "kind", "number", "is_prefix", name="uq_number_list_site_id_mode_kind_number_is_prefix"
        ),
        sa.Index("ix_number_list_site_id", "site_id"),
    )
    op.create_table(
        "seat_setting",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("seat", sa.String(16), nullable=False),
        sa.Column("dnd", sa.Boolean(), nullable=False),
        sa.Column("follow_me", sa.JSON(), nullable=False),
        sa.Column("follow_me_on", sa.Boolean(), nullable=False),
        sa.Column("mailbox", sa.String(40), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(26), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_seat_setting"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_seat_setting_site_id"),
        sa.ForeignKeyConstraint(["updated_by"], ["user.id"], name="fk_seat_setting_updated_by"),
        sa.UniqueConstraint("site_id", "seat", name="uq_seat_setting_site_id_seat"),
        sa.Index("ix_seat_setting_site_id", "site_id"),
    )
    op.create_table(
        "customer_number",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(26), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("dialled", sa.String(40), nullable=False),
        sa.Column("is_virtual", sa.Boolean(), nullable=False),
        sa.Column("label", sa.String(40), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customer_number"),
        sa.CheckConstraint("mode = 'training' OR NOT is_virtual", name=op.f("ck_customer_number_virtual_is_training")),
        sa.CheckConstraint("mode IN ('training', 'production')", name=op.f("ck_customer_number_mode")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_customer_number_customer_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_customer_number_site_id"),
        sa.UniqueConstraint("customer_id", "number", name="uq_customer_number_customer_id_number"),
        sa.Index("ix_customer_number_customer_id", "customer_id"),
        sa.Index("ix_customer_number_site_id", "site_id"),
        sa.Index("ix_customer_number_site_id_mode_number", "site_id", "mode", "number"),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(26), nullable=False),
        sa.Column("member_number", sa.String(20), nullable=False),
        sa.Column("pin", sa.String(200), nullable=False),
        sa.Column("failed_tries", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
        sa.CheckConstraint("mode IN ('training', 'production')", name=op.f("ck_membership_mode")),
        sa.CheckConstraint("points >= 0", name=op.f("ck_membership_points")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_membership_customer_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_membership_site_id"),
        sa.UniqueConstraint("customer_id", name="uq_membership_customer_id"),
        sa.UniqueConstraint("site_id", "mode", "member_number", name="uq_membership_site_id_mode_member_number"),
        sa.Index("ix_membership_site_id", "site_id"),
    )
    op.create_table(
        "callback",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("klass_id", sa.String(26), nullable=True),
        sa.Column("session_id", sa.String(26), nullable=True),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(26), nullable=False),
        sa.Column("customer_id", sa.String(26), nullable=True),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("dialled", sa.String(40), nullable=False),
        sa.Column("queue", sa.String(40), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("wants", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_result", sa.String(40), nullable=False),
        sa.Column("seat", sa.String(16), nullable=False),
        sa.Column("dialled_contact_id", sa.String(26), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_callback"),
        sa.CheckConstraint("mode IN ('training', 'production')", name=op.f("ck_callback_mode")),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'dialling', 'done', 'failed', 'cancelled')", name=op.f("ck_callback_state")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_callback_contact_id"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_callback_customer_id"),
        sa.ForeignKeyConstraint(["klass_id"], ["klass.id"], name="fk_callback_klass_id"),
        sa.ForeignKeyConstraint(["session_id"], ["lab_session.id"], name="fk_callback_session_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_callback_site_id"),
        sa.UniqueConstraint("contact_id", name="uq_callback_contact_id"),
        sa.Index("ix_callback_customer_id", "customer_id"),
        sa.Index("ix_callback_klass_id", "klass_id"),
        sa.Index("ix_callback_session_id", "session_id"),
        sa.Index("ix_callback_site_id", "site_id"),
        sa.Index("ix_callback_site_id_mode_number", "site_id", "mode", "number"),
        sa.Index("ix_callback_site_id_state_next_try_at", "site_id", "state", "next_try_at"),
    )
    op.create_table(
        "conference",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(26), nullable=True),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_conference"),
        sa.CheckConstraint("mode IN ('training', 'production')", name=op.f("ck_conference_mode")),
        sa.ForeignKeyConstraint(["id"], ["contact.id"], name="fk_conference_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name="fk_conference_owner_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_conference_site_id"),
        sa.Index("ix_conference_owner_id", "owner_id"),
        sa.Index("ix_conference_site_id", "site_id"),
    )
    op.create_table(
        "voicemail",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("mailbox", sa.String(40), nullable=False),
        sa.Column("contact_id", sa.String(26), nullable=False),
        sa.Column("caller_number", sa.String(40), nullable=False),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_by", sa.String(26), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.String(26), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_voicemail"),
        sa.CheckConstraint("mode IN ('training', 'production')", name=op.f("ck_voicemail_mode")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_voicemail_contact_id"),
        sa.ForeignKeyConstraint(["deleted_by"], ["user.id"], name="fk_voicemail_deleted_by"),
        sa.ForeignKeyConstraint(["heard_by"], ["user.id"], name="fk_voicemail_heard_by"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_voicemail_site_id"),
        sa.UniqueConstraint("path", name="uq_voicemail_path"),
        sa.Index("ix_voicemail_contact_id", "contact_id"),
        sa.Index("ix_voicemail_site_id", "site_id"),
        sa.Index("ix_voicemail_site_id_mailbox_created_at", "site_id", "mailbox", "created_at"),
    )
