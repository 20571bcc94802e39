"""A programme's rules as a frozen value: what counts as evidence, what is capped, when points expire. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter

BASIS_POINTS = 10_000


class Shortage(StrEnum):
    """What happens to points when the budget is empty, announced beforehand."""

    GRAMS_ONLY = "grams_only"


@dataclass(frozen=True, slots=True)
class Caps:
    """The most one resident can be credited, per calendar day and month of the programme."""

    grams_per_day: int = 20_000
    grams_per_month: int = 200_000
    points_per_day: int = 2_000
    points_per_month: int = 20_000
    units_per_activity: int = 100


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of a programme's policy.

    Evidence factors are in hundredths of a percent: 10,000 credits the whole saving. A bare scan proves no purchase, so
    by default it is worth no grams and only `discovery_points`, at most `discoveries_per_day` of them a day.
    """

    schemes: tuple[str, ...] = ("carbon_label", "low_carbon", "green_product")
    sale_evidence_bp: int = BASIS_POINTS
    scan_evidence_bp: int = 0
    discovery_points: int = 1
    discoveries_per_day: int = 5
    caps: Caps = field(default_factory=Caps)
    maturity_days: int = 7
    expiry_months: int = 12
    backdating_days: int = 30
    shortage: Shortage = Shortage.GRAMS_ONLY


TERMS = TypeAdapter(Terms)


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """Terms under the version that receipts name."""

    version: int
    effective_from: datetime
    terms: Terms


@dataclass(frozen=True, slots=True)
class Rate:
    """A dated conversion rate: points for a tonne of CO2e saved."""

    version: int
    effective_from: datetime
    points_per_tonne: int

    def points_for(self, grams: int) -> int:
        """Return the whole points `grams` are worth, floored."""
        return grams * self.points_per_tonne // 1_000_000
