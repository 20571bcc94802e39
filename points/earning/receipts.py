"""A receipt with everything it was worked out from, so that anyone can do it again."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from labels.explanations import Step, explain
from labels.queries import facts_by_ids, facts_for
from labels.savings import Basis, Obstacle, Saving, saving
from points.earning.activities import Receipt
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
    steps = (*explain(saved, basis), *_credited(receipt, rate, terms.points_rounding))
    return ExplainedReceipt(receipt, product.name_zh, product.name_en, provenance, steps)


async def basis_of(session: AsyncSession, activity: Activity) -> Basis:
    """Return what an activity's saving was worked out from, by the ids it names."""
    cited = await facts_by_ids(session, [activity.footprint_id], [activity.baseline_id], [activity.certificate_id])
    return Basis(
        certificate_id=activity.certificate_id,
        certificate_number=cited.certificates[activity.certificate_id].number,
        footprint=cited.footprints[activity.footprint_id],
        baseline=cited.baselines[activity.baseline_id],
        units_micro_each=activity.units_micro // activity.quantity,
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


def _credited(receipt: Receipt, rate: Rate, rounding: PointsRounding) -> tuple[Step, ...]:
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
    steps += [
        Step("campaign", "活动奖励", "Campaign award", f"{award.campaign_id}: {award.wanted}", f"{award.points}")
        for award in receipt.awards
    ]
    steps.append(Step("points", "积分合计", "Points credited", _sum(receipt), f"{receipt.points}"))
    return tuple(steps)


def _because(receipt: Receipt) -> str:
    return f" ({', '.join(receipt.cuts)})" if receipt.cuts else ""


def _sum(receipt: Receipt) -> str:
    return " + ".join(str(points) for points in (receipt.base_points, *(each.points for each in receipt.awards)))
