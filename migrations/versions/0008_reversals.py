"""Take awards back: partial settlement, refunds, debts, and what each entry is about.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: None = None
depends_on: None = None

_OPEN = sa.text("state = 'open'")
_LEFT = sa.text("remaining > 0")


def upgrade() -> None:
    op.add_column("entry", sa.Column("subject_id", sa.Uuid(), nullable=True))
    op.add_column("lot", sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False))
    op.alter_column("lot", "priority", server_default=None)
    # The lots of one resident are few: they are sorted when drawn, and the index carries only what finds them.
    op.drop_index("ix_lot_spendable", table_name="lot")
    op.create_index("ix_lot_spendable", "lot", ["programme_id", "resident_id", "expires_at"], postgresql_where=_LEFT)
    op.create_index("ix_lot_lapsing", "lot", ["programme_id", "expires_at"], postgresql_where=_LEFT)
    op.add_column("hold", sa.Column("settled", sa.BigInteger(), server_default="0", nullable=False))
    op.alter_column("hold", "settled", server_default=None)
    op.execute("UPDATE hold SET settled = amount WHERE state = 'settled'")
    op.create_check_constraint("ck_hold_settled", "hold", "settled BETWEEN 0 AND amount")
    op.create_index("ix_hold_resident", "hold", ["programme_id", "resident_id"], postgresql_where=_OPEN)
    _draws()
    op.create_table(
        "debt",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("reversal_id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("remaining BETWEEN 0 AND amount", name="ck_debt_remaining"),
        sa.PrimaryKeyConstraint("programme_id", "reversal_id", "budget_id"),
    )
    op.create_index("ix_debt_open", "debt", ["programme_id", "resident_id", "reversal_id"], postgresql_where=_LEFT)
    op.create_table(
        "loss",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("reversal_id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("remaining BETWEEN 0 AND amount", name="ck_loss_remaining"),
        sa.PrimaryKeyConstraint("programme_id", "reversal_id", "budget_id"),
    )
    op.create_index("ix_loss_open", "loss", ["programme_id", "lot_id", "reversal_id"], postgresql_where=_LEFT)


def _draws() -> None:
    """Let a draw be a reversal's or a repayment's as well, and keep what came back of it."""
    op.alter_column("lot_draw", "hold_id", new_column_name="drawn_by")
    op.add_column("lot_draw", sa.Column("returned", sa.BigInteger(), server_default="0", nullable=False))
    op.alter_column("lot_draw", "returned", server_default=None)
    op.execute(
        "UPDATE lot_draw SET returned = lot_draw.amount FROM hold WHERE hold.programme_id = lot_draw.programme_id "
        "AND hold.hold_id = lot_draw.drawn_by AND hold.state = 'released'"
    )
    op.create_check_constraint("ck_lot_draw_returned", "lot_draw", "returned BETWEEN 0 AND amount")
    op.create_index("ix_lot_draw_lot", "lot_draw", ["programme_id", "lot_id"])


def downgrade() -> None:
    op.drop_table("loss")
    op.drop_table("debt")
    op.drop_index("ix_lot_draw_lot", table_name="lot_draw")
    op.drop_constraint("ck_lot_draw_returned", "lot_draw")
    op.drop_column("lot_draw", "returned")
    op.execute("DELETE FROM lot_draw WHERE drawn_by NOT IN (SELECT hold_id FROM hold)")
    op.alter_column("lot_draw", "drawn_by", new_column_name="hold_id")
    op.drop_index("ix_hold_resident", table_name="hold")
    op.drop_constraint("ck_hold_settled", "hold")
    op.drop_column("hold", "settled")
    op.drop_index("ix_lot_lapsing", table_name="lot")
    op.drop_index("ix_lot_spendable", table_name="lot")
    op.create_index(
        "ix_lot_spendable", "lot", ["programme_id", "resident_id", "expires_at", "lot_id"], postgresql_where=_LEFT
    )
    op.drop_column("lot", "priority")
    op.drop_column("entry", "subject_id")
