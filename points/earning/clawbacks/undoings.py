"""What is to be undone of an order, and what room under caps and in queues of budgets that takes up again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.earning.adjustments.cases import Sources, case_of, resaved_of, sources_of, undone_by, with_corrections
from points.earning.adjustments.keeping import Standing, matched_left, payments_due
from points.earning.adjustments.queries import adjustments_of
from points.earning.adjustments.recomputing import worked_out
from points.earning.adjustments.tables import Adjustment
from points.earning.adjustments.values import AdjustmentKind
from points.earning.clawbacks import order_queries
from points.earning.funding.waiting import Reopening
from points.earning.guards.needs import TallyKey
from points.earning.queries import activities
from points.earning.rows import receipt_of
from points.errors import StateConflictError
from points.programmes.policy import Rulebook


@dataclass(frozen=True, slots=True)
class Undoing:
    """One adjustment that is undone, as entry `entry_id`."""

    entry_id: UUID
    taken: Adjustment

    @property
    def posted(self) -> bool:
        """Whether the ledger has an entry of it: not where nothing but units or figures went."""
        return bool(self.taken.grams or self.taken.points)


@dataclass(frozen=True, slots=True)
class Room:
    """What is used again: of caps, as (negative) grams to be freed; of budgets, what may wait for them."""

    used: dict[TallyKey, int]
    due: list[Reopening]


async def sought(
    session: AsyncSession, rules: Rulebook, clawback_id: UUID, wanted: Collection[UUID], *, every: bool
) -> tuple[list[Undoing], Room]:
    """Return what is to be undone of an order on `wanted` activities, and what room that takes up again.

    Their resident is locked. With `every`, receipts that were given back before are left out.

    Raises:
        StateConflictError: when nothing is left, a receipt was given back before, or it was changed since.
    """
    sources = await sources_of(session, rules, wanted)
    history = await adjustments_of(session, rules.programme_id, sources.rows.keys())
    sources = await with_corrections(session, sources, history)
    undoings = _undoings({each: history.get(each, []) for each in wanted}, clawback_id, every=every)
    await _require_units(session, undoings, history, sources)
    return undoings, _room(undoings, history, sources)


async def _require_units(
    session: AsyncSession,
    undoings: Iterable[Undoing],
    history: Mapping[UUID, Sequence[Adjustment]],
    sources: Sources,
) -> None:
    """See to it that label units are still theirs whose label is given back: while it was taken, nothing else could be.

    Raises:
        StateConflictError: when one was sold to somebody else, or came back, with the sale that confirmed it or not.
    """
    labels = {each.taken.activity_id: each.taken for each in undoings if _is_label(each, sources)}
    whole = {each.taken.activity_id for each in undoings if each.taken.units}  # of others, figures went alone
    for activity_id in labels:
        kinds = {each.kind for each in history[activity_id]}
        if AdjustmentKind.SUPERSEDED in kinds:
            raise _elsewhere(activity_id, "was sold to somebody else")
        if AdjustmentKind.RETURN in kinds and activity_id in whole:
            raise _elsewhere(activity_id, "came back")
    if not labels:
        return
    taken = next(iter(labels.values()))  # all are of one resident
    sales = await order_queries.confirmed_by(session, taken.programme_id, taken.resident_id, labels)
    rows = await activities(session, taken.programme_id, set(sales.values()))
    returns = await adjustments_of(session, taken.programme_id, rows.keys())
    for activity_id, sale_id in sales.items():
        matched = receipt_of(rows[sale_id]).matched
        back = sum(each.units for each in returns.get(sale_id, ()) if each.kind == AdjustmentKind.RETURN)
        if matched.index(activity_id) >= matched_left(len(matched), rows[sale_id].quantity + back):
            raise _elsewhere(activity_id, "came back with its sale")


def _is_label(each: Undoing, sources: Sources) -> bool:
    return sources.rows[each.taken.activity_id].retailer_id is None


def _elsewhere(activity_id: UUID, what: str) -> StateConflictError:
    return StateConflictError(
        f"The unit of receipt {activity_id} {what} since; what its label was credited can not be given back. Leave "
        "this receipt out: name the others in `activity_ids`."
    )


def _undoings(history: Mapping[UUID, Sequence[Adjustment]], clawback_id: UUID, *, every: bool) -> list[Undoing]:
    """Return what is to be undone; with `every`, receipts that were given back before are left out."""
    found: list[Undoing] = []
    for activity_id, rows in history.items():
        undone = {undone_by(each) for each in rows}
        own = [each for each in rows if each.order_id == clawback_id and _changed(each)]
        if any(each.adjustment_id in undone for each in own):
            if not every:
                raise StateConflictError(f"What was taken of receipt {activity_id} was given back before.")
            continue
        found += [Undoing(new_id(), each) for each in own]
    if not found:
        raise StateConflictError(
            "Nothing is left to give back: the order changed nothing here, or all of it was given back before."
        )
    return found


def _changed(taken: Adjustment) -> bool:
    """Tell whether an adjustment changed anything: figures alone count, for what stays of a return goes by them."""
    return bool(taken.grams or taken.points or taken.units or resaved_of(taken))


def _room(undoings: Sequence[Undoing], history: Mapping[UUID, Sequence[Adjustment]], sources: Sources) -> Room:
    """Return what is used, and what may wait, once everything is undone.

    Raises:
        StateConflictError: when what a receipt would be worth without the order is not just what the order took more
            than what it is worth now.
    """
    taken: dict[UUID, list[Adjustment]] = {}
    for each in undoings:
        taken.setdefault(each.taken.activity_id, []).append(each.taken)
    room = Room({}, [])
    for activity_id, rows in taken.items():
        row, all_of_it = sources.rows[activity_id], history[activity_id]
        case = case_of(row, all_of_it, sources)
        target = worked_out(row, [each for each in all_of_it if each not in rows], sources)
        if _worth(target) != _worth(case.standing, rows):
            raise StateConflictError(
                f"Receipt {activity_id} was changed again since, by a return or another order; what this order took of "
                "it can not be given back by itself. Give back what came later first, or leave this receipt out."
            )
        granted = _granted(all_of_it)
        for budget_id, points in payments_due(case.credited, target.units, target.grams).items():
            most = max(0, points - target.payments.get(budget_id, 0))
            room.due.append(Reopening(activity_id, budget_id, most, granted.get(budget_id, 0)))
        for key in case.counted_in:
            room.used[key] = room.used.get(key, 0) + sum(each.grams for each in rows)
    return room


def _worth(standing: Standing, taken: Sequence[Adjustment] = ()) -> tuple[int, int, dict[UUID, int]]:
    """Return units, grams and points by budget of a standing with what was `taken` added again."""
    payments = dict(standing.payments)
    for each in taken:
        for budget_id, points in payments_of(each).items():
            payments[budget_id] = payments.get(budget_id, 0) + points
    units = standing.units - sum(each.units for each in taken)
    grams = standing.grams - sum(each.grams for each in taken)
    return units, grams, {budget_id: points for budget_id, points in payments.items() if points}


def payments_of(taken: Adjustment) -> dict[UUID, int]:
    """Return what was taken of each budget's award."""
    stored = (taken.detail or {}).get("payments", {})
    return {UUID(budget_id): -points for budget_id, points in stored.items()}


def _granted(history: Iterable[Adjustment]) -> dict[UUID, int]:
    """Return what each budget paid later, of what had waited for it."""
    granted: dict[UUID, int] = {}
    for each in history:
        if each.kind == AdjustmentKind.FUNDED:
            for budget_id, points in payments_of(each).items():
                granted[budget_id] = granted.get(budget_id, 0) - points
    return granted
