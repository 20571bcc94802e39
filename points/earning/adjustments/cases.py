"""Credits as they stand now: their rows, what became of them since, and the facts they name."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from labels.queries import CitedFacts, facts_by_ids
from labels.savings import Basis
from points import ledger
from points.campaigns.queries import open_campaigns
from points.campaigns.rules import OpenCampaign
from points.earning.activities import Kind, Receipt
from points.earning.adjustments.keeping import Credited, Figures, Matched, Standing, rebased
from points.earning.adjustments.plans import Award, Case
from points.earning.adjustments.queries import adjustments_of
from points.earning.adjustments.tables import Adjustment
from points.earning.adjustments.values import AdjustmentKind, Change, Resaved
from points.earning.guards.needs import capped
from points.earning.queries import activities
from points.earning.rows import receipt_of
from points.earning.tables import Activity
from points.programmes.policy import PolicyVersion, Rulebook


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything a batch of credits names, none of which ever changes."""

    rulebook: Rulebook
    rows: Mapping[UUID, Activity]
    cited: CitedFacts
    campaigns: Mapping[UUID, OpenCampaign]

    @property
    def figures(self) -> Figures:
        """What a saving can be worked out with."""
        return Figures(self.cited.footprints, self.cited.baselines)


async def sources_of(
    session: AsyncSession, rulebook: Rulebook, activity_ids: Collection[UUID], changes: Sequence[Change] = ()
) -> Sources:
    """Return what credits name, with the label units their sales confirmed and what `changes` work out with."""
    programme_id = rulebook.programme_id
    rows = await activities(session, programme_id, set(activity_ids))
    matched = {each for row in rows.values() for each in receipt_of(row).matched} - rows.keys()
    rows |= await activities(session, programme_id, matched) if matched else {}
    return await cited_by(session, rulebook, rows, [each.keep for each in changes if isinstance(each.keep, Resaved)])


async def cited_by(
    session: AsyncSession, rulebook: Rulebook, rows: Mapping[UUID, Activity], resaved: Sequence[Resaved] = ()
) -> Sources:
    """Return what `rows` name, and what `resaved` name instead."""
    footprints = {each.footprint_id for each in resaved if each.footprint_id is not None}
    baselines = {each.baseline_id for each in resaved if each.baseline_id is not None}
    cited = await facts_by_ids(
        session,
        footprints | {each.footprint_id for each in rows.values()},
        baselines | {each.baseline_id for each in rows.values()},
        {each.certificate_id for each in rows.values()},
    )
    times = [each.effective_at for each in rows.values()]
    found = await open_campaigns(session, rulebook.programme_id, min(times), max(times)) if times else []
    return Sources(rulebook, rows, cited, {each.campaign_id: each for each in found})


async def open_cases(session: AsyncSession, sources: Sources) -> dict[UUID, Case]:
    """Lock the residents of credits and return the credits as they stand; they stay so until the commit."""
    programme_id = sources.rulebook.programme_id
    await ledger.lock(session, programme_id, {each.resident_id for each in sources.rows.values()})
    history = await adjustments_of(session, programme_id, sources.rows.keys())
    replaced = await with_corrections(session, sources, history)
    return {row.activity_id: case_of(row, history.get(row.activity_id, ()), replaced) for row in sources.rows.values()}


async def with_corrections(
    session: AsyncSession, sources: Sources, history: Mapping[UUID, Sequence[Adjustment]]
) -> Sources:
    """Return `sources` with what earlier corrections worked out with; it is read only where there are some."""
    named = [resaved_of(each) for rows in history.values() for each in rows]
    earlier = [each for each in named if each is not None]
    return await cited_by(session, sources.rulebook, sources.rows, earlier) if earlier else sources


def paid_first(history: Iterable[Adjustment]) -> list[Adjustment]:
    """Return `history` with what was paid later before what took anything back, else in its own order.

    An id is made before its resident is locked, and by the clock of one machine of several: what took an award back may
    have an older id than the award. What is paid later is never more than what is still due, so that what stays in the
    end is the same.
    """
    ranks = {AdjustmentKind.FUNDED: 0, AdjustmentKind.REOPENED: 1}
    return sorted(history, key=lambda each: ranks.get(AdjustmentKind(each.kind), len(ranks)))


def standing_of(history: Iterable[Adjustment]) -> list[Adjustment]:
    """Return those of `history` that stand: without what was given back, and without what gave it back."""
    rows = list(history)
    undone = {undone_by(each) for each in rows}
    return [each for each in rows if each.kind != AdjustmentKind.REOPENED and each.adjustment_id not in undone]


def undone_by(adjustment: Adjustment) -> UUID | None:
    """Return which adjustment one gave back; None where it gave none back."""
    stored = (adjustment.detail or {}).get("undoes")
    return None if stored is None else UUID(stored)


