"""Debts that are let go."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from api.schemas import Line, PositiveCount, Schema


class NewForgiveness(Schema):
    """How much is let go, and why; the resident reads the reason."""

    points: PositiveCount | None = Field(default=None, description="Null: all that is owed.")
    reason_zh: Line
    reason_en: Line


class DebtForgiven(Schema):
    """Points somebody owed that were let go."""

    entry_id: UUID = Field(description="The entry on the resident's statement.")
    resident_id: UUID
    points: int
    reason_zh: str
    reason_en: str
    forgiven_by: str
    forgiven_at: datetime


class DebtForgivenPage(Schema):
    """What was let go of one resident's debts, newest first."""

    owed_points: int = Field(description="What the resident owes now.")
    forgivenesses: list[DebtForgiven]
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")
