"""The ledger's rows. Entries and postings are only ever added; the database refuses anything else."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Claim(SQLModel, table=True):
    """A key that has been used: the one mechanism behind `once`."""

    __tablename__ = "claim"

    programme_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True, description="`sale:`, `scan:` or `unit:` with a digest; request:{who}:{key} ...")
    input_hash: bytes = Field(sa_type=LargeBinary, description="SHA-256 of what came with the key, cut to 16 bytes.")
    entry_id: UUID | None = Field(default=None, description="The entry it led to, if any.")
    answer: dict[str, Any] | None = Field(
        default=None,
        sa_column=Column(JSONB(none_as_null=True)),
        description="The first answer, where it can not be told again from the entry.",
    )


class Entry(SQLModel, table=True):
    """A group of postings made under one key, or none of them.

    A resident is of one programme, whose id would only make the index longer: here, and that of lots.
    """

    __tablename__ = "entry"
    __table_args__ = (
        Index(
            "ix_entry_resident",
            "resident_id",
            "entry_id",
            postgresql_where=text("resident_id IS NOT NULL"),
        ),
        Index("ix_entry_funding", "programme_id", "entry_id", postgresql_where=text("kind = 1")),
    )

    programme_id: UUID = Field(primary_key=True)
    entry_id: UUID = Field(primary_key=True, description="UUIDv7: its time is when the entry was recorded.")
    resident_id: UUID | None = Field(default=None, description="Whose statement it stands in.")
    effective_at: datetime = Field(sa_type=DateTime(timezone=True))
    kind: int = Field(sa_type=SmallInteger, description="points.ledger.EntryKind.")
    subject_id: UUID | None = Field(
        default=None,
        description="What it is about when that is not itself: a lot, a hold, or the reversal that made a debt.",
    )


class PostingRow(SQLModel, table=True):
    """One movement from source to destination: it can not be unbalanced."""

    __tablename__ = "posting"
    __table_args__ = (CheckConstraint("amount > 0", name="ck_posting_amount"),)

    programme_id: UUID = Field(primary_key=True)
    entry_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=SmallInteger)
    source_kind: int = Field(sa_type=SmallInteger, description="points.ledger.AccountKind.")
    destination_kind: int = Field(sa_type=SmallInteger)
    asset: int = Field(sa_type=SmallInteger, description="points.ledger.Asset.")
    source_id: UUID
    destination_id: UUID
    amount: int = Field(sa_type=BigInteger)


class Balance(SQLModel, table=True):
    """What an account holds, kept only for accounts with a floor or a reader."""

    __tablename__ = "balance"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="ck_balance_floor"),
        {"postgresql_with": {"fillfactor": "70"}},
    )

    programme_id: UUID = Field(primary_key=True)
    owner_id: UUID = Field(primary_key=True)
    kind: int = Field(primary_key=True, sa_type=SmallInteger)
    asset: int = Field(primary_key=True, sa_type=SmallInteger)
    amount: int = Field(sa_type=BigInteger)


class Lot(SQLModel, table=True):
    """Points of one award with their own maturity and expiry, drawn by priority, then expiry, then id.

    amount = remaining + what was drawn (`lot_draw.amount - lot_draw.returned`) + what has expired.
    """

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint("remaining BETWEEN 0 AND amount", name="ck_lot_remaining"),
        Index(
            "ix_lot_spendable",
            "resident_id",
            "expires_at",
            postgresql_where=text("remaining > 0"),
        ),
        # Of one day there are many: the index keeps them under one key, some bytes a lot.
        Index("ix_lot_lapsing", "programme_id", "expires_at", postgresql_where=text("remaining > 0")),
        Index("ix_lot_pending", "programme_id", "matures_at", postgresql_where=text("NOT mature")),
    )

    programme_id: UUID = Field(primary_key=True)
    lot_id: UUID = Field(primary_key=True, description="The entry that made it.")
    resident_id: UUID
    amount: int = Field(sa_type=BigInteger)
    remaining: int = Field(sa_type=BigInteger)
    matures_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), description="The first moment it can not be spent.")
    mature: bool = Field(description="Its points have moved from `pending` to `resident`.")
    priority: int = Field(sa_type=SmallInteger, description="Lowest is drawn first.")


class Hold(SQLModel, table=True):
    """Points set aside until they are settled, wholly or in part, or released."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("settled BETWEEN 0 AND amount", name="ck_hold_settled"),
        Index("ix_hold_open", "programme_id", "expires_at", postgresql_where=text("state = 'open'")),
        Index("ix_hold_resident", "programme_id", "resident_id", postgresql_where=text("state = 'open'")),
    )

    programme_id: UUID = Field(primary_key=True)
    hold_id: UUID = Field(primary_key=True)
    resident_id: UUID
    amount: int = Field(sa_type=BigInteger)
    state: str = Field(description="open, settled or released.")
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))
    settled: int = Field(default=0, sa_type=BigInteger, description="What it spent, refunded or not.")


class LotDraw(SQLModel, table=True):
    """Which lots a hold, a reversal or a repayment took from, so that what comes back goes to the same lots."""

    __tablename__ = "lot_draw"
    __table_args__ = (
        CheckConstraint("returned BETWEEN 0 AND amount", name="ck_lot_draw_returned"),
        Index("ix_lot_draw_lot", "programme_id", "lot_id"),
    )

    programme_id: UUID = Field(primary_key=True)
    drawn_by: UUID = Field(primary_key=True, description="The hold, or the entry of the reversal or the repayment.")
    lot_id: UUID = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)
    returned: int = Field(default=0, sa_type=BigInteger, description="What a release or a refund gave back.")


class Debt(SQLModel, table=True):
    """Points that a reversal took back and the resident had spent: owed to the budget that had paid them."""

    __tablename__ = "debt"
    __table_args__ = (
        CheckConstraint("remaining BETWEEN 0 AND amount", name="ck_debt_remaining"),
        Index("ix_debt_open", "programme_id", "resident_id", "reversal_id", postgresql_where=text("remaining > 0")),
    )

    programme_id: UUID = Field(primary_key=True)
    reversal_id: UUID = Field(primary_key=True, description="The entry that made it; in its order debts are repaid.")
    budget_id: UUID = Field(primary_key=True)
    resident_id: UUID
    amount: int = Field(sa_type=BigInteger)
    remaining: int = Field(sa_type=BigInteger, description="Neither repaid nor forgiven.")


class Loss(SQLModel, table=True):
    """Points that a reversal took back and the resident had spent, at the programme's charge: missing in that budget.

    Nobody owes them. What a refund gives back to the lot they were of makes up for them first.
    """

    __tablename__ = "loss"
    __table_args__ = (
        CheckConstraint("remaining BETWEEN 0 AND amount", name="ck_loss_remaining"),
        Index("ix_loss_open", "programme_id", "lot_id", "reversal_id", postgresql_where=text("remaining > 0")),
    )

    programme_id: UUID = Field(primary_key=True)
    reversal_id: UUID = Field(primary_key=True, description="The entry that found too little.")
    budget_id: UUID = Field(primary_key=True)
    lot_id: UUID = Field(description="The award that was taken back.")
    amount: int = Field(sa_type=BigInteger)
    remaining: int = Field(sa_type=BigInteger, description="What no refund has made up for.")
