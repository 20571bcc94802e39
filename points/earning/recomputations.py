"""Working every receipt out again from the rows it names: the same numbers, or it is found out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.queries import CitedFacts, facts_by_ids
from labels.savings import Basis, Saving, saving
from points.campaigns.queries import open_campaigns
from points.campaigns.rules import OpenCampaign
from points.earning.activities import Kind, Receipt
from points.earning.adjustments.recomputing import differing
from points.earning.queries import activities
from points.earning.rows import receipt_of
from points.earning.tables import Activity
from points.programmes.policy import PolicyVersion, Rate, Rulebook
from points.programmes.queries import rulebook


@dataclass(frozen=True, slots=True)
class _Sources:
    """Everything a page of receipts names."""

    cited: CitedFacts
    policies: dict[int, PolicyVersion]
    rates: dict[int, Rate]
    campaigns: dict[UUID, OpenCampaign]
    units: dict[UUID, int]


async def recompute(
    session: AsyncSession, programme_id: UUID, *, after: UUID, limit: int
) -> tuple[list[UUID], list[UUID]]:
    """Work the next `limit` receipts after `after` out again; return the ids checked and those that differ."""
    statement = (
        select(Activity)
        .where(col(Activity.programme_id) == programme_id, col(Activity.activity_id) > after)
        .order_by(col(Activity.activity_id))
        .limit(limit)
    )
    found = (await session.exec(statement)).all()
    if not found:
        return [], []
    rules = await rulebook(session, programme_id)
    sources = await _sources(session, rules, found)
    adjusted = await differing(session, rules, found)
    checked = [each.activity_id for each in found]
    return checked, [
        each for each, row in zip(checked, found, strict=True) if each in adjusted or not _same(row, sources)
    ]


async def _sources(session: AsyncSession, rules: Rulebook, found: Sequence[Activity]) -> _Sources:
    cited = await facts_by_ids(
        session,
        {each.footprint_id for each in found},
        {each.baseline_id for each in found},
        {each.certificate_id for each in found},
    )
    times = [each.effective_at for each in found]
    matched = {unit for each in found for unit in receipt_of(each).matched}
    campaigns = await open_campaigns(session, rules.programme_id, min(times), max(times))
    return _Sources(
        cited=cited,
        policies={each.version: each for each in rules.policies},
        rates={each.version: each for each in rules.rates},
        campaigns={each.campaign_id: each for each in campaigns},
        units={
            each: unit.saving_grams for each, unit in (await activities(session, rules.programme_id, matched)).items()
        },
    )


def _same(activity: Activity, sources: _Sources) -> bool:
    policy, rate = sources.policies.get(activity.policy_version), sources.rates.get(activity.rate_version)
    saved = _saving(activity, sources.cited)
    receipt = receipt_of(activity)
    if policy is None or rate is None or saved is None or not sources.units.keys() >= set(receipt.matched):
        return False
    grams = max(0, saved.grams - sum(sources.units[unit] for unit in receipt.matched))
    if grams != activity.saving_grams:
        return False
    discovery = receipt.kind is Kind.SCAN and policy.terms.scan_evidence_bp == 0
    due = policy.terms.discovery_points if discovery else rate.points_for(receipt.grams, policy.terms.points_rounding)
    return _credited(receipt, grams, due) and _awarded(receipt, due, sources.campaigns)


def _saving(activity: Activity, cited: CitedFacts) -> Saving | None:
    """Return the saving by the figures the receipt names, or None when one of them is missing or saves nothing."""
    footprint, baseline = cited.footprints.get(activity.footprint_id), cited.baselines.get(activity.baseline_id)
    certificate = cited.certificates.get(activity.certificate_id)
    if footprint is None or baseline is None or certificate is None:
        return None
    basis = Basis(activity.certificate_id, certificate.number, footprint, baseline, activity.units_micro_each)
    saved = saving(basis, quantity=activity.quantity, evidence_bp=activity.evidence_bp)
    return saved if isinstance(saved, Saving) else None


def _credited(receipt: Receipt, grams: int, due: int) -> bool:
    """Tell whether what was credited is all that was due, or less with a cut that says why."""
    if receipt.cuts:
        return receipt.grams <= grams and receipt.base_points <= due
    return receipt.grams == grams and receipt.base_points == due


def _awarded(receipt: Receipt, due: int, campaigns: dict[UUID, OpenCampaign]) -> bool:
    """Tell whether each campaign wanted to pay what its rule says, and paid it or was cut."""
    for award in receipt.awards:
        campaign = campaigns.get(award.campaign_id)
        if campaign is None or campaign.rule.award(due) != award.wanted:
            return False
        if award.points > award.wanted or (award.points < award.wanted and not receipt.cuts):
            return False
    return True
