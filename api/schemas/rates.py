"""Conversion rates, as everybody reads them and as operators publish them."""

from typing import Annotated, Self

from pydantic import Field

from api.schemas import Count, Moment, Schema
from api.schemas.policies import State
from points.programmes.policy import Rate
from points.programmes.term_checks import MOST_POINTS_PER_TONNE
from points.programmes.versions import Held


class RateVersion(Schema):
    """One version of the rate, and from when until when it holds."""

    version: int
    effective_from: Moment
    effective_until: Moment | None = Field(description="When the next version takes over; null while none is known.")
    state: State
    withdrawn_at: Moment | None = Field(description="When it was withdrawn, before it began: it never holds. Or null.")
    points_per_tonne: int = Field(description="Points for a tonne of CO2e saved.")

    @classmethod
    def of(cls, found: Held[Rate]) -> Self:
        """Return a version as it is sent."""
        return cls(
            version=found.version.version,
            effective_from=found.version.effective_from,
            effective_until=found.effective_until,
            state=found.standing.value,
            withdrawn_at=found.version.withdrawn_at,
            points_per_tonne=found.version.points_per_tonne,
        )


class RateList(Schema):
    """Every version, in the order they hold."""

    rates: list[RateVersion]


class NewRate(Schema):
    """A rate to publish."""

    based_on: Count = Field(description="The latest version that stands; 0 while there is none.")
    effective_from: Moment = Field(
        description="Not in the past: what was earned keeps the rate of its time. Nor before a version that comes."
    )
    points_per_tonne: Annotated[int, Field(strict=True, ge=0, le=MOST_POINTS_PER_TONNE)]
