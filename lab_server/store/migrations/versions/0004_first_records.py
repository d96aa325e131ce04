"""The first tables of the records: journal, jobs, scorecards."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("session_id", sa.String(26), nullable=True),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.Column("contact_id", sa.String(26), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("monotonic_s", sa.Float(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("recording_s", sa.Float(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("idempotency_key", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sa.UniqueConstraint("idempotency_key", name="uq_journal_idempotency_key"),
        sa.Index("ix_journal_kind_at", "kind", "at"),
        sa.Index("ix_journal_session_id", "session_id"),
        sa.Index("uq_journal_contact_id_seq", "contact_id", "seq", unique=True),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_by", sa.String(80), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(4000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.CheckConstraint("state IN ('waiting', 'taken', 'done', 'failed')", name=op.f("ck_job_state")),
        sa.UniqueConstraint("kind", "key", name="uq_job_kind_key"),
        sa.Index("ix_job_kind_state_run_after", "kind", "state", "run_after"),
    )
    op.create_table(
        "scorecard",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("site_id", sa.String(26), nullable=False),
        sa.Column("klass_id", sa.String(26), nullable=True),
        sa.Column("session_id", sa.String(26), nullable=True),
        sa.Column("contact_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=True),
        sa.Column("scenario", sa.String(64), nullable=False),
        sa.Column("rubric", sa.JSON(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("raw_score", sa.Float(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("critical_failures", sa.JSON(), nullable=False),
        sa.Column("not_applicable", sa.JSON(), nullable=False),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("human_score", sa.Float(), nullable=True),
        sa.Column("human_passed", sa.Boolean(), nullable=True),
        sa.Column("human_user_id", sa.String(26), nullable=True),
        sa.Column("human_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("human_comment", sa.String(2000), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scorecard"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_scorecard_contact_id"),
        sa.ForeignKeyConstraint(["human_user_id"], ["user.id"], name="fk_scorecard_human_user_id"),
        sa.ForeignKeyConstraint(["klass_id"], ["klass.id"], name="fk_scorecard_klass_id"),
        sa.ForeignKeyConstraint(["session_id"], ["lab_session.id"], name="fk_scorecard_session_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_scorecard_site_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_scorecard_user_id"),
        sa.UniqueConstraint("contact_id", name="uq_scorecard_contact_id"),
        sa.Index("ix_scorecard_klass_id", "klass_id"),
        sa.Index("ix_scorecard_session_id", "session_id"),
        sa.Index("ix_scorecard_site_id", "site_id"),
        sa.Index("ix_scorecard_user_id", "user_id"),
    )
    op.create_table(
        "scorecard_line",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("scorecard_id", sa.String(26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("expected", sa.String(2000), nullable=False),
        sa.Column("found", sa.String(2000), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("told_at_s", sa.Float(), nullable=True),
        sa.Column("clip_from_s", sa.Float(), nullable=True),
        sa.Column("clip_to_s", sa.Float(), nullable=True),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("of", sa.Float(), nullable=False),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.Column("consequential", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("human_points", sa.Float(), nullable=True),
        sa.Column("human_verdict", sa.String(20), nullable=True),
        sa.Column("human_reason", sa.String(2000), nullable=False),
        sa.Column("human_user_id", sa.String(26), nullable=True),
        sa.Column("human_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_scorecard_line"),
        sa.ForeignKeyConstraint(["human_user_id"], ["user.id"], name="fk_scorecard_line_human_user_id"),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name="fk_scorecard_line_scorecard_id"),
        sa.UniqueConstraint("scorecard_id", "item", name="uq_scorecard_line_scorecard_id_item"),
        sa.Index("ix_scorecard_line_scorecard_id", "scorecard_id"),
    )


def downgrade() -> None:
    for table in (
        "scorecard_line",
        "scorecard",
        "job",
        "journal",
    ):
        op.drop_table(table)
