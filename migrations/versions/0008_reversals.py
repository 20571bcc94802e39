"""Take awards back: partial settlement, refunds, debts, and what each entry is about.

Revision ID: 0008
Revises: 0007
"""

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
