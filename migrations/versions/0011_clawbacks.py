"""Keep clawback orders and notices to residents.

Revision ID: 0011
Revises: 0010
"""

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
