"""What was credited, in so few bytes that every one can be kept: a receipt is these columns plus the rows they name."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Activity(SQLModel, table=True):
    """One credited scan or sale line, under the id of its ledger entry. Never changed.

    No foreign keys: registry rows are never deleted, and one check per row and key is what group commit saves. The
    audit proves what a foreign key would. No index by resident: that of `entry`, whose ids these are, serves.
    """

    __tablename__ = "activity"

    programme_id: UUID = Field(primary_key=True)
    activity_id: UUID = Field(primary_key=True, description="Also the ledger entry's id.")
    resident_id: UUID
    footprint_id: UUID
    baseline_id: UUID
    certificate_id: UUID
    retailer_id: UUID | None = None
    effective_at: datetime = Field(sa_type=DateTime(timezone=True), description="When it was bought or scanned.")
    units_micro: int = Field(sa_type=BigInteger, description="Millionths of the functional unit, over all units.")
    saving_grams: int = Field(sa_type=BigInteger, description="What was saved, before any cap.")
    grams: int = Field(sa_type=BigInteger, description="What was credited, after caps.")
    points: int = Field(sa_type=BigInteger, description="Points credited over all awards.")
    day: date = Field(description="The programme's calendar day of effective_at.")
    kind: int = Field(sa_type=SmallInteger, description="points.earning.activities.Kind.")
    evidence_bp: int = Field(sa_type=SmallInteger, description="Evidence factor in hundredths of a percent.")
    policy_version: int = Field(sa_type=SmallInteger)
    rate_version: int = Field(sa_type=SmallInteger)
    quantity: int = Field(description="Units bought or scanned.")
    gtin: str = Field(max_length=14)
    detail: dict[str, Any] | None = Field(
        default=None,
        sa_column=Column(JSONB(none_as_null=True)),
        description="`awards` of campaigns, `cuts` by caps and budgets, `matched` unit labels, where there are any.",
    )


class ResidentDay(SQLModel, table=True):
    """What one resident gathered on one day; caps, charts and standings read it."""

    __tablename__ = "resident_day"
    __table_args__ = (Index("ix_resident_day_day", "programme_id", "day"),)

    programme_id: UUID = Field(primary_key=True)
    resident_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    grams: int = Field(default=0, sa_type=BigInteger)
    points: int = Field(default=0, sa_type=BigInteger)
    activities: int = Field(default=0)
    discoveries: int = Field(default=0, description="Bare scans that earned discovery points.")
    last_at: datetime = Field(sa_type=DateTime(timezone=True), description="When it last grew; earlier wins a tie.")


class ResidentMonth(SQLModel, table=True):
    """What one resident gathered in one month in one category; caps of categories and the resident's history read it.

    Its units, grams and points are those credited, less what was taken back.
    """

    __tablename__ = "resident_month"
    __table_args__ = ({"postgresql_with": {"fillfactor": "80"}},)

    programme_id: UUID = Field(primary_key=True)
    resident_id: UUID = Field(primary_key=True)
    month: date = Field(primary_key=True, description="Its first day.")
    category_id: str = Field(primary_key=True, description="Of the baseline; empty where there is none.")
    grams: int = Field(default=0, sa_type=BigInteger)
    points: int = Field(default=0, sa_type=BigInteger)
    units: int = Field(default=0)
    activities: int = Field(default=0)
