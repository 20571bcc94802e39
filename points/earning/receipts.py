"""A receipt with everything it was worked out from, so that anyone can do it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from labels.explanations import Step, explain
from labels.queries import facts_by_ids, facts_for
from labels.savings import Basis, Obstacle, Saving, saving
from points.campaigns.queries import campaigns_by_ids
from points.campaigns.tables import Campaign
from points.earning.activities import CampaignAward, Receipt
from points.earning.adjustments.queries import adjustments_of
from points.earning.adjustments.remaining import Remaining
from points.earning.adjustments.tables import Adjustment
from points.earning.queries import activities
from points.earning.rows import receipt_of
from points.earning.tables import Activity
from points.errors import NotFoundError
from points.programmes.policy import PointsRounding, Rate
from points.programmes.queries import rulebook


@dataclass(frozen=True, slots=True)
class Provenance:
    """The versions a receipt names."""

    certificate_id: UUID
    certificate_number: str
    footprint_id: UUID
    baseline_id: UUID
    policy_version: int
    rate_version: int
    points_per_tonne: int
    evidence_bp: int


@dataclass(frozen=True, slots=True)
class ExplainedReceipt:
    """A receipt, what it was worked out from, and the steps in between."""

    receipt: Receipt
    product_name_zh: str
    product_name_en: str
    provenance: Provenance
    steps: tuple[Step, ...]
    adjustments: tuple[Adjustment, ...]
    """What became of it since, oldest first."""

    @property
    def left(self) -> Remaining:
        """What is left of it."""
        return Remaining.of(self.receipt, self.adjustments)


async def explained(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, activity_id: UUID
) -> ExplainedReceipt:
    """Return a resident's receipt with its steps.

    Raises:
        NotFoundError: when the resident has no such receipt.
    """
    activity = (await activities(session, programme_id, [activity_id])).get(activity_id)
    if activity is None or activity.resident_id != resident_id:
        raise NotFoundError("You have no receipt with this id.")
    basis = await basis_of(session, activity)
    saved = recomputed(activity, basis)
    rules = await rulebook(session, programme_id)
    rate = {each.version: each for each in rules.rates}[activity.rate_version]
    terms = {each.version: each for each in rules.policies}[activity.policy_version].terms
    product = (await facts_for(session, [activity.gtin]))[activity.gtin]
    receipt = receipt_of(activity, potential_grams=saved.full_grams)
    provenance = Provenance(
        certificate_id=activity.certificate_id,
        certificate_number=basis.certificate_number,
        footprint_id=activity.footprint_id,
        baseline_id=activity.baseline_id,
        policy_version=activity.policy_version,
        rate_version=activity.rate_version,
        points_per_tonne=rate.points_per_tonne,
        evidence_bp=activity.evidence_bp,
    )
    units = list((await activities(session, programme_id, receipt.matched)).values()) if receipt.matched else []
    paying = {each.campaign_id for each in receipt.awards}
    campaigns = await campaigns_by_ids(session, programme_id, paying) if paying else {}
    credited = _credited(receipt, rate, terms.points_rounding, campaigns)
    steps = (*explain(saved, basis), *_matched(saved, units), *credited)
    since = (await adjustments_of(session, programme_id, [activity_id])).get(activity_id, [])
    return ExplainedReceipt(receipt, product.name_zh, product.name_en, provenance, steps, tuple(since))


async def basis_of(session: AsyncSession, activity: Activity) -> Basis:
    """Return what an activity's saving was worked out from, by the ids it names."""
    cited = await facts_by_ids(session, [activity.footprint_id], [activity.baseline_id], [activity.certificate_id])
    return Basis(
        certificate_id=activity.certificate_id,
        certificate_number=cited.certificates[activity.certificate_id].number,
        footprint=cited.footprints[activity.footprint_id],
        baseline=cited.baselines[activity.baseline_id],
        units_micro_each=activity.units_micro_each,
    )


def recomputed(activity: Activity, basis: Basis) -> Saving:
    """Return the saving worked out again from the inputs the activity names.

    Raises:
        ValueError: when these inputs now give no saving at all, which the audit reports as a difference.
    """
    match saving(basis, quantity=activity.quantity, evidence_bp=activity.evidence_bp):
        case Obstacle(detail=detail):
            raise ValueError(detail)
        case saved:
            return saved


def _matched(saved: Saving, units: Sequence[Activity]) -> tuple[Step, ...]:
    """Return the step that leaves out what labels of the same units were credited before the sale confirmed them."""
    if not units:
        return ()
    terms = " - ".join(f"{each} g" for each in (saved.grams, *(unit.saving_grams for unit in units)))
    left = max(0, saved.grams - sum(unit.saving_grams for unit in units))
    names = "扣除先前扫描标签已计入的部分", "Less what labels of these units were credited before"
    return (Step("matched", *names, f"{terms} CO2e", f"{left} g CO2e"),)


def _credited(
    receipt: Receipt, rate: Rate, rounding: PointsRounding, campaigns: Mapping[UUID, Campaign]
) -> tuple[Step, ...]:
    """Return the steps from the saving to what was credited."""
    steps = [
        Step(
            "credited",
            "计入的减排量",
            "Grams credited after caps",
            f"{receipt.saving_grams} g CO2e" + _because(receipt),
            f"{receipt.grams} g CO2e",
        ),
        Step(
            "base_points",
            "基础积分",
            "Base points",
            f"{rounding}({receipt.grams} g x {rate.points_per_tonne} / 1 000 000 g)" if receipt.grams else "discovery",
            f"{receipt.base_points}",
        ),
    ]
    steps += [_awarded(award, campaigns[award.campaign_id]) for award in receipt.awards]
    steps.append(Step("points", "积分合计", "Points credited", _sum(receipt), f"{receipt.points}"))
    return tuple(steps)


def _awarded(award: CampaignAward, campaign: Campaign) -> Step:
    """Return the step of what a campaign paid of what its rule came to."""
    names = f"活动奖励：{campaign.name_zh}", f"Campaign award: {campaign.name_en}"
    return Step("campaign", *names, f"{award.wanted}", f"{award.points}")


def _because(receipt: Receipt) -> str:
    return f" ({', '.join(receipt.cuts)})" if receipt.cuts else ""


def _sum(receipt: Receipt) -> str:
    return " + ".join(str(points) for points in (receipt.base_points, *(each.points for each in receipt.awards)))
