"""What is kept about budgets beside the ledger, which alone says what is in them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, SmallInteger, UniqueConstraint
from sqlmodel import Field, SQLModel


class BudgetFunding(SQLModel, table=True):
    """What one funding entry left in its budget: thresholds count from there. With who did it, where somebody did."""

    __tablename__ = "budget_funding"

    programme_id: UUID = Field(primary_key=True)
    budget_id: UUID = Field(primary_key=True)
    funding_id: UUID = Field(primary_key=True, description="The ledger's funding entry.")
    points: int = Field(sa_type=BigInteger)
    points_after: int = Field(sa_type=BigInteger, description="What was in the budget when they had come in.")
    reason: str | None = None
    funded_by_id: UUID | None = Field(default=None, description="The staff member, when it came through the API.")


class BudgetThreshold(SQLModel, table=True):
    """One share left, in percent, at which a budget's people want to hear; without any, the defaults hold."""

    __tablename__ = "budget_threshold"
    __table_args__ = (CheckConstraint("percent_left BETWEEN 0 AND 99", name="ck_budget_threshold_percent"),)

    programme_id: UUID = Field(primary_key=True)
    budget_id: UUID = Field(primary_key=True)
    percent_left: int = Field(primary_key=True, sa_type=SmallInteger)


class BudgetAlert(SQLModel, table=True):
    """A budget fell to a threshold: raised once for each threshold and funding."""

    __tablename__ = "budget_alert"
    __table_args__ = (
        UniqueConstraint("programme_id", "budget_id", "funding_id", "percent_left", name="uq_budget_alert_once"),
    )

    programme_id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(primary_key=True)
    budget_id: UUID
    funding_id: UUID
    percent_left: int = Field(sa_type=SmallInteger, description="The threshold.")
    points_left: int = Field(sa_type=BigInteger)
    points_after: int = Field(sa_type=BigInteger, description="What the funding had left in the budget.")
    raised_at: datetime = Field(sa_type=DateTime(timezone=True))


class BudgetDay(SQLModel, table=True):
    """What left and came back to a budget on one whole day of the programme, by the time it was recorded.

    A projection of the ledger, made once the day is over: the forecast reads it. Funding is not in it.
    """

    __tablename__ = "budget_day"

    programme_id: UUID = Field(primary_key=True)
    budget_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    drawn: int = Field(sa_type=BigInteger)
    returned: int = Field(sa_type=BigInteger)