def case_of(row: Activity, history: Iterable[Adjustment], sources: Sources) -> Case:
    """Return a credit as it stands after `history`, oldest first."""
    receipt = receipt_of(row)
    credited, terms = _credited(row, receipt, sources), _policy(row, sources).terms
    awards = [Award(row.activity_id, _paid(receipt, credited.base_budget_id, sources))]
    units, grams, basis = row.quantity, row.grams, original_basis(row, sources.cited)
    rows = paid_first(history)
    for each in rows:
        units, grams = units + each.units, grams + each.grams
        awards = _adjusted(awards, each)
    for each in standing_of(rows):
        if (resaved := resaved_of(each)) is not None:
            basis = rebased(basis, resaved, sources.figures) or basis
    guesses = [each for each in rows if "guessed_until" in (each.detail or {})]
    guessed_at = [datetime.fromisoformat((each.detail or {})["guessed_until"]) for each in guesses]
    payments: dict[UUID, int] = {}
    for award in awards:
        for budget_id, points in award.payments.items():
            payments[budget_id] = payments.get(budget_id, 0) + points
    return Case(
        activity_id=row.activity_id,
        resident_id=row.resident_id,
        retailer_id=row.retailer_id,
        kind=Kind(row.kind),
        gtin=row.gtin,
        quantity=row.quantity,
        day=row.day,
        effective_at=row.effective_at,
        spent=terms.spent_points,
        return_days=terms.return_days,
        credited=credited,
        standing=Standing(units, grams, payments, basis),
        awards=tuple(awards),
        matched=receipt.matched,
        counted_in=tuple(key for _, key, _ in capped(row.retailer_id, row.day, terms.caps)),
        serials=_serials(rows),
        guessed=-sum(each.units for each in guesses),
        guessed_since=min(guessed_at, default=None),
        guessed_until=max(guessed_at, default=None),
        instead=_instead(guesses),
    )


def original_basis(row: Activity, cited: CitedFacts) -> Basis:
    """Return what a credit was worked out by in the first place."""
    return Basis(
        certificate_id=row.certificate_id,
        certificate_number=cited.certificates[row.certificate_id].number,
        footprint=cited.footprints[row.footprint_id],
        baseline=cited.baselines[row.baseline_id],
        units_micro_each=row.units_micro_each,
    )


def resaved_of(adjustment: Adjustment) -> Resaved | None:
    """Return what an adjustment worked the saving out with, where it did."""
    stored = (adjustment.detail or {}).get("resaved")
    return stored and Resaved(**{name: UUID(value) for name, value in stored.items()})


def _serials(history: Iterable[Adjustment]) -> frozenset[str]:
    """Return which units came back of a sale by returns that named it."""
    told = [each.detail or {} for each in history]
    return frozenset(each["serial"] for each in told if "serial" in each and "guessed_until" not in each)


def _instead(guesses: Iterable[Adjustment]) -> dict[UUID, int]:
    """Return how many units went in place of other receipts', by the receipt."""
    instead: dict[UUID, int] = defaultdict(int)
    for each in guesses:
        if (named := (each.detail or {}).get("instead_of")) is not None:
            instead[UUID(named)] -= each.units
    return instead


def _policy(row: Activity, sources: Sources) -> PolicyVersion:
    return next(each for each in sources.rulebook.policies if each.version == row.policy_version)


def _credited(row: Activity, receipt: Receipt, sources: Sources) -> Credited:
    rulebook, terms = sources.rulebook, _policy(row, sources).terms
    discovery = receipt.kind is Kind.SCAN and terms.scan_evidence_bp == 0
    campaigns = [sources.campaigns[award.campaign_id] for award in receipt.awards]
    return Credited(
        evidence_bp=row.evidence_bp,
        rate=next(each for each in rulebook.rates if each.version == row.rate_version),
        rounding=terms.points_rounding,
        discovery_points=terms.discovery_points if discovery else None,
        matched=tuple(_matched(sources.rows[each], row, sources.cited) for each in receipt.matched),
        base_budget_id=rulebook.engagement_budget_id if discovery else rulebook.base_budget_id,
        rules={each.budget_id: each.rule for each in campaigns},
    )


def _matched(label: Activity, sale: Activity, cited: CitedFacts) -> Matched:
    return Matched(
        grams=label.saving_grams,
        evidence_bp=label.evidence_bp,
        basis=original_basis(label, cited),
        same_footprint=label.footprint_id == sale.footprint_id,
        same_baseline=label.baseline_id == sale.baseline_id,
    )


def _paid(receipt: Receipt, base_budget_id: UUID, sources: Sources) -> dict[UUID, int]:
    """Return what each budget paid when it was credited."""
    awards = {sources.campaigns[award.campaign_id].budget_id: award.points for award in receipt.awards}
    return {base_budget_id: receipt.base_points, **awards}


def _adjusted(awards: list[Award], adjustment: Adjustment) -> list[Award]:
    """Return awards after one adjustment: one more where it paid, less of one where it took."""
    detail = adjustment.detail or {}
    payments = {UUID(budget_id): points for budget_id, points in detail.get("payments", {}).items()}
    if adjustment.kind == AdjustmentKind.FUNDED:
        return [*awards, Award(adjustment.adjustment_id, payments)]
    award_id = UUID(detail.get("award_id", str(adjustment.activity_id)))
    if adjustment.kind == AdjustmentKind.REOPENED:  # what budgets paid again is a lot of its own, the rest was spent
        paid = {UUID(budget_id): points for budget_id, points in detail.get("paid", {}).items()}
        payments = {budget_id: points - paid.get(budget_id, 0) for budget_id, points in payments.items()}
        awards = [*awards, Award(adjustment.adjustment_id, paid)] if paid else awards
    return [
        Award(each.award_id, {budget: there + payments.get(budget, 0) for budget, there in each.payments.items()})
        if each.award_id == award_id
        else each
        for each in awards
    ]
