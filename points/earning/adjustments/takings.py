"""Writing down what changes take of credits: the ledger's entries, and a row for each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points import ledger
from points.earning.adjustments import queries
from points.earning.adjustments.keeping import payments_due
from points.earning.adjustments.plans import Part, Plan
from points.earning.adjustments.values import Adjusted, Change, Done
from points.earning.funding.queries import lower
from points.earning.guards.needs import TallyKey
from points.earning.guards.queries import free
from points.ledger import Bearer
from points.programmes.policy import SpentPoints


async def take_back(
    session: AsyncSession,
    programme_id: UUID,
    plans: Mapping[int, tuple[Plan, ...]],
    order_ids: Mapping[int, UUID],
    now: datetime,
) -> dict[int, Done]:
    """Take back what is planned: the room it used under shared caps, entries and budgets, adjustments and their days.

    `plans` are by order, all changes of one under one index; `order_ids` are what their keys lead to, and the ids of
    their first parts.
    """
    parts = [
        (index, number, part, new_id() if number or place else order_ids[index])
        for index, found in plans.items()
        for number, each in enumerate(found)
        for place, part in enumerate(each.parts)
    ]
    reversals = [
        _reversal(plans[index][number].change, part, entry_id)
        for index, number, part, entry_id in parts
        if part.grams or part.points
    ]
    await free(session, programme_id, _room(part for _, _, part, _ in parts))
    taken = {each.entry_id: each for each in await ledger.reverse(session, programme_id, reversals, now=now)}
    rows: dict[tuple[int, int], list[queries.NewAdjustment]] = defaultdict(list)
    for index, number, part, entry_id in parts:
        rows[index, number].append(_row(plans[index][number].change, part, entry_id, taken.get(entry_id)))
    await queries.write(session, programme_id, [row for each in rows.values() for row in each])
    await lower(session, programme_id, _still_due(plans), now=now)
    return {
        index: Done(order_ids[index], tuple(_adjusted(each, rows[index, number]) for number, each in enumerate(found)))
        for index, found in plans.items()
    }


def _room(parts: Iterable[Part]) -> dict[TallyKey, int]:
    """Return the grams that go by the counters that had them; a household's room follows from its members' days."""
    freed: dict[TallyKey, int] = defaultdict(int)
    for part in parts:
        for key in part.case.counted_in:
            freed[key] += part.grams
    return freed


def _still_due(plans: Mapping[int, tuple[Plan, ...]]) -> dict[tuple[UUID, UUID], int]:
    """Return the most that may go on waiting for a budget, by activity and budget: what of the rest it had not paid."""
    due: dict[tuple[UUID, UUID], int] = {}
    for found in (each for plan in plans.values() for each in plan):
        for case in {part.case.activity_id: part.case for part in found.parts}.values():
            credited, left = case.credited, found.left.standing
            own = case.activity_id == found.left.activity_id
            payments = payments_due(credited, left.units, left.grams) if own else {}
            for budget_id in {credited.base_budget_id, *credited.rules}:
                paid = left.payments.get(budget_id, 0) if own else 0
                due[case.activity_id, budget_id] = max(0, payments.get(budget_id, 0) - paid)
    return due


def _reversal(change: Change, part: Part, entry_id: UUID) -> ledger.Reversal:
    spent = change.spent or part.case.spent
    return ledger.Reversal(
        entry_id=entry_id,
        award_id=part.award_id,
        resident_id=part.case.resident_id,
        grams=part.grams,
        payments=tuple(part.payments.items()),
        effective_at=change.effective_at,
        bearer=Bearer.PROGRAMME if spent is SpentPoints.PROGRAMME else Bearer.RESIDENT,
    )


def _row(change: Change, part: Part, entry_id: UUID, taken: ledger.Reversed | None) -> queries.NewAdjustment:
    detail: dict[str, object] = {}
    if part.payments:
        detail["payments"] = {str(budget_id): -points for budget_id, points in part.payments.items()}
    if taken is not None and taken.lapsed:
        detail["lapsed"] = taken.lapsed
    if part.units and part.case.activity_id == change.activity_id:
        detail |= _told(change)
    if part.award_id != part.case.activity_id:
        detail["award_id"] = str(part.award_id)
    if part.resaved is not None:
        named = {"footprint_id": part.resaved.footprint_id, "baseline_id": part.resaved.baseline_id}
        detail["resaved"] = {name: str(value) for name, value in named.items() if value is not None}
    return queries.NewAdjustment(
        adjustment_id=entry_id,
        activity_id=part.case.activity_id,
        resident_id=part.case.resident_id,
        order_id=change.order_id,
        effective_at=change.effective_at,
        grams=-part.grams,
        points=-part.points,
        owed=taken.owed if taken else 0,
        borne=taken.borne if taken else 0,
        units=-part.units,
        day=part.case.day,
        kind=int(change.kind),
        reason=change.reason,
        detail=detail or None,
    )


def _told(change: Change) -> dict[str, object]:
    """Return what a return said of the units, for the returns after it."""
    told = {
        "serial": change.serial,
        "guessed_until": None if change.guessed_until is None else change.guessed_until.isoformat(),
        "instead_of": None if change.instead_of is None else str(change.instead_of),
    }
    return {name: value for name, value in told.items() if value is not None}


def _adjusted(found: Plan, rows: Sequence[queries.NewAdjustment]) -> Adjusted:
    left = found.left.standing
    labels = [each for each in rows if each.activity_id != found.left.activity_id]
    return Adjusted(
        adjustment_id=rows[0].adjustment_id,
        activity_id=found.left.activity_id,
        resident_id=found.left.resident_id,
        kind=found.change.kind,
        units=-rows[0].units,
        grams=-sum(each.grams for each in rows),
        points=-sum(each.points for each in rows),
        owed=sum(each.owed for each in rows),
        borne=sum(each.borne for each in rows),
        units_left=left.units,
        grams_left=left.grams,
        points_left=left.points,
        retailer_id=found.left.retailer_id,
        label_grams=-sum(each.grams for each in labels),
        label_points=-sum(each.points for each in labels),
    )
