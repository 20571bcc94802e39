"""A programme's policy: every term of it, and versions as operators publish them."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from api.schemas import BasisPoints, Moment, Name, PositiveCount, Schema
from api.schemas.guards import Days, Few, GuardsInForce, Most, NewGuards
from points.programmes.policy import PolicyVersion, Terms
from points.programmes.term_checks import LAST_DRAWN, MOST_MONTHS
from points.programmes.versions import Difference, Held

Months = Annotated[int, Field(strict=True, ge=1, le=MOST_MONTHS)]
Drawn = Annotated[int, Field(strict=True, ge=0, le=LAST_DRAWN)]
Rounding = Literal["none", "month", "quarter", "year"]
PointsRounding = Literal["floor", "half_up"]
Shortage = Literal["grams_only", "wait_for_funding"]
SpentPoints = Literal["owed", "programme"]
State = Literal["past", "in_force", "coming", "replaced", "withdrawn"]


class CapsInForce(Schema):
    """The most that can be credited per calendar day and month; null is no limit."""

    grams_per_day: int
    grams_per_month: int
    points_per_day: int
    points_per_month: int
    units_per_activity: int
    units_per_category_month: int | None
    units_per_gtin_day: int | None
    units_per_gtin_month: int | None
    household_grams_per_day: int | None
    household_grams_per_month: int | None
    household_points_per_day: int | None
    household_points_per_month: int | None
    retailer_grams_per_day: int | None
    retailer_grams_per_month: int | None


class DrawOrderInForce(Schema):
    """Which points are spent first: those of the lowest number; among equal ones, those that end first."""

    sale: int = Field(description="Of points for a sale under a member code.")
    claimed: int = Field(description="Of points for an anonymous sale that was claimed.")
    unit: int = Field(description="Of points for the label of one unit.")
    scan: int = Field(description="Of points for a bare scan.")
    campaign: int | None = Field(
        description="Of a credit that campaigns paid for in part: all its points go together. Null: by the others."
    )


class ExpiryInForce(Schema):
    """How long points live."""

    months: int = Field(description="At least so long.")
    rounding: str = Field(description="Rolling: none, or on to the end of the month, quarter or year.")
    fixed_dates: list[str] = Field(description="Not rolling: through the first of these days, MM-DD, after that time.")


class TermsInForce(Schema):
    """Every term of a policy that concerns residents; thresholds of guards are not told, lest they be played."""

    schemes: list[str] = Field(description="Schemes or kinds of certificate that earn here.")
    certifiers: list[UUID] = Field(description="Organizations whose certificates earn here; empty: every certifier's.")
    sale_evidence_bp: int = Field(description="Hundredths of a percent of the saving that a confirmed sale credits.")
    claimed_sale_evidence_bp: int = Field(description="The same for a line of an anonymous sale, claimed later.")
    unit_evidence_bp: int = Field(description="The same for one unit's own label, until its sale is matched.")
    scan_evidence_bp: int = Field(description="The same for a bare scan.")
    discovery_points: int
    discoveries_per_day: int
    maturity_days: int = Field(description="Days until points of a sale can be spent: the return window.")
    claimed_maturity_days: int
    unit_maturity_days: int
    scan_maturity_days: int
    expiry_months: int = Field(description="`expiry.months`, under its older name.")
    expiry: ExpiryInForce
    points_rounding: str = Field(description="floor, or half_up: what becomes of the part of a point.")
    backdating_days: int = Field(description="How late a sale may be reported.")
    scan_backdating_days: int = Field(description="How late a scan may be reported, by a phone that was offline.")
    clock_skew_minutes: int = Field(description="How far ahead of ours a clock may be.")
    matching_days: int = Field(description="How long a unit's scan and its sale find each other.")
    claim_days: int = Field(description="How long an anonymous sale can be claimed.")
    return_days: int = Field(description="How long goods can be brought back.")
    shortage: str = Field(
        description="When the budget is empty: grams_only credits grams without points; wait_for_funding credits "
        "the points, oldest first, once the budget is funded again."
    )
    spent_points: str = Field(description="Points taken back that are spent already: owed, or the programme's loss.")
    static_member_codes: bool = Field(description="Whether tills may send the member code that never changes.")
    caps: CapsInForce
    draw_order: DrawOrderInForce

    @staticmethod
    def told(terms: Terms) -> dict[str, Any]:
        """Return the terms by the names of these fields."""
        named = {name: getattr(terms, name) for name in TermsInForce.model_fields}
        rule = terms.expiry_rule
        expiry = {"months": rule.months, "rounding": rule.rounding, "fixed_dates": list(rule.fixed_dates)}
        return (
            named
            | {"schemes": list(terms.schemes), "certifiers": list(terms.certifiers), "expiry": expiry}
            | {"caps": CapsInForce.model_validate(terms.caps)}
            | {"draw_order": DrawOrderInForce.model_validate(terms.draw_order)}
        )


class EveryTermInForce(TermsInForce):
    """Every term of a policy, as the programme's staff reads it: with the thresholds of guards."""

    guards: GuardsInForce

    @staticmethod
    def told(terms: Terms) -> dict[str, Any]:
        """Return the terms by the names of these fields."""
        return TermsInForce.told(terms) | {"guards": GuardsInForce.model_validate(terms.guards)}


