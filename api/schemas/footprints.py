"""Footprints as certifiers and makers register them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas import BasisPoints, Code, Day, Line, Name, Schema
from labels import catalogue
from labels.quantities import Boundary, FunctionalUnit

LARGEST_MILLIGRAMS = 10**12
"""A thousand tonnes for one functional unit: no believable footprint, and no overflow."""

Milligrams = Annotated[int, Field(strict=True, ge=0, le=LARGEST_MILLIGRAMS)]


class NewFootprint(Schema):
    """A footprint: mg CO2e per functional unit of the product's category, fossil and land use."""

    gtin: Code
    milligrams_per_unit: Milligrams
    functional_unit: FunctionalUnit
    boundary: Boundary
    standard: Name = Field(description="Such as `ISO 14067`.")
    region: Name = Field(description="Such as `CN`.")
    valid_from: Day
    valid_until: Day | None = Field(None, description="The first day it no longer holds.")
    uptake_mg: Milligrams = Field(0, description="Biogenic uptake and removals, kept apart; never credited.")
    uncertainty_bp: BasisPoints = Field(0, description="Deduction for uncertainty, in hundredths of a percent.")
    source: Line | None = None
    supersedes_id: UUID | None = Field(None, description="The version of the same product that this one corrects.")

    def as_row(self) -> catalogue.NewFootprint:
        """Return the footprint as the registry takes it."""
        return catalogue.NewFootprint(**{name: value for name, value in dict(self).items() if value is not None})
