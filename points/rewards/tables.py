"""Rewards, their vouchers and redemptions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core import clock
from core.ids import new_id


class Reward(SQLModel, table=True):
    """Something points buy; its stock is its vouchers."""

    __tablename__ = "reward"

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.programme_id")
    reward_id: UUID = Field(default_factory=new_id, primary_key=True)
    name_zh: str
    name_en: str
    points: int = Field(sa_type=BigInteger, description="Price of one.")
    retailer_id: UUID | None = Field(default=None, foreign_key="organization.id", description="Where it can be used.")
    opens_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))
    closes_at: datetime | None = Field(
        default=None, sa_type=DateTime(timezone=True), description="First moment it is gone."
    )
    created_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class Voucher(SQLModel, table=True):
    """One code of a reward's pool; taken by at most one redemption."""

    __tablename__ = "voucher"
    __table_args__ = (
        UniqueConstraint("programme_id", "reward_id", "code", name="uq_voucher_code"),
        Index(
            "ix_voucher_available",
            "programme_id",
            "reward_id",
            "voucher_id",
            postgresql_where=text("redemption_id IS NULL"),
        ),
        Index(
            "uq_voucher_redemption",
            "programme_id",
            "redemption_id",
            unique=True,
            postgresql_where=text("redemption_id IS NOT NULL"),
        ),
    )

    programme_id: UUID = Field(primary_key=True)
    voucher_id: UUID = Field(default_factory=new_id, primary_key=True)
    reward_id: UUID
    code: str
    redemption_id: UUID | None = Field(default=None, description="Set while held and for good once settled.")


class Redemption(SQLModel, table=True):
    """A resident's exchange of points for a reward: reserved, then fulfilled or released."""

    __tablename__ = "redemption"
    __table_args__ = (
        Index("ix_redemption_resident", "programme_id", "resident_id", "redemption_id"),
        Index("ix_redemption_reserved", "programme_id", "reserved_at", postgresql_where=text("state = 'reserved'")),
    )

    programme_id: UUID = Field(primary_key=True)
    redemption_id: UUID = Field(default_factory=new_id, primary_key=True, description="Also the ledger hold's id.")
    resident_id: UUID
    reward_id: UUID
    points: int = Field(sa_type=BigInteger)
    state: str = Field(description="reserved, fulfilled or released.")
    reserved_at: datetime = Field(sa_type=DateTime(timezone=True))
    closed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
