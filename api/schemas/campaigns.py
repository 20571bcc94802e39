"""Campaigns as staff open them and read them."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field

from api.schemas import Code, Moment, Name, Schema, Slug
from labels.gtin import parse_code, require_labelled
from points.campaigns import rules
from points.campaigns.campaigns import MOST_FUNDED_POINTS, CampaignDraft, CampaignState
from points.campaigns.rules import RULE

EvidenceKind = Literal["sale", "scan"]


class NewConditions(Schema):
    """What an activity must be for the rule to pay; what is left out does not matter."""

    category_id: Slug | None = Field(None, description="This category and those below it.")
    gtins: list[Code] = Field([], max_length=1000, description="These products only.")
    evidence: list[EvidenceKind] = Field([], max_length=2, description="Activities known by this only.")
    minimum_grams: Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)] = Field(
        1, description="Least grams of CO2e credited. With 0, a bonus is paid for scans that saved nothing."
    )

    def as_conditions(self) -> rules.Conditions:
        """Return them as the rule takes them.

        Raises:
            InvalidCodeError: when one of `gtins` is not a product that can be labelled.
        """
        return rules.Conditions(
            category_id=self.category_id,
            gtins=tuple(sorted({require_labelled(parse_code(code)) for code in self.gtins})),
            evidence=tuple(sorted(set(self.evidence))),
            minimum_grams=self.minimum_grams,
        )


class NewMultiply(Schema):
    """Base points times `multiplier_bp` hundredths of a percent; the campaign pays what is beyond one time."""

    type: Literal["multiply"]
    multiplier_bp: Annotated[int, Field(strict=True, gt=rules.BASIS_POINTS, le=10 * rules.BASIS_POINTS)]
    conditions: NewConditions = NewConditions()

    def as_rule(self) -> rules.Multiply:
        """Return it as the rule it is."""
        return rules.Multiply(multiplier_bp=self.multiplier_bp, conditions=self.conditions.as_conditions())


class NewBonus(Schema):
    """The same number of points for every activity that meets the conditions."""

    type: Literal["bonus"]
    points: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    conditions: NewConditions = NewConditions()

    def as_rule(self) -> rules.Bonus:
        """Return it as the rule it is."""
        return rules.Bonus(points=self.points, conditions=self.conditions.as_conditions())


class NewCampaign(Schema):
    """A campaign: it holds for activities with `starts_at` <= their time < `ends_at`."""

    name_zh: Name
    name_en: Name
    starts_at: Moment = Field(description="Not in the past: who reports late would earn more than who did at once.")
    ends_at: Moment
    rule: Annotated[NewMultiply | NewBonus, Field(discriminator="type")]
    funded_points: Annotated[int, Field(strict=True, ge=1, le=MOST_FUNDED_POINTS)] = Field(
        description="Points newly issued into the campaign's own budget; it pays from nothing else."
    )

    def as_draft(self) -> CampaignDraft:
        """Return it as the use case takes it."""
        return CampaignDraft(self.name_zh, self.name_en, self.starts_at, self.ends_at, self.rule.as_rule())


class Conditions(Schema):
    """What an activity must be for the rule to pay; what is null or empty does not matter."""

    category_id: str | None
    gtins: list[str]
    evidence: list[EvidenceKind]
    minimum_grams: int


class Multiply(Schema):
    """Base points times `multiplier_bp` hundredths of a percent; the campaign pays what is beyond one time."""

    type: Literal["multiply"]
    multiplier_bp: int
    conditions: Conditions


class Bonus(Schema):
    """The same number of points for every activity that meets the conditions."""

    type: Literal["bonus"]
    points: int
    conditions: Conditions


class Campaign(Schema):
    """A campaign and what its budget has left."""

    campaign_id: UUID
    name_zh: str
    name_en: str
    starts_at: Moment
    ends_at: Moment
    rule: Annotated[Multiply | Bonus, Field(discriminator="type")]
    points_left: int
    created_at: Moment

    @classmethod
    def of(cls, state: CampaignState) -> Self:
        """Return a campaign as it is sent."""
        campaign = state.campaign
        return cls(
            campaign_id=campaign.campaign_id,
            name_zh=campaign.name_zh,
            name_en=campaign.name_en,
            starts_at=campaign.starts_at,
            ends_at=campaign.ends_at,
            rule=_rule(campaign.rule),
            points_left=state.points_left,
            created_at=campaign.created_at,
        )


def _rule(stored: dict[str, object]) -> Multiply | Bonus:
    rule = RULE.validate_python(stored)
    return Multiply.model_validate(rule) if isinstance(rule, rules.Multiply) else Bonus.model_validate(rule)
