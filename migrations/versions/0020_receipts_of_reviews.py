"""Know by which key a review was led to, and which receipt credited it: one with an id made when it was accepted.

An entry's id tells when it was recorded. What was accepted before this was credited under the review's own id, and
keeps it. What waits keeps its evidence, which tells the key.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: None = None
depends_on: None = None

_CREDITED = """
    UPDATE review SET receipt_id = activity.activity_id FROM activity
    WHERE activity.programme_id = review.programme_id AND activity.activity_id = review.review_id
"""


def upgrade() -> None:
    """Write down which receipts there are."""
    op.add_column("review", sa.Column("claim_key", sa.String(), nullable=True))
    op.add_column("review", sa.Column("receipt_id", sa.Uuid(), nullable=True))
    op.execute(_CREDITED)


def downgrade() -> None:
    """Forget them. What was accepted since has a receipt that its review does not tell any more."""
    op.drop_column("review", "receipt_id")
    op.drop_column("review", "claim_key")
