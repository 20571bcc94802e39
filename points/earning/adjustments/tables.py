"""What became of credits, in rows that are only ever added."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Adjustment(SQLModel, table=True):
    """One change to what an activity is worth, under the id of its ledger entry. Never changed.

    `grams`, `points` and `units` are signed: what is taken back is below 0, what is paid later above it. Where nothing
    moved there is no entry under the id.
    """

    __tablename__ = "adjustment"
    __table_args__ = (
        Index("ix_adjustment_activity", "programme_id", "activity_id", "adjustment_id"),
        CheckConstraint("owed >= 0 AND borne >= 0", name="ck_adjustment_spent"),
    )

    programme_id: UUID = Field(primary_key=True)
    adjustment_id: UUID = Field(primary_key=True, description="Also the ledger entry's id, where anything moved.")
    activity_id: UUID
    resident_id: UUID
    order_id: UUID | None = Field(default=None, description="What ordered it: a clawback, or the return it is part of.")
    effective_at: datetime = Field(sa_type=DateTime(timezone=True), description="When it was returned or decided.")
    grams: int = Field(sa_type=BigInteger)
    points: int = Field(sa_type=BigInteger)
    owed: int = Field(default=0, sa_type=BigInteger, description="Points taken that the resident had spent and owes.")
    borne: int = Field(default=0, sa_type=BigInteger, description="Points taken that were spent, at nobody's charge.")
    units: int
    day: date = Field(description="The activity's day, whose totals it changes.")
    kind: int = Field(sa_type=SmallInteger, description="points.earning.adjustments.values.AdjustmentKind.")
    reason: str = Field(description="Told to the resident.")
    detail: dict[str, Any] | None = Field(
        default=None,
        sa_column=Column(JSONB(none_as_null=True)),
        description="`payments` by budget, signed; `award_id` where not the activity's own; `resaved` with what; of "
        "the points taken, what had `lapsed`; which adjustment it `undoes`, and what budgets `paid` again for it; the "
        "label unit that came back by its `serial`; where the return did not say that it was of this activity, until "
        "when the sales were made that it may be of (`guessed_until`), and of which it was, if another (`instead_of`).",
    )
