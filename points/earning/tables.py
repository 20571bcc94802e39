"""What was credited, in so few bytes that every one can be kept: a receipt is these columns plus the rows they name."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Relationship, SQLModel

_NOTHING: Final = UUID(int=0)


class BasisRow(SQLModel, table=True):
    """What savings are worked out from, once for all activities that are alike in it. Never changed.

    Its id follows from all the rest (`points.earning.bases`), so that whoever needs the row knows where it is.
    """

    __tablename__ = "basis"

    programme_id: UUID = Field(primary_key=True)
    basis_id: UUID = Field(primary_key=True)
    certificate_id: UUID
    footprint_id: UUID
    baseline_id: UUID
    units_micro_each: int = Field(
        sa_type=BigInteger, description="Millionths of the functional unit in one unit of the product."
    )
    gtin: str = Field(max_length=14)


class Activity(SQLModel, table=True):
    """One credited scan or sale line, under the id of its ledger entry. Never changed.

    No foreign keys: registry rows are never deleted, and one check per row and key is what group commit saves. The
    audit proves what a foreign key would. No index by resident: that of `entry`, whose ids these are, serves.
    """

    __tablename__ = "activity"

    programme_id: UUID = Field(primary_key=True)
    activity_id: UUID = Field(primary_key=True, description="Also the ledger entry's id.")
    resident_id: UUID
    basis_id: UUID = Field(description="The row of `basis` it was worked out from.")
    retailer_id: UUID | None = None
    effective_at: datetime = Field(sa_type=DateTime(timezone=True), description="When it was bought or scanned.")
    saving_grams: int = Field(sa_type=BigInteger, description="What was saved, before any cap.")
    grams: int = Field(sa_type=BigInteger, description="What was credited, after caps.")
    points: int = Field(sa_type=BigInteger, description="Points credited over all awards.")
    day: date = Field(description="The programme's calendar day of effective_at.")
    quantity: int = Field(description="Units bought or scanned.")
    kind: int = Field(sa_type=SmallInteger, description="points.earning.activities.Kind.")
    evidence_bp: int = Field(sa_type=SmallInteger, description="Evidence factor in hundredths of a percent.")
    policy_version: int = Field(sa_type=SmallInteger)
    rate_version: int = Field(sa_type=SmallInteger)
    detail: dict[str, Any] | None = Field(
        default=None,
        sa_column=Column(JSONB(none_as_null=True)),
        description="`awards` of campaigns, `cuts` by caps and budgets, `matched` label units, where there are any.",
    )
    basis: BasisRow | None = Relationship(
        sa_relationship_kwargs={
            "primaryjoin": "and_(foreign(Activity.programme_id) == BasisRow.programme_id, "
            "foreign(Activity.basis_id) == BasisRow.basis_id)",
            "lazy": "joined",
            "viewonly": True,
        }
    )

    @property
    def gtin(self) -> str:
        """The product, empty where the basis is lost, which the audit finds."""
        return self.basis.gtin if self.basis else ""

    @property
    def certificate_id(self) -> UUID:
        """The certificate; an id of nothing where the basis is lost, and so for the others."""
        return self.basis.certificate_id if self.basis else _NOTHING

    @property
    def footprint_id(self) -> UUID:
        """The product's footprint."""
        return self.basis.footprint_id if self.basis else _NOTHING

    @property
    def baseline_id(self) -> UUID:
        """What the footprint was held against."""
        return self.basis.baseline_id if self.basis else _NOTHING

    @property
    def units_micro_each(self) -> int:
        """Millionths of the functional unit in one unit of the product."""
        return self.basis.units_micro_each if self.basis else 0


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
