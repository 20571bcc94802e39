"""The hot path's tables as one object a row: what the plain variant works with. The real ones are behind the ledger."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Plain(SQLModel):
    """Keeps these apart from the tables of the same names that migrations know."""

    metadata: ClassVar[MetaData] = MetaData()


class PlainClaim(Plain, table=True):
    """See points.ledger.tables.Claim."""

    __tablename__ = "claim"

    programme_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    input_hash: bytes = Field(sa_type=LargeBinary)
    entry_id: UUID | None = None


class PlainEntry(Plain, table=True):
    """See points.ledger.tables.Entry."""

    __tablename__ = "entry"

    programme_id: UUID = Field(primary_key=True)
    entry_id: UUID = Field(primary_key=True)
    resident_id: UUID | None = None
    effective_at: datetime = Field(sa_type=DateTime(timezone=True))
    kind: int


class PlainPosting(Plain, table=True):
    """See points.ledger.tables.PostingRow."""

    __tablename__ = "posting"

    programme_id: UUID = Field(primary_key=True)
    entry_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    source_kind: int
    source_id: UUID
    destination_kind: int
    destination_id: UUID
    asset: int
    amount: int = Field(sa_type=BigInteger)


class PlainBalance(Plain, table=True):
    """See points.ledger.tables.Balance."""

    __tablename__ = "balance"

    programme_id: UUID = Field(primary_key=True)
    owner_id: UUID = Field(primary_key=True)
    kind: int = Field(primary_key=True)
    asset: int = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)


class PlainLot(Plain, table=True):
    """See points.ledger.tables.Lot."""

    __tablename__ = "lot"

    programme_id: UUID = Field(primary_key=True)
    lot_id: UUID = Field(primary_key=True)
    resident_id: UUID
    amount: int = Field(sa_type=BigInteger)
    remaining: int = Field(sa_type=BigInteger)
    matures_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))
    mature: bool
    priority: int = 0


class PlainActivity(Plain, table=True):
    """See points.earning.tables.Activity."""

    __tablename__ = "activity"

    programme_id: UUID = Field(primary_key=True)
    activity_id: UUID = Field(primary_key=True)
    resident_id: UUID
    basis_id: UUID
    effective_at: datetime = Field(sa_type=DateTime(timezone=True))
    saving_grams: int = Field(sa_type=BigInteger)
    grams: int = Field(sa_type=BigInteger)
    points: int = Field(sa_type=BigInteger)
    day: date
    kind: int
    evidence_bp: int
    policy_version: int
    rate_version: int
    quantity: int
    detail: dict[str, Any] = Field(sa_column=Column(JSONB))


class PlainDay(Plain, table=True):
    """See points.earning.tables.ResidentDay."""

    __tablename__ = "resident_day"

    programme_id: UUID = Field(primary_key=True)
    resident_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    grams: int = Field(default=0, sa_type=BigInteger)
    points: int = Field(default=0, sa_type=BigInteger)
    activities: int = 0
    discoveries: int = 0
    last_at: datetime = Field(sa_type=DateTime(timezone=True))
