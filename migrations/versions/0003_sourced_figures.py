"""Give every figure its full provenance, keep reviews, drafts and judgements, and let no figure be changed.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: None = None
depends_on: None = None

_APPEND_ONLY = ("baseline", "factor", "footprint_review", "pilot_judgement")
_FACTOR = ("subject", "standard", "gwp_set", "data_quality", "verification")
_BASELINE = ("gwp_set", "data_quality", "verification")


def upgrade() -> None:
    for name in _FACTOR:
        op.add_column("factor", sa.Column(name, sa.String(), server_default="", nullable=False))
    for name in _BASELINE:
        op.add_column("baseline", sa.Column(name, sa.String(), server_default="", nullable=False))
    op.add_column("baseline", sa.Column("gtin", sa.String(length=14), nullable=True))
    op.add_column("baseline", sa.Column("year", sa.Integer(), nullable=True))
    _make_tables()
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _make_tables() -> None:
    op.create_table(
        "footprint_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("footprint_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["footprint_id"], ["footprint.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_footprint_review_footprint_id", "footprint_review", ["footprint_id"])
    op.create_table(
        "baseline_draft_set",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "pilot_judgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.String(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.String(), server_default="", nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_pilot_judgement_category", "pilot_judgement", ["category_id", "criterion", "recorded_at"])


def downgrade() -> None:
    for table in ("baseline", "factor"):
        op.execute(f"DROP TRIGGER {table}_is_append_only ON {table}")
    for table in ("pilot_judgement", "baseline_draft_set", "footprint_review"):
        op.drop_table(table)
    for name in ("gtin", "year", *_BASELINE):
        op.drop_column("baseline", name)
    for name in _FACTOR:
        op.drop_column("factor", name)
