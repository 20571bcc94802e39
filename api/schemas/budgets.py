"""Budgets as staff see and fund them."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field

from api.schemas import Day, Line, Moment, Schema
from points.budgets.budgets import MOST_POINTS, MOST_THRESHOLDS, Alert, BudgetOutlook, BudgetState, Funding
from points.budgets.forecasts import Forecast


class Budget(Schema):
    """A budget, what it is for, and what is in it just now."""

    budget_id: UUID
    kind: Literal["base", "engagement", "campaign"]
    campaign_id: UUID | None
    name_zh: str
    name_en: str
    points_funded: int = Field(description="Everything ever put in.")
    points_spent: int = Field(description="What left it and did not come back.")
    points_left: int
    thresholds: list[int] = Field(description="Percent left, of what the last funding left in it, that raise an alert.")

    @classmethod
    def of(cls, state: BudgetState) -> Self:
        """Return a budget as it is sent."""
        return cls.model_validate(state)


class BudgetPage(Schema):
    """A page of budgets, by id."""

    budgets: list[Budget]
    next_cursor: str | None


class DayDrawn(Schema):
    """What left a budget on a whole day of the programme, and what came back to it."""

    day: Day
    drawn: int
    returned: int
    net: int


class RunsOut(Schema):
    """When the budget runs out if it is drawn on as it was, by which method, from what.

    `weekday_means`: from 28 whole days, each weekday has the mean net draw of its four. `daily_mean`: from 7 to 27
    whole days, every day has the mean of all. Today counts as a whole day.
    """

    runs_out_on: Day | None = Field(description="The first day it can not pay; null when none is foreseen.")
    because: Literal["too_little_history", "not_drawn_on", "beyond_horizon"] | None = Field(
        description="Why no day is told: fewer than 7 whole days, no net draw, or more than ten years ahead."
    )
    method: Literal["weekday_means", "daily_mean"] | None
    points_left: int
    days: list[DayDrawn] = Field(description="The whole days it was worked out from, as they were recorded.")

    @classmethod
    def of(cls, forecast: Forecast) -> Self:
        """Return a forecast as it is sent."""
        return cls.model_validate(forecast)


class BudgetDetail(Schema):
    """A budget with what waits for it and when it runs out."""

    budget: Budget
    waiting_awards: int = Field(description="Awards that are paid once it is funded, oldest first.")
    waiting_points: int
    forecast: RunsOut

    @classmethod
    def of(cls, found: BudgetOutlook) -> Self:
        """Return a budget as it is sent."""
        return cls(
            budget=Budget.of(found.state),
            waiting_awards=found.waiting_awards,
            waiting_points=found.waiting_points,
            forecast=RunsOut.of(found.forecast),
        )


class NewFunding(Schema):
    """Points to put into a budget: newly issued, the only way points come into being."""

    points: Annotated[int, Field(strict=True, ge=1, le=MOST_POINTS)]
    reason: Line | None = Field(None, description="The decision it follows from, such as its file number.")


class FundingEntry(Schema):
    """Points that were put into a budget."""

    funding_id: UUID = Field(description="The ledger's entry.")
    points: int
    funded_at: Moment
    points_after: int | None = Field(description="What was in it then; null until a funding from outside is seen.")
    reason: str | None
    funded_by_id: UUID | None = Field(description="The staff member; null for a command or a campaign's opening.")

    @classmethod
    def of(cls, found: Funding) -> Self:
        """Return a funding as it is sent."""
        return cls.model_validate(found)


class FundingPage(Schema):
    """A page of fundings, latest first."""

    fundings: list[FundingEntry]
    next_cursor: str | None


class NewThresholds(Schema):
    """At which shares left, in percent, alerts are raised; an empty list brings the defaults back."""

    thresholds: list[Annotated[int, Field(strict=True, ge=0, le=99)]] = Field(max_length=MOST_THRESHOLDS)


class BudgetAlert(Schema):
    """A budget fell to a threshold: raised once for each threshold and funding."""

    alert_id: UUID
    budget_id: UUID
    funding_id: UUID
    percent_left: int = Field(description="The threshold.")
    points_left: int
    points_after: int = Field(description="What the funding had left in it.")
    raised_at: Moment

    @classmethod
    def of(cls, alert: Alert) -> Self:
        """Return an alert as it is sent."""
        return cls.model_validate(alert)


class AlertPage(Schema):
    """A page of alerts, latest first."""

    alerts: list[BudgetAlert]
    next_cursor: str | None
