"""Let a policy or rate be withdrawn before it begins, and know who did it and when.

Going back deletes what was withdrawn, which nobody was ever credited by: what does not know that it was withdrawn would
credit by it once its time comes.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: None = None
depends_on: None = None

_VERSIONED = ("policy", "conversion_rate")


def upgrade() -> None:
    """Make the columns."""
    for table in _VERSIONED:
        op.add_column(table, sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        op.add_column(table, sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Delete what was withdrawn, and forget that there was any."""
    for table in _VERSIONED:
        op.execute(f"DELETE FROM {table} WHERE withdrawn_at IS NOT NULL")  # noqa: S608 - the two names above
        op.drop_column(table, "withdrawn_by_id")
        op.drop_column(table, "withdrawn_at")
