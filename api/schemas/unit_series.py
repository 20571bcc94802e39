"""Series of serialised labels, as makers order and revoke them."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.schemas import Code, Line, Name, Schema
from labels.units.serials import MOST_UNITS


class NewUnitSeries(Schema):
    """An order of labels for a product you make or registered."""

    gtin: Code
    count: Annotated[int, Field(strict=True, ge=1, le=MOST_UNITS, description="How many labels.")]
    note: Name | None = Field(None, description="What you call it: a print run, a batch.")


class NewRevocation(Schema):
    """Why none of a series' labels is to be believed any more: stolen, misprinted, never used."""

    reason: Line = Field(description="Whoever scans one of the labels reads this.")


class UnitSeries(Schema):
    """A series. Its serials are not stored; they are made anew when they are asked for."""

    id: UUID
    gtin: str
    count: int
    sheets: int = Field(description="How many sheets its labels take.")
    note: str
    ordered_at: AwareDatetime
    revoked_at: AwareDatetime | None
    revoked_reason: str | None


class UnitSeriesPage(Schema):
    """Your series, the newest first."""

    series: list[UnitSeries]
    next_cursor: str | None
