"""What a campaign pays for one activity, and why it does or does not. Pure, and all of it in integers.

A rule is a value with a `type`, so that a stored campaign can be read back and checked, and a new kind of campaign is a
new class here and nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass as checked_dataclass

from core.values import unguarded

BASIS_POINTS = 10_000

_STRICT = ConfigDict(extra="forbid")

EvidenceKind = Literal["sale", "scan"]


class Why(StrEnum):
    """Why a rule paid, or the first reason it did not. Stable: receipts and simulations name them."""

    PAID = "paid"
    NOT_STARTED = "not_started"
    ENDED = "ended"
    OTHER_CATEGORY = "other_category"
    OTHER_PRODUCT = "other_product"
    OTHER_EVIDENCE = "other_evidence"
    TOO_FEW_GRAMS = "too_few_grams"
    NOTHING_TO_MULTIPLY = "nothing_to_multiply"


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Conditions:
    """What an activity must be for a rule to pay; what is left empty does not matter.

    `category_id` takes the categories below it along: `beverages` covers `beverages.beer`. `minimum_grams` is of
    credited CO2e, one by default: a fixed bonus for scans that saved nothing would pay people to scan a shelf.
    """

    category_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    gtins: Annotated[tuple[Annotated[str, Field(pattern=r"^[0-9]{14}$")], ...], Field(max_length=1000)] = ()
    evidence: Annotated[tuple[EvidenceKind, ...], Field(max_length=2)] = ()
    minimum_grams: Annotated[int, Field(ge=0, le=1_000_000_000)] = 1


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Multiply:
    """Base points times `multiplier_bp` hundredths of a percent; the campaign pays what is beyond one time."""

    type: Literal["multiply"] = "multiply"
    multiplier_bp: Annotated[int, Field(gt=BASIS_POINTS, le=10 * BASIS_POINTS)]
    conditions: Conditions = Conditions()

    def award(self, base_points: int) -> int:
        """Return the extra points over `base_points`, floored."""
        return base_points * (self.multiplier_bp - BASIS_POINTS) // BASIS_POINTS


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Bonus:
    """The same number of points for every activity that meets the conditions."""

    type: Literal["bonus"] = "bonus"
    points: Annotated[int, Field(ge=1, le=100_000)]
    conditions: Conditions = Conditions()

    def award(self, base_points: int) -> int:  # noqa: ARG002 - every rule is asked the same question
        """Return `points`, whatever the activity earned by itself."""
        return self.points


Rule = Annotated[Multiply | Bonus, Field(discriminator="type")]

RULE: TypeAdapter[Multiply | Bonus] = TypeAdapter(Rule)


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    """A campaign that can pay: its rule holds for `starts_at` <= effective_at < `ends_at`, drawn from `budget_id`."""

    campaign_id: UUID
    budget_id: UUID
    starts_at: datetime
    ends_at: datetime
    rule: Multiply | Bonus


@unguarded
@dataclass(frozen=True, slots=True)
class Verdict:
    """What one campaign has to say about one activity; `points` is 0 unless `why` is paid."""

    campaign_id: UUID
    budget_id: UUID
    points: int
    why: Why


@unguarded
@dataclass(frozen=True, slots=True)
class _Facts:
    category_id: str | None
    gtin: str
    kind: EvidenceKind
    effective_at: datetime
    base_points: int
    grams: int


def evaluate(
    campaigns: Iterable[OpenCampaign],
    *,
    category_id: str | None,
    gtin: str,
    kind: EvidenceKind,
    effective_at: datetime,
    base_points: int,
    grams: int,
) -> tuple[Verdict, ...]:
    """Return one verdict for each campaign, oldest campaign first, whether it pays or not.

    `base_points` and `grams` are what the activity is credited without any campaign. Campaigns do not see each other:
    two multipliers add up and never compound, so the order changes nobody's points.
    """
    facts = _Facts(category_id, gtin, kind, effective_at, base_points, grams)
    return tuple(_verdict(campaign, facts) for campaign in sorted(campaigns, key=attrgetter("campaign_id")))


def _verdict(campaign: OpenCampaign, facts: _Facts) -> Verdict:
    refusal = _outside_window(campaign, facts) or _unmet(campaign.rule.conditions, facts)
    if refusal is not None:
        return Verdict(campaign.campaign_id, campaign.budget_id, 0, refusal)
    points = campaign.rule.award(facts.base_points)
    why = Why.PAID if points > 0 else Why.NOTHING_TO_MULTIPLY
    return Verdict(campaign.campaign_id, campaign.budget_id, points, why)


def _outside_window(campaign: OpenCampaign, facts: _Facts) -> Why | None:
    if facts.effective_at < campaign.starts_at:
        return Why.NOT_STARTED
    return Why.ENDED if facts.effective_at >= campaign.ends_at else None


def _unmet(conditions: Conditions, facts: _Facts) -> Why | None:
    if conditions.category_id is not None and not _within(facts.category_id, conditions.category_id):
        return Why.OTHER_CATEGORY
    if conditions.gtins and facts.gtin not in conditions.gtins:
        return Why.OTHER_PRODUCT
    if conditions.evidence and facts.kind not in conditions.evidence:
        return Why.OTHER_EVIDENCE
    return Why.TOO_FEW_GRAMS if facts.grams < conditions.minimum_grams else None


def _within(category_id: str | None, ancestor: str) -> bool:
    """Tell whether `category_id` is `ancestor` or lies below it; the dot keeps `tea` apart from `teapots`."""
    return category_id is not None and (category_id == ancestor or category_id.startswith(f"{ancestor}."))
