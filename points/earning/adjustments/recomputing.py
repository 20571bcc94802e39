"""Working out again what stays of receipts that were adjusted, from the facts they name."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.adjustments.cases import (
    Sources,
    case_of,
    paid_first,
    resaved_of,
    sources_of,
    standing_of,
    with_corrections,
)
from points.earning.adjustments.keeping import Standing, kept, rebased
from points.earning.adjustments.queries import adjustments_of
from points.earning.adjustments.tables import Adjustment
from points.earning.adjustments.values import AdjustmentKind, UnitsTaken
from points.earning.rows import receipt_of
from points.earning.tables import Activity
from points.programmes.policy import Rulebook


async def differing(session: AsyncSession, rulebook: Rulebook, rows: Iterable[Activity]) -> set[UUID]:
    """Return those of `rows` of which their adjustments left something else than the facts they name give."""
    history = await adjustments_of(session, rulebook.programme_id, {each.activity_id for each in rows})
    if not history:
        return set()
    sources = await with_corrections(session, await sources_of(session, rulebook, history.keys()), history)
    return {
        activity_id
        for activity_id, adjustments in history.items()
        if not _is_known(sources.rows[activity_id], sources)
        or _worked_out(sources.rows[activity_id], adjustments, sources)
        != _standing(sources.rows[activity_id], adjustments, sources)
    }


def _is_known(row: Activity, sources: Sources) -> bool:
    """Tell whether everything a receipt names is there to work it out with."""
    rulebook, receipt = sources.rulebook, receipt_of(row)
    return (
        _is_cited(row, sources)
        and any(each.version == row.policy_version for each in rulebook.policies)
        and any(each.version == row.rate_version for each in rulebook.rates)
        and all(award.campaign_id in sources.campaigns for award in receipt.awards)
        and all(unit in sources.rows and _is_cited(sources.rows[unit], sources) for unit in receipt.matched)
    )


def _is_cited(row: Activity, sources: Sources) -> bool:
    cited = sources.cited
    return (
        row.footprint_id in cited.footprints
        and row.baseline_id in cited.baselines
        and row.certificate_id in cited.certificates
    )


def _standing(
    row: Activity, adjustments: Iterable[Adjustment], sources: Sources
) -> tuple[int, int, Mapping[UUID, int]]:
    return _figures(case_of(row, adjustments, sources).standing)


def _worked_out(
    row: Activity, adjustments: Iterable[Adjustment], sources: Sources
) -> tuple[int, int, Mapping[UUID, int]]:
    return _figures(worked_out(row, adjustments, sources))


def worked_out(row: Activity, adjustments: Iterable[Adjustment], sources: Sources) -> Standing:
    """Return what stays when the same units go, the same figures are replaced and the same is paid later.

    What was given back never went.
    """
    case = case_of(row, (), sources)
    standing = case.standing
    for each in paid_first(standing_of(adjustments)):
        if each.kind == AdjustmentKind.FUNDED:
            standing = _paid(standing, each)
        elif (resaved := resaved_of(each)) is not None:
            basis = rebased(standing.basis, resaved, sources.figures)
            standing = kept(case.credited, standing, resaved, basis)
        elif each.units:
            standing = kept(case.credited, standing, UnitsTaken(-each.units))
    return standing


def _paid(standing: Standing, adjustment: Adjustment) -> Standing:
    stored = (adjustment.detail or {}).get("payments", {})
    payments = dict(standing.payments)
    for budget_id, points in stored.items():
        payments[UUID(budget_id)] = payments.get(UUID(budget_id), 0) + points
    return Standing(standing.units, standing.grams, payments, standing.basis)


def _figures(standing: Standing) -> tuple[int, int, Mapping[UUID, int]]:
    """Return what is compared; a budget that has nothing left in it says as much as one that is not there."""
    return standing.units, standing.grams, {budget: points for budget, points in standing.payments.items() if points}
