"""Keep unit labels that were claimed and receipts of anonymous sales.

Revision ID: 0009
Revises: 0008
"""

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
