"""Points that wait for their budget."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, SmallInteger, text
from sqlmodel import Field, SQLModel

_WAITING = text("state = 1")


class WaitingAward(SQLModel, table=True):
    """What one budget still has to pay for one activity; oldest first by the activity's id, which is a time."""

    __tablename__ = "waiting_award"
    __table_args__ = (
        CheckConstraint("points BETWEEN 0 AND wanted", name="ck_waiting_award_points"),
        Index(
            "ix_waiting_award_queue",
            "programme_id",
            "budget_id",
            "activity_id",
            postgresql_where=_WAITING,
            postgresql_include=["points"],
        ),
        Index(
            "ix_waiting_award_resident",
            "programme_id",
            "resident_id",
            "day",
            postgresql_where=_WAITING,
            postgresql_include=["points"],
        ),
    )

    programme_id: UUID = Field(primary_key=True)
    activity_id: UUID = Field(primary_key=True)
    budget_id: UUID = Field(primary_key=True)
    resident_id: UUID
    effective_at: datetime = Field(sa_type=DateTime(timezone=True), description="The activity's.")
    matures_at: datetime = Field(sa_type=DateTime(timezone=True), description="As of the activity, not of the grant.")
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), description="As of the activity, not of the grant.")
    closed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    entry_id: UUID | None = Field(default=None, description="The entry that granted it, or most lately some of it.")
    points: int = Field(sa_type=BigInteger, description="What waits, or was granted most lately.")
    wanted: int = Field(sa_type=BigInteger, description="What waited at first; a return lowers `points`.")
    day: date = Field(description="The activity's day, whose caps these points count under.")
    state: int = Field(sa_type=SmallInteger, description="points.earning.funding.waiting.State.")
