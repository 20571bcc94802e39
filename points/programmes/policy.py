"""A programme's rules as a frozen value: what counts as evidence, what is capped, when points expire. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, TypeVar
from uuid import UUID

from pydantic import BeforeValidator, TypeAdapter

from points.programmes.expiry import ExpiryRule
from points.programmes.guard_terms import Guards

BASIS_POINTS = 10_000

_GRAMS_PER_TONNE: Final = 1_000_000


class Shortage(StrEnum):
    """What happens to points when the budget is empty, announced beforehand.

    `grams_only`: they are not credited. `wait_for_funding`: they are credited, oldest first, once it is funded again.
    """

    GRAMS_ONLY = "grams_only"
    WAIT_FOR_FUNDING = "wait_for_funding"


class PointsRounding(StrEnum):
    """What becomes of the part of a point that grams are worth."""

    FLOOR = "floor"
    HALF_UP = "half_up"


class SpentPoints(StrEnum):
    """Who bears points that turn out wrong after they were spent: the resident, out of later points, or nobody but us.

    `owed` nets them from what the resident earns next; `programme` lets them go.
    """

    OWED = "owed"
    PROGRAMME = "programme"


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that can be credited, per calendar day and month of the programme; None is no limit.

    The first are one resident's. `units_per_category_month` and `units_per_gtin_*` are a resident's too, `household_*`
    those of all who share a household, `retailer_*` those of everybody who bought at one retailer. What is taken back
    frees the room it used, in the day and month it was used in.
    """

    grams_per_day: int = 20_000
    grams_per_month: int = 200_000
    points_per_day: int = 2_000
    points_per_month: int = 20_000
    units_per_activity: int = 100
    units_per_category_month: int | None = None
    units_per_gtin_day: int | None = None
    units_per_gtin_month: int | None = None
    household_grams_per_day: int | None = None
    household_grams_per_month: int | None = None
    household_points_per_day: int | None = None
    household_points_per_month: int | None = None
    retailer_grams_per_day: int | None = None
    retailer_grams_per_month: int | None = None


@dataclass(frozen=True, slots=True)
class DrawOrder:
    """Which points are spent first: those of a lower number; among equal ones, those that end first.

    By what the points were credited for. The points of one credit are one lot and go together: where campaigns paid for
    some of them, `campaign` holds for all, unless it is None. A lot keeps the number it was made with.
    """

    sale: int = 0
    claimed: int = 0
    unit: int = 0
    scan: int = 0
    campaign: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of a programme's policy.

    `schemes` are names of schemes, or of kinds of certificate, that earn; `certifiers` are ids of the organizations
    whose certificates do, empty for everybody's.

    Evidence factors are in hundredths of a percent: 10,000 credits the whole saving. A bare scan proves no purchase, so
    by default it is worth no grams and only `discovery_points`, at most `discoveries_per_day` of them a day. The phone
    says when it scanned, so a scan is taken for `scan_backdating_days` only, long enough for a trip without a network:
    each day a resident could go back would be another day's discoveries.

    `maturity_days` is for confirmed sales, the other three for what proves less. A sale is matched with the unit that
    was scanned for `matching_days`, an anonymous one can be claimed for `claim_days`, and goods come back for
    `return_days`. `expiry_months` is how terms said it before there was `expiry`; `expiry_rule` is what holds.
    `static_member_codes` lets tills send the code that never changes, which anybody can copy, beside those that rotate.
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
    claimed_sale_evidence_bp: int = BASIS_POINTS
    unit_evidence_bp: int = 5_000
    matching_days: int = 30
    claim_days: int = 14
    return_days: int = 30
    unit_maturity_days: int = 14
    claimed_maturity_days: int = 14
    scan_maturity_days: int = 7
    expiry: ExpiryRule | None = None
    points_rounding: PointsRounding = PointsRounding.FLOOR
    spent_points: SpentPoints = SpentPoints.OWED
    static_member_codes: bool = True
    guards: Guards = field(default_factory=Guards)
    draw_order: DrawOrder = field(default_factory=DrawOrder)

    @property
    def expiry_rule(self) -> ExpiryRule:
        """How long points live by these terms."""
        return self.expiry or ExpiryRule(months=self.expiry_months)


def _as_decided(stored: object) -> object:
    """Return stored terms with what they meant by what they did not say yet: scans matured as sales did."""
    if isinstance(stored, Mapping) and "maturity_days" in stored and "scan_maturity_days" not in stored:
        return {**stored, "scan_maturity_days": stored["maturity_days"]}
    return stored


StoredTerms = Annotated[Terms, BeforeValidator(_as_decided)]

TERMS: TypeAdapter[Terms] = TypeAdapter(StoredTerms)


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """Terms under the version that receipts name; one that was withdrawn never held, and no receipt names it."""

    version: int
    effective_from: datetime
    terms: StoredTerms
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """A dated conversion rate: points for a tonne of CO2e saved."""

    version: int
    effective_from: datetime
    points_per_tonne: int
    withdrawn_at: datetime | None = None

    def points_for(self, grams: int, rounding: PointsRounding = PointsRounding.FLOOR) -> int:
        """Return the whole points `grams` are worth; `rounding` is the policy's."""
        halves = _GRAMS_PER_TONNE // 2 if rounding is PointsRounding.HALF_UP else 0
        return (grams * self.points_per_tonne + halves) // _GRAMS_PER_TONNE


VERSIONS = TypeAdapter(tuple[PolicyVersion, ...])
RATES = TypeAdapter(tuple[Rate, ...])


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A programme with every version of its policy and rate, so that an activity is judged by those of its own time.

    Those that were withdrawn are not among them, but for whoever lists them (`queries.announced`).
    """

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
    found: Version | None = None
    for each in versions:
        if each.effective_from <= moment and (found is None or _order(found) < _order(each)):
            found = each
    return found


def _order(version: PolicyVersion | Rate) -> tuple[datetime, int]:
    return version.effective_from, version.version
