"""A programme's rules as a frozen value: what counts as evidence, what is capped, when points expire. Pure."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

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

    `schemes` are names of schemes, or of kinds of certificate, that earn; `certifiers` are ids of the organizations
    whose certificates do, empty for everybody's.

    Evidence factors are in hundredths of a percent: 10,000 credits the whole saving. A bare scan proves no purchase, so
    by default it is worth no grams and only `discovery_points`, at most `discoveries_per_day` of them a day. The phone
    says when it scanned, so a scan is taken for `scan_backdating_days` only, long enough for a trip without a network:
    each day a resident could go back would be another day's discoveries.
    """

    schemes: tuple[str, ...] = ("carbon_label", "low_carbon", "green_product")
    certifiers: tuple[str, ...] = ()
    sale_evidence_bp: int = BASIS_POINTS
    scan_evidence_bp: int = 0
    discovery_points: int = 1
    discoveries_per_day: int = 5
    caps: Caps = field(default_factory=Caps)
    maturity_days: int = 7
    expiry_months: int = 12
    backdating_days: int = 30
    scan_backdating_days: int = 2
    clock_skew_minutes: int = 5
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


VERSIONS = TypeAdapter(tuple[PolicyVersion, ...])
RATES = TypeAdapter(tuple[Rate, ...])


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A programme with every version of its policy and rate, so that an activity is judged by those of its own time."""

    programme_id: UUID
    time_zone: str
    base_budget_id: UUID
    engagement_budget_id: UUID
    policies: tuple[PolicyVersion, ...]
    rates: tuple[Rate, ...]

    def policy_at(self, moment: datetime) -> PolicyVersion | None:
        """Return the policy in force at `moment`; of several from the same moment the last version."""
        return _in_force(self.policies, moment)

    def rate_at(self, moment: datetime) -> Rate | None:
        """Return the conversion rate in force at `moment`; of several from the same moment the last version."""
        return _in_force(self.rates, moment)


Version = TypeVar("Version", PolicyVersion, Rate)


def _in_force(versions: tuple[Version, ...], moment: datetime) -> Version | None:
    started = [each for each in versions if each.effective_from <= moment]
    return max(started, key=lambda each: (each.effective_from, each.version), default=None)


def expiry_of(effective_at: datetime, months: int, time_zone: str) -> datetime:
    """Return the first moment points earned at `effective_at` can not be spent any more.

    They live through the same day of the month `months` later, in the programme's own time zone; where that month is
    shorter, through its last day (29 February to 28 February).
    """
    zone = ZoneInfo(time_zone)
    day = effective_at.astimezone(zone).date()
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone)
