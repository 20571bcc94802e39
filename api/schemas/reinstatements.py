"""What orders took and was given back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas import Line, Schema
from points.earning.clawbacks.clawbacks import Grounds


class NewReinstatement(Schema):
    """Whom, and of which receipts, what an order took is given back; the resident reads the reason."""

    resident_id: UUID
    activity_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=1000)] | None = Field(
        default=None, description="Only these receipts; null: all that the order took of the resident and that is left."
    )
    reason_zh: Line
    reason_en: Line

    def reason(self) -> Grounds:
        """Return why."""
        return Grounds(self.reason_zh, self.reason_en)


class Reinstatement(Schema):
    """What was given back of what an order took of one resident."""

    reinstatement_id: UUID = Field(description="The `order_id` of its adjustments on receipts.")
    clawback_id: UUID
    resident_id: UUID
    activities: int
    grams: int
    points: int = Field(description="What the receipts are worth more again.")
    paid: int = Field(
        description="Of the points, those that budgets paid again; the others were spent, and nobody owes them now."
    )
    reason_zh: str
    reason_en: str
    given_by: str
    given_at: datetime


class ReinstatementPage(Schema):
    """What was given back, newest first."""

    reinstatements: list[Reinstatement]
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")
