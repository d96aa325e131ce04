"""Who may come in: classes' members, browsers that are signed in, tries, one-time links, the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NEW = ("audit", "one_time_link", "sign_in_try", "web_session", "klass_member")


def upgrade() -> None:
    op.add_column("user", sa.Column("language", sa.String(8), nullable=False, server_default=""))
    op.add_column("user", sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("klass", sa.Column("bell_at", sa.DateTime(timezone=True), nullable=True))
    _create_members()
    _create_door()
    _create_audit()


def downgrade() -> None:
    for table in _NEW:
        op.drop_table(table)
    for table, column in (("klass", "bell_at"), ("user", "disabled_at"), ("user", "language")):
        op.drop_column(table, column)


def _create_members() -> None:
    op.create_table(
        "klass_member",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("klass_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_klass_member"),
        sa.ForeignKeyConstraint(["klass_id"], ["klass.id"], name="fk_klass_member_klass_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_klass_member_site_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_klass_member_user_id"),
        sa.UniqueConstraint("klass_id", "user_id", name="uq_klass_member_klass_id_user_id"),
        sa.Index("ix_klass_member_site_id", "site_id"),
        sa.Index("ix_klass_member_user_id", "user_id"),
    )


def _create_door() -> None:
    op.create_table(
        "web_session",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("seat", sa.String(16), nullable=False),
        sa.Column("source", sa.String(45), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_web_session"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_web_session_site_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_web_session_user_id"),
        sa.UniqueConstraint("digest", name="uq_web_session_digest"),
        sa.Index("ix_web_session_expires_at", "expires_at"),
        sa.Index("ix_web_session_site_id", "site_id"),
        sa.Index("ix_web_session_user_id", "user_id"),
    )
    op.create_table(
        "sign_in_try",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("login", sa.String(40), nullable=False),
        sa.Column("source", sa.String(45), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_try"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_sign_in_try_site_id"),
        sa.UniqueConstraint("site_id", "login", "source", name="uq_sign_in_try_site_id_login_source"),
        sa.Index("ix_sign_in_try_last_at", "last_at"),
        sa.Index("ix_sign_in_try_site_id", "site_id"),
        sa.Index("ix_sign_in_try_source", "source"),
    )
    op.create_table(
        "one_time_link",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_link"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_one_time_link_site_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_one_time_link_user_id"),
        sa.UniqueConstraint("digest", name="uq_one_time_link_digest"),
        sa.Index("ix_one_time_link_site_id", "site_id"),
        sa.Index("ix_one_time_link_user_id", "user_id"),
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.Column("login", sa.String(40), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(26), nullable=True),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("source", sa.String(45), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sa.Index("ix_audit_action", "action"),
        sa.Index("ix_audit_site_id_at", "site_id", "at"),
        sa.Index("ix_audit_subject_id", "subject_id"),
        sa.Index("ix_audit_user_id", "user_id"),
    )
