"""Orders to take credits back, what each is about and what it takes, and debts that were forgiven."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Clawback(SQLModel, table=True):
    """One order. What it has done so far stands in its state and `cursor`, which move with each chunk."""

    __tablename__ = "clawback"
    __table_args__ = (Index("ix_clawback_state", "programme_id", "state"),)

    programme_id: UUID = Field(primary_key=True)
    clawback_id: UUID = Field(primary_key=True, description="The `order_id` of its adjustments.")
    cause: str = Field(description="points.earning.clawbacks.values.Cause.")
    scope: dict[str, Any] = Field(sa_type=JSONB, description="points.earning.clawbacks.values.Scope.")
    spent_points: str | None = Field(
        default=None, description="Who bears points spent already; none: as the policy of each activity's time says."
    )
    reason_zh: str
    reason_en: str
    state: str = Field(description="points.earning.clawbacks.values.State.")
    cursor: UUID | None = Field(default=None, description="The last activity looked at, or resident worked on.")
    scanned_until: UUID | None = Field(default=None, description="The last activity any look has come to.")
    previewed: dict[str, Any] | None = Field(
        default=None,
        sa_column=Column(JSONB(none_as_null=True)),
        description="What the preview found, as values.Figures; stays as it was when it was ordered.",
    )
    prepared_by: str
    prepared_at: datetime = Field(sa_type=DateTime(timezone=True))
    previewed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    ordered_by: str | None = None
    ordered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    cancelled_by: str | None = None
    note: str | None = Field(default=None, description="Why it was cancelled.")
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True), description="Done or cancelled.")
    touched_at: datetime = Field(sa_type=DateTime(timezone=True), description="When it last came forward.")
    stuck_since: datetime | None = Field(
        default=None, sa_type=DateTime(timezone=True), description="Since when something of it fails; see its troubles."
    )


class ClawbackActivity(SQLModel, table=True):
    """An activity an order is about: what the preview said would be taken of it, and what was."""

    __tablename__ = "clawback_activity"

    programme_id: UUID = Field(primary_key=True)
    clawback_id: UUID = Field(primary_key=True)
    resident_id: UUID = Field(primary_key=True)
    activity_id: UUID = Field(primary_key=True)
    adjustment_id: UUID | None = Field(default=None, description="What took it; none before, or where it was refused.")
    day: date = Field(description="The activity's.")
    late: bool = Field(default=False, description="It came in after the preview.")
    grams: int | None = Field(default=None, sa_type=BigInteger, description="By the preview; none where it was late.")
    points: int | None = Field(default=None, sa_type=BigInteger)
    taken_grams: int | None = Field(default=None, sa_type=BigInteger, description="None before its turn.")
    taken_points: int | None = Field(default=None, sa_type=BigInteger)
    refusal: str | None = Field(default=None, description="Why nothing could be done about it.")


class ClawbackResident(SQLModel, table=True):
    """What an order takes of one resident, by its preview (phase 1), and what it took (phase 2)."""

    __tablename__ = "clawback_resident"

    programme_id: UUID = Field(primary_key=True)
    clawback_id: UUID = Field(primary_key=True)
    phase: int = Field(primary_key=True, sa_type=SmallInteger, description="1: as tried out, 2: as taken.")
    resident_id: UUID = Field(primary_key=True)
    activities: int = Field(sa_type=BigInteger)
    grams: int = Field(sa_type=BigInteger)
    points: int = Field(sa_type=BigInteger)
    pending: int = Field(sa_type=BigInteger)
    available: int = Field(sa_type=BigInteger)
    expired: int = Field(sa_type=BigInteger)
    owed: int = Field(sa_type=BigInteger)
    borne: int = Field(sa_type=BigInteger)


class ClawbackTrouble(SQLModel, table=True):
    """Where an order is stuck: a resident whose turn always fails, and is left aside until it is tried again."""

    __tablename__ = "clawback_trouble"

    programme_id: UUID = Field(primary_key=True)
    clawback_id: UUID = Field(primary_key=True)
    resident_id: UUID = Field(primary_key=True, description="Nobody's (0) where no resident's turn fails.")
    since: datetime = Field(sa_type=DateTime(timezone=True), description="When it failed first.")
    tried_at: datetime = Field(sa_type=DateTime(timezone=True), description="When it failed last.")
    next_at: datetime | None = Field(
        sa_type=DateTime(timezone=True), description="When it is tried again; none: when an operator says so."
    )
    attempts: int = Field(description="How often it failed since somebody last had it tried again.")
    problem: str = Field(description="What went wrong, without anything of anybody's.")


class Reinstatement(SQLModel, table=True):
    """What an order took of one resident and was given back, wholly or of some receipts. Never changed.

    Its adjustments name it as their `order_id`.
    """

    __tablename__ = "reinstatement"
    __table_args__ = (
        Index("ix_reinstatement_order", "programme_id", "clawback_id", "reinstatement_id"),
        CheckConstraint("paid BETWEEN 0 AND points", name="ck_reinstatement_paid"),
    )

    programme_id: UUID = Field(primary_key=True)
    reinstatement_id: UUID = Field(primary_key=True)
    clawback_id: UUID
    resident_id: UUID
    activities: int = Field(sa_type=BigInteger)
    grams: int = Field(sa_type=BigInteger)
    points: int = Field(sa_type=BigInteger, description="What the receipts are worth more again.")
    paid: int = Field(sa_type=BigInteger, description="Of the points, those budgets paid again; the rest was spent.")
    reason_zh: str
    reason_en: str
    given_by: str
    given_at: datetime = Field(sa_type=DateTime(timezone=True))


class DebtForgiveness(SQLModel, table=True):
    """Points somebody owed that were let go, under the id of their ledger entry. Never changed."""

    __tablename__ = "debt_forgiveness"
    __table_args__ = (
        Index("ix_debt_forgiveness_resident", "programme_id", "resident_id"),
        CheckConstraint("points > 0", name="ck_debt_forgiveness_points"),
    )

    programme_id: UUID = Field(primary_key=True)
    entry_id: UUID = Field(primary_key=True)
    resident_id: UUID
    points: int = Field(sa_type=BigInteger)
    reason_zh: str
    reason_en: str
    forgiven_by: str
    forgiven_at: datetime = Field(sa_type=DateTime(timezone=True))
