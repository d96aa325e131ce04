"""The first tables: places, people, classes and their sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("virtual_prefixes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_site"),
        sa.UniqueConstraint("name", name="uq_site_name"),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("login", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("is_robot", sa.Boolean(), nullable=False),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sa.CheckConstraint(
            "role IN ('student', 'instructor', 'grader', 'supervisor', 'admin')", name=op.f("ck_user_role")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_user_site_id"),
        sa.UniqueConstraint("site_id", "login", name="uq_user_site_id_login"),
        sa.Index("ix_user_site_id", "site_id"),
    )
    op.create_table(
        "klass",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("course", sa.String(80), nullable=False),
        sa.Column("instructor_id", sa.String(26), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_klass"),
        sa.ForeignKeyConstraint(["instructor_id"], ["user.id"], name="fk_klass_instructor_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_klass_site_id"),
        sa.UniqueConstraint("site_id", "name", name="uq_klass_site_id_name"),
        sa.Index("ix_klass_site_id", "site_id"),
    )
    op.create_table(
        "lab_session",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("klass_id", sa.String(26), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("scenarios", sa.JSON(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("engines", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_lab_session"),
        sa.CheckConstraint("language IN ('zh-CN', 'en')", name=op.f("ck_lab_session_language")),
        sa.CheckConstraint("status IN ('planned', 'running', 'ended', 'broken')", name=op.f("ck_lab_session_status")),
        sa.ForeignKeyConstraint(["klass_id"], ["klass.id"], name="fk_lab_session_klass_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_lab_session_site_id"),
        sa.Index("ix_lab_session_klass_id", "klass_id"),
        sa.Index("ix_lab_session_site_id", "site_id"),
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_seat"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_seat_site_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_seat_user_id"),
        sa.UniqueConstraint("site_id", "number", name="uq_seat_site_id_number"),
        sa.UniqueConstraint("user_id", name="uq_seat_user_id"),
        sa.Index("ix_seat_site_id", "site_id"),
    )
    op.create_table(
        "agent_state",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("klass_id", sa.String(26), nullable=True),
        sa.Column("session_id", sa.String(26), nullable=True),
        sa.Column("seat", sa.String(16), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(80), nullable=False),
        sa.Column("contact_id", sa.String(26), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("monotonic_s", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agent_state"),
        sa.CheckConstraint(
            "state IN ('offline', 'ready', 'not_ready', 'ringing', 'talking', 'wrap_up')",
            name=op.f("ck_agent_state_state"),
        ),
        sa.ForeignKeyConstraint(["klass_id"], ["klass.id"], name="fk_agent_state_klass_id"),
        sa.ForeignKeyConstraint(["session_id"], ["lab_session.id"], name="fk_agent_state_session_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_agent_state_site_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_agent_state_user_id"),
        sa.Index("ix_agent_state_klass_id", "klass_id"),
        sa.Index("ix_agent_state_seat", "seat"),
        sa.Index("ix_agent_state_session_id", "session_id"),
        sa.Index("ix_agent_state_site_id", "site_id"),
        sa.Index("ix_agent_state_user_id", "user_id"),
    )
    op.create_table(
        "prompt",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(2000), nullable=False),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("engine", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_prompt"),
        sa.CheckConstraint("language IN ('zh-CN', 'en')", name=op.f("ck_prompt_language")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_prompt_site_id"),
        sa.UniqueConstraint("site_id", "name", "language", "version", name="uq_prompt_site_id_name_language_version"),
        sa.Index("ix_prompt_site_id", "site_id"),
    )


def downgrade() -> None:
    for table in (
        "prompt",
        "agent_state",
        "seat",
        "lab_session",
        "klass",
        "user",
        "site",
    ):
        op.drop_table(table)
