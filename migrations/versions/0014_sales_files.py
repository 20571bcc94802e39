"""Keep files of sales and returns on their way through.

Revision ID: 0014
Revises: 0013
"""

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
