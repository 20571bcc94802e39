"""Know when label units last came back, and which came back by their label alone before their sale was told.

What is there already stays as it is: such a sale of a unit that came back before this is credited as it was.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Make the columns, and room in the serial for what stands for such a unit; no row is written anew."""
    op.alter_column("unit_claim", "serial", type_=sa.String(length=60), existing_nullable=False)
    op.add_column("unit_claim", sa.Column("back_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("unit_claim", sa.Column("retailer_id", sa.Uuid(), nullable=True))
    op.add_column("unit_claim", sa.Column("sale_key", sa.String(), nullable=True))


def downgrade() -> None:
    """Forget them."""
    op.execute("DELETE FROM unit_claim WHERE retailer_id IS NOT NULL")
    op.drop_column("unit_claim", "sale_key")
    op.drop_column("unit_claim", "retailer_id")
    op.drop_column("unit_claim", "back_at")
    op.alter_column("unit_claim", "serial", type_=sa.String(length=20), existing_nullable=False)
