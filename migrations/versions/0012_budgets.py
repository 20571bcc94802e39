"""Keep points that wait for funding, and budgets' alerts.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("policy", sa.Column("published_by_id", sa.Uuid(), nullable=True))
    op.add_column("conversion_rate", sa.Column("published_by_id", sa.Uuid(), nullable=True))
    op.create_index("ix_entry_funding", "entry", ["programme_id", "entry_id"], postgresql_where=sa.text("kind = 1"))
    op.create_table(
        "budget_funding",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("funding_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("points_after", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("funded_by_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("programme_id", "budget_id", "funding_id"),
    )
    op.create_table(
        "budget_threshold",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("percent_left", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("percent_left BETWEEN 0 AND 99", name="ck_budget_threshold_percent"),
        sa.PrimaryKeyConstraint("programme_id", "budget_id", "percent_left"),
    )
    op.create_table(
        "budget_alert",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("funding_id", sa.Uuid(), nullable=False),
        sa.Column("percent_left", sa.SmallInteger(), nullable=False),
        sa.Column("points_left", sa.BigInteger(), nullable=False),
        sa.Column("points_after", sa.BigInteger(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "alert_id"),
        sa.UniqueConstraint("programme_id", "budget_id", "funding_id", "percent_left", name="uq_budget_alert_once"),
    )
    op.create_table(
        "budget_day",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("drawn", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "budget_id", "day"),
    )
    op.create_table(
        "waiting_award",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("matures_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("points BETWEEN 0 AND wanted", name="ck_waiting_award_points"),
        sa.PrimaryKeyConstraint("programme_id", "activity_id", "budget_id"),
    )
    waiting = sa.text("state = 1")
    op.create_index(
        "ix_waiting_award_queue",
        "waiting_award",
        ["programme_id", "budget_id", "activity_id"],
        postgresql_where=waiting,
        postgresql_include=["points"],
    )
    op.create_index(
        "ix_waiting_award_resident",
        "waiting_award",
        ["programme_id", "resident_id", "day"],
        postgresql_where=waiting,
        postgresql_include=["points"],
    )


def downgrade() -> None:
    op.drop_table("waiting_award")
    op.drop_table("budget_day")
    op.drop_table("budget_alert")
    op.drop_table("budget_threshold")
    op.drop_table("budget_funding")
    op.drop_index("ix_entry_funding", "entry")
    op.drop_column("conversion_rate", "published_by_id")
    op.drop_column("policy", "published_by_id")
