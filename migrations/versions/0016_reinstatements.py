"""Give back what clawbacks took, say where an order is stuck, and let a notice that grew be appealed again.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Make reinstatements and troubles, and the columns orders and notices need."""
    op.create_table(
        "reinstatement",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("reinstatement_id", sa.Uuid(), nullable=False),
        sa.Column("clawback_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("activities", "grams", "points", "paid")),
        sa.Column("reason_zh", sa.String(), nullable=False),
        sa.Column("reason_en", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("paid BETWEEN 0 AND points", name="ck_reinstatement_paid"),
        sa.PrimaryKeyConstraint("programme_id", "reinstatement_id"),
    )
    op.create_index("ix_reinstatement_order", "reinstatement", ["programme_id", "clawback_id", "reinstatement_id"])
    op.execute(
        "CREATE TRIGGER reinstatement_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reinstatement "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.create_table(
        "clawback_trouble",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("clawback_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "clawback_id", "resident_id"),
    )
    op.add_column("clawback", sa.Column("stuck_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notice", sa.Column("grown_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "notice",
        sa.Column("earlier_appeals", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
    )
    op.alter_column("notice", "earlier_appeals", server_default=None)
    op.add_column("notice", sa.Column("appealed_figures", postgresql.JSONB(), nullable=True))
    op.execute(
        "UPDATE notice SET appealed_figures = jsonb_build_object('grams', grams, 'points', points, 'owed', owed) "
        "WHERE appealed_at IS NOT NULL"
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_column("notice", "appealed_figures")
    op.drop_column("notice", "earlier_appeals")
    op.drop_column("notice", "grown_at")
    op.drop_column("clawback", "stuck_since")
    op.drop_table("clawback_trouble")
    op.drop_table("reinstatement")
