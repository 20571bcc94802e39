"""Emission factors as anybody may see them."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.schemas import Schema
from labels.metrics import Metric
from labels.tables import Factor as Row


class Factor(Schema):
    """One vintage of a factor, with everything its figure stands on."""

    factor_id: UUID
    metric: Metric = Field(description="What is measured; two metrics are never substituted for each other.")
    subject: str
    nanograms_per_unit: int = Field(
        description="ng of the metric's gas (CO2e, or CO2 alone) per the unit's denominator."
    )
    unit: str
    region: str
    year: int = Field(description="The year the figure is for.")
    boundary: str
    standard: str
    gwp_set: str
    data_quality: str
    verification: str
    source: str
    source_row: str
    licence: str
    valid_from: date
    valid_until: date | None = Field(description="The first day it no longer holds.")
    supersedes_id: UUID | None
    recorded_at: datetime

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return a factor as it is sent."""
        values = {name: getattr(row, name) for name in cls.model_fields if name != "factor_id"}
        return cls(factor_id=row.id, **values)


class FactorPage(Schema):
    """Factors in the order they were recorded."""

    factors: list[Factor]
    next_cursor: str | None = Field(description="Where the next page starts; null when this is the last.")


class ApplicableFactor(Schema):
    """The factor that holds for a place on a day."""

    asked_region: str
    fell_back: bool = Field(description="No factor of the region itself holds; this one is a wider region's.")
    factor: Factor
