"""Count for guards, and keep what waits for review.

Revision ID: 0013
Revises: 0012
"""

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
