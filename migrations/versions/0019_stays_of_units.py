"""Know from when to when each unit was with a buyer who brought it back, and which anonymous lines name a unit.

A return by a serial of which no sale is known is refused from now on, so that nothing has to stand for its unit any
more. Anonymous lines that were kept before this name no unit: their returns name the line.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: None = None
depends_on: None = None

# Two that began at the same moment were one sale; what came back last of it tells when.
_STAYS = """
    INSERT INTO unit_stay (programme_id, gtin, serial, sold_at, back_at, retailer_id, resident_id, guessed, settled)
    SELECT DISTINCT ON (a.programme_id, b.gtin, r.detail ->> 'serial', a.effective_at)
        a.programme_id, b.gtin, r.detail ->> 'serial', a.effective_at, r.effective_at, a.retailer_id, a.resident_id,
        false, false
    FROM adjustment AS r
    JOIN activity AS a ON a.programme_id = r.programme_id AND a.activity_id = r.activity_id
    JOIN basis AS b ON b.programme_id = a.programme_id AND b.basis_id = a.basis_id
    WHERE r.detail ? 'serial' AND a.retailer_id IS NOT NULL
    ORDER BY a.programme_id, b.gtin, r.detail ->> 'serial', a.effective_at, r.effective_at DESC
"""

# Whether a unit that came back was sold again to nobody known is asked of the lines from now on.
_BACK = """
    UPDATE unit_claim SET matched_sale_id = '00000000-0000-0000-0000-000000000000'
    WHERE matched_sale_id = '00000000-0000-0000-0000-000000000001'
"""


def upgrade() -> None:
    """Write down what returns told; units that were sold again to nobody known are back until their line is told."""
    op.create_table(
        "unit_stay",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("serial", sa.String(length=20), nullable=False),
        sa.Column("sold_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retailer_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("guessed", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "gtin", "serial", "sold_at"),
    )
    op.execute(_STAYS)
    op.add_column("anonymous_sale", sa.Column("serial", sa.String(length=20), nullable=True))
    op.create_index(
        "ix_anonymous_sale_unit",
        "anonymous_sale",
        ["programme_id", "gtin", "serial"],
        postgresql_where=sa.text("serial IS NOT NULL"),
    )
    op.execute("DELETE FROM unit_claim WHERE retailer_id IS NOT NULL")
    op.execute(_BACK)
    op.drop_column("unit_claim", "sale_key")
    op.drop_column("unit_claim", "retailer_id")
    op.alter_column("unit_claim", "serial", type_=sa.String(length=20), existing_nullable=False)


def downgrade() -> None:
    """Forget them."""
    op.alter_column("unit_claim", "serial", type_=sa.String(length=60), existing_nullable=False)
    op.add_column("unit_claim", sa.Column("retailer_id", sa.Uuid(), nullable=True))
    op.add_column("unit_claim", sa.Column("sale_key", sa.String(), nullable=True))
    op.drop_index("ix_anonymous_sale_unit", "anonymous_sale")
    op.drop_column("anonymous_sale", "serial")
    op.drop_table("unit_stay")
