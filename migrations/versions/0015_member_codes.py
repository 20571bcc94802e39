"""Keep loyalty numbers with consent.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: None = None
depends_on: None = None

_LINKED = sa.text("withdrawn_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "loyalty_number",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("loyalty_number_id", sa.Uuid(), nullable=False),
        sa.Column("retailer_id", sa.Uuid(), nullable=False),
        sa.Column("number_digest", sa.LargeBinary(), nullable=True),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(number_digest IS NULL) = (withdrawn_at IS NOT NULL)", name="ck_loyalty_number_forgotten"),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.programme_id"]),
        sa.ForeignKeyConstraint(["retailer_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("programme_id", "loyalty_number_id"),
    )
    op.create_index(
        "uq_loyalty_number_digest",
        "loyalty_number",
        ["programme_id", "number_digest"],
        unique=True,
        postgresql_where=_LINKED,
    )
    op.create_index(
        "uq_loyalty_number_resident",
        "loyalty_number",
        ["programme_id", "resident_id", "retailer_id"],
        unique=True,
        postgresql_where=_LINKED,
    )


def downgrade() -> None:
    op.drop_table("loyalty_number")