class PolicyVersionPage(Schema):
    """One version of the policy, and from when until when it holds."""

    version: int
    effective_from: Moment
    effective_until: Moment | None = Field(description="When the next version takes over; null while none is known.")
    state: State
    withdrawn_at: Moment | None = Field(description="When it was withdrawn, before it began: it never holds. Or null.")
    terms: TermsInForce

    @classmethod
    def of(cls, found: Held[PolicyVersion]) -> Self:
        """Return a version as it is sent."""
        return cls.model_validate(_told(found) | {"terms": TermsInForce.told(found.version.terms)})


class StaffPolicyVersion(PolicyVersionPage):
    """One version of the policy as operators published it, with the thresholds of guards."""

    terms: EveryTermInForce

    @classmethod
    def of(cls, found: Held[PolicyVersion]) -> Self:
        """Return a version as it is sent to staff."""
        return cls.model_validate(_told(found) | {"terms": EveryTermInForce.told(found.version.terms)})


def _told(found: Held[PolicyVersion]) -> dict[str, Any]:
    return {
        "version": found.version.version,
        "effective_from": found.version.effective_from,
        "effective_until": found.effective_until,
        "state": found.standing.value,
        "withdrawn_at": found.version.withdrawn_at,
    }


class PolicyList(Schema):
    """Every version, in the order they hold. A policy changes a few times a year: they are one page."""

    policies: list[PolicyVersionPage]


class TermDifference(Schema):
    """A term that two versions do not share, by its path; null where one of them lacks it."""

    path: str
    before: Any
    after: Any


class PolicyDifferences(Schema):
    """What one version says differently from another."""

    version: int
    since: int
    differences: list[TermDifference]

    @classmethod
    def of(cls, version: int, since: int, found: list[Difference]) -> Self:
        """Return differences as they are sent."""
        told = [TermDifference(path=each.path, before=each.before, after=each.after) for each in found]
        return cls(version=version, since=since, differences=told)


class NewExpiry(Schema):
    """How long points live; given whole."""

    months: Months
    rounding: Rounding = "none"
    fixed_dates: list[Annotated[str, Field(pattern=r"^[0-9]{2}-[0-9]{2}$")]] = Field([], max_length=12)


class NewCaps(Schema):
    """Caps to change. Null lifts a limit, where it can be without; what is left out stays."""

    grams_per_day: Most = 0
    grams_per_month: Most = 0
    points_per_day: Most = 0
    points_per_month: Most = 0
    units_per_activity: Most = 0
    units_per_category_month: Most | None = None
    units_per_gtin_day: Most | None = None
    units_per_gtin_month: Most | None = None
    household_grams_per_day: Most | None = None
    household_grams_per_month: Most | None = None
    household_points_per_day: Most | None = None
    household_points_per_month: Most | None = None
    retailer_grams_per_day: Most | None = None
    retailer_grams_per_month: Most | None = None


class NewDrawOrder(Schema):
    """Which points are spent first, lowest number first; what is left out stays. Lots keep the number they have."""

    sale: Drawn = 0
    claimed: Drawn = 0
    unit: Drawn = 0
    scan: Drawn = 0
    campaign: Drawn | None = None


class NewTerms(Schema):
    """Terms to change; what is left out stays as it is in the version this is based on, whatever the schema's default.

    Lists and `expiry` are given whole.
    """

    schemes: list[Name] = Field([], max_length=100)
    certifiers: list[UUID] = Field([], max_length=100)
    sale_evidence_bp: BasisPoints = 0
    claimed_sale_evidence_bp: BasisPoints = 0
    unit_evidence_bp: BasisPoints = 0
    scan_evidence_bp: BasisPoints = 0
    discovery_points: Few = 0
    discoveries_per_day: Few = 0
    maturity_days: Days = 0
    claimed_maturity_days: Days = 0
    unit_maturity_days: Days = 0
    scan_maturity_days: Days = 0
    expiry: NewExpiry | None = None
    points_rounding: PointsRounding = "floor"
    backdating_days: Days = 0
    scan_backdating_days: Days = 0
    clock_skew_minutes: Annotated[int, Field(strict=True, ge=0, le=60)] = 0
    matching_days: Days = 0
    claim_days: Days = 0
    return_days: Days = 0
    shortage: Shortage = "grams_only"
    spent_points: SpentPoints = "owed"
    static_member_codes: Annotated[bool, Field(strict=True)] = True
    caps: NewCaps = NewCaps()
    guards: NewGuards = NewGuards()
    draw_order: NewDrawOrder = NewDrawOrder()


class NewPolicy(Schema):
    """A version to publish: the latest one with some terms changed."""

    based_on: PositiveCount = Field(
        description="The latest version that stands; another was published meanwhile if it is not."
    )
    effective_from: Moment = Field(
        description="Not in the past: what was earned keeps the rules of its time. Nor before a version that comes."
    )
    terms: NewTerms

    def changes(self) -> dict[str, Any]:
        """Return what was said about terms, and nothing that was left out."""
        said = self.terms.model_dump(mode="json", exclude_unset=True)
        whole = None if self.terms.expiry is None else self.terms.expiry.model_dump(mode="json")
        return said | {"expiry": whole} if whole is not None else {k: v for k, v in said.items() if k != "expiry"}
