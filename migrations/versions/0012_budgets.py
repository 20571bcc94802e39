"""Keep points that wait for funding, and budgets' alerts.

Revision ID: 0012
Revises: 0011
"""

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
