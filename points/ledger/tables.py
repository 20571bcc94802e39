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
    key: str = Field(primary_key=True, description="sale:{retailer}:{receipt}:{line}, request:{who}:{key} ...")
    input_hash: bytes = Field(sa_type=LargeBinary, description="SHA-256 of what came with the key, cut to 16 bytes.")
    entry_id: UUID | None = Field(default=None, description="The entry it led to, if any.")
    answer: dict[str, Any] | None = Field(
        default=None,
        sa_column=Column(JSONB(none_as_null=True)),
        description="The first answer, where it can not be told again from the entry.",
    )


class Entry(SQLModel, table=True):
    """A group of postings made under one key, or none of them."""

    __tablename__ = "entry"
    __table_args__ = (
        Index(
            "ix_entry_resident",
            "programme_id",
            "resident_id",
            "entry_id",
            postgresql_where=text("resident_id IS NOT NULL"),
        ),
    )

    programme_id: UUID = Field(primary_key=True)
    entry_id: UUID = Field(primary_key=True, description="UUIDv7: its time is when the entry was recorded.")
    resident_id: UUID | None = Field(default=None, description="Whose statement it stands in.")
    effective_at: datetime = Field(sa_type=DateTime(timezone=True))
    kind: int = Field(sa_type=SmallInteger, description="points.ledger.EntryKind.")


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
    """Points of one award with their own maturity and expiry, spent first-expiring-first."""

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint("remaining BETWEEN 0 AND amount", name="ck_lot_remaining"),
        Index(
            "ix_lot_spendable",
            "programme_id",
            "resident_id",
            "expires_at",
            "lot_id",
            postgresql_where=text("remaining > 0"),
        ),
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


class Hold(SQLModel, table=True):
    """Points set aside until they are settled or released."""

    __tablename__ = "hold"
    __table_args__ = (Index("ix_hold_open", "programme_id", "expires_at", postgresql_where=text("state = 'open'")),)

    programme_id: UUID = Field(primary_key=True)
    hold_id: UUID = Field(primary_key=True)
    resident_id: UUID
    amount: int = Field(sa_type=BigInteger)
    state: str = Field(description="open, settled or released.")
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))


class LotDraw(SQLModel, table=True):
    """Which lots a hold took from, so that a release gives back the same lots with their own expiry."""

    __tablename__ = "lot_draw"

    programme_id: UUID = Field(primary_key=True)
    hold_id: UUID = Field(primary_key=True)
    lot_id: UUID = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)
