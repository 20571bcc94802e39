"""What waits for a person's decision, and the counters that guards compare with."""

from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core import clock
from core.ids import new_id


class ReviewState(IntEnum):
    """Where a review stands."""

    OPEN = 1
    ACCEPTED = 2
    REFUSED = 3


class Review(SQLModel, table=True):
    """An activity that a guard held or refused; if it is accepted, it is credited under an id made then."""

    __tablename__ = "review"
    __table_args__ = (
        Index("ix_review_state", "programme_id", "state", "review_id"),
        Index("ix_review_resident", "programme_id", "resident_id", "review_id"),
    )

    programme_id: UUID = Field(primary_key=True)
    review_id: UUID = Field(primary_key=True, description="What the claimed key leads to, until it is credited.")
    resident_id: UUID
    retailer_id: UUID | None = None
    state: int = Field(sa_type=SmallInteger, description="ReviewState.")
    rule: str = Field(description="points.programmes.guard_terms.Rule.")
    detail: str = Field(description="What was found, and what to do.")
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False), description="What led to it.")
    evidence: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False), description="What was reported.")
    gtin: str = Field(max_length=14)
    quantity: int
    effective_at: datetime = Field(sa_type=DateTime(timezone=True))
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True), description="When it was reported.")
    appealed_at: datetime | None = Field(
        default=None, sa_type=DateTime(timezone=True), description="When the resident asked to look again."
    )
    claim_key: str | None = Field(
        default=None, description="The key that led to it; none where it is older than revision 0020: the evidence's."
    )
    receipt_id: UUID | None = Field(
        default=None,
        description="The activity that credited it, once accepted; none for a label unit that was part of a sale by "
        "then, whose receipt it has.",
    )


class ReviewStep(SQLModel, table=True):
    """Something that happened to a review: who, when, why. Only ever added to."""

    __tablename__ = "review_step"
    __table_args__ = (Index("ix_review_step_review", "programme_id", "review_id", "step_id"),)

    programme_id: UUID = Field(primary_key=True)
    step_id: UUID = Field(default_factory=new_id, primary_key=True)
    review_id: UUID
    kind: str = Field(description="held, refused, accepted, reopened or appealed.")
    actor: str = Field(description="guard, `staff:<id>` or `resident:<id>`.")
    note: str
    recorded_at: datetime = Field(default_factory=clock.now, sa_type=DateTime(timezone=True))


class Tally(SQLModel, table=True):
    """What was reported for one subject in one period; kept only where a rule of the policy asks for it."""

    __tablename__ = "tally"

    programme_id: UUID = Field(primary_key=True)
    scope: int = Field(primary_key=True, sa_type=SmallInteger, description="points.earning.guards.needs.Scope.")
    subject: str = Field(primary_key=True)
    period: int = Field(primary_key=True, description="Ordinal of the day, number of the month or minute.")
    lines: int = 0
    units: int = Field(default=0, sa_type=BigInteger)
    grams: int = Field(default=0, sa_type=BigInteger, description="Grams credited, where they are capped.")


class RetailerStaffMember(SQLModel, table=True):
    """A resident who works for a retailer, as the retailer or the programme declared."""

    __tablename__ = "retailer_staff_member"

    programme_id: UUID = Field(primary_key=True)
    retailer_id: UUID = Field(primary_key=True)
    resident_id: UUID = Field(primary_key=True)
    declared_by: str
    declared_at: datetime = Field(sa_type=DateTime(timezone=True))
