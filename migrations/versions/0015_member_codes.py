"""Keep loyalty numbers with consent.

Revision ID: 0015
Revises: 0014
"""

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
