"""Thresholds of guards, as operators set them and as the programme's staff reads them; nobody else does."""

from typing import Annotated

from pydantic import Field

from api.schemas import BasisPoints, Schema
from points.programmes.guard_terms import Rule
from points.programmes.term_checks import MOST_DAYS

Days = Annotated[int, Field(strict=True, ge=0, le=MOST_DAYS)]
Most = Annotated[int, Field(strict=True, ge=0, le=10**12)]
Few = Annotated[int, Field(strict=True, ge=0, le=1_000)]


class GuardsInForce(Schema):
    """When an activity is held for review, or refused where the rule stands in `refusing`; null asks nothing."""

    visits_per_minute: int | None
    visits_per_hour: int | None
    minutes_between_retailers: int | None
    till_characters: int
    till_lines_per_minute: int | None
    retailer_burst_times: int | None
    retailer_burst_lines: int
    usual_days: int
    usual_days_least: int
    resident_returns_bp: int | None
    retailer_returns_bp: int | None
    returns_least_units: int
    staff_may_claim: bool
    staff_lines_per_day: int | None
    claims_at_retailer: int | None
    claims_days: int
    household_stay_days: int
    refusing: list[Rule]


class NewGuards(Schema):
    """Thresholds of guards to change. Null turns one off, where it can be off; what is left out stays."""

    visits_per_minute: Few | None = None
    visits_per_hour: Few | None = None
    minutes_between_retailers: Few | None = None
    till_characters: Few = 0
    till_lines_per_minute: Few | None = None
    retailer_burst_times: Few | None = None
    retailer_burst_lines: Most = 0
    usual_days: Few = 0
    usual_days_least: Few = 0
    resident_returns_bp: BasisPoints | None = None
    retailer_returns_bp: BasisPoints | None = None
    returns_least_units: Most = 0
    staff_may_claim: Annotated[bool, Field(strict=True)] = True
    staff_lines_per_day: Few | None = None
    claims_at_retailer: Few | None = None
    claims_days: Days = 0
    household_stay_days: Days = 0
    refusing: list[Rule] = Field([], max_length=len(Rule))
