"""Count for guards, and keep what waits for review.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Make households, reviews and tallies."""
    _make_reviews()
    op.create_table(
        "tally",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.SmallInteger(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "scope", "subject", "period"),
    )
    op.create_table(
        "retailer_staff_member",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("retailer_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("declared_by", sa.String(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "retailer_id", "resident_id"),
    )
    _make_households()


def _make_reviews() -> None:
    op.create_table(
        "review",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("retailer_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("programme_id", "review_id"),
    )
    op.create_index("ix_review_state", "review", ["programme_id", "state", "review_id"])
    op.create_index("ix_review_resident", "review", ["programme_id", "resident_id", "review_id"])
    op.create_table(
        "review_step",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "step_id"),
    )
    op.create_index("ix_review_step_review", "review_step", ["programme_id", "review_id", "step_id"])
    op.execute(
        "CREATE TRIGGER review_step_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON review_step "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _make_households() -> None:
    op.create_table(
        "household",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_digest", sa.LargeBinary(), nullable=True),
        sa.Column("invitation_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.programme_id"]),
        sa.PrimaryKeyConstraint("programme_id", "household_id"),
        sa.UniqueConstraint("programme_id", "invitation_digest", name="uq_household_invitation"),
    )
    op.add_column("resident", sa.Column("household_id", sa.Uuid(), nullable=True))
    op.add_column("resident", sa.Column("household_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("resident", sa.Column("left_household_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_resident_left_household",
        "resident",
        ["programme_id", "left_household_id"],
        postgresql_where=sa.text("left_household_id IS NOT NULL"),
    )
    op.create_index(
        "ix_resident_household",
        "resident",
        ["programme_id", "household_id"],
        postgresql_where=sa.text("household_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_resident_household", table_name="resident")
    op.drop_index("ix_resident_left_household", table_name="resident")
    op.drop_column("resident", "left_household_id")
    op.drop_column("resident", "household_since")
    op.drop_column("resident", "household_id")
    for table in ("household", "retailer_staff_member", "tally", "review_step", "review"):
        op.drop_table(table)
