"""Losses: what the programme bore when points that were taken back had been spent, and how refunds make up for it.

Refunded points of a lot that was taken back were never to be had: they go to the budget that misses them, and their
resident owes nothing for it. Points that have lapsed make up for nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.ledger import hold_queries, loss_queries, lot_queries
from points.ledger.accounts import Account, AccountKind, Asset, Draft, EntryKind, Posting
from points.ledger.debts import OpenDebt, Payback, repay
from points.ledger.draws import Spendable
from points.ledger.sums import summed

Arrived = dict[UUID, list[Spendable]]
"""Lots by resident, in drawing order, each with the points that have come back to it."""


async def making_up(
    session: AsyncSession, programme_id: UUID, arrived: Arrived, now: datetime
) -> tuple[list[Draft], Arrived]:
    """Let refunded points make up for losses of their own lots; return the entries to be appended, and what is left.

    The residents are locked, and the lots filled already. One entry for each reversal, which is its subject.
    """
    missing = await _missing(session, programme_id, [lot.lot_id for lots in arrived.values() for lot in lots])
    if not missing:
        return [], arrived
    drafts: list[Draft] = []
    made: list[tuple[UUID, Payback]] = []
    for resident_id, lots in arrived.items():
        backs = [back for lot in lots for back in repay(missing.get(lot.lot_id, ()), [lot])]
        for reversal_id, group in groupby(backs, key=lambda back: back.reversal_id):
            making = list(group)
            drafts.append(_made_up(resident_id, reversal_id, making, now))
            made += [(drafts[-1].entry_id, back) for back in making]
    gone = summed((back.lot_id, back.points) for _, back in made)
    await lot_queries.change_lots(session, programme_id, {lot_id: -points for lot_id, points in gone.items()})
    draws = summed(((entry_id, back.lot_id), back.points) for entry_id, back in made)
    await hold_queries.insert_draws(session, programme_id, draws)
    points = summed(((back.reversal_id, back.budget_id), back.points) for _, back in made)
    await loss_queries.make_up(session, programme_id, points)
    return drafts, {resident_id: _less(lots, gone) for resident_id, lots in arrived.items()}


async def _missing(session: AsyncSession, programme_id: UUID, lot_ids: Sequence[UUID]) -> dict[UUID, list[OpenDebt]]:
    rows = await loss_queries.open_losses(session, programme_id, lot_ids) if lot_ids else []
    return {
        lot_id: [OpenDebt(row.reversal_id, row.budget_id, row.remaining) for row in group]
        for lot_id, group in groupby(rows, key=lambda row: row.lot_id)
    }


def _made_up(resident_id: UUID, reversal_id: UUID, backs: Sequence[Payback], now: datetime) -> Draft:
    own = Account(AccountKind.RESIDENT, resident_id)
    budgets = summed((back.budget_id, back.points) for back in backs)
    postings = tuple(
        Posting(own, Account(AccountKind.BUDGET, budget_id), Asset.POINTS, points)
        for budget_id, points in budgets.items()
    )
    return Draft(new_id(), EntryKind.REPAYMENT, now, postings, resident_id, subject_id=reversal_id)


def _less(lots: Sequence[Spendable], gone: Mapping[UUID, int]) -> list[Spendable]:
    left = [Spendable(lot.lot_id, lot.remaining - gone.get(lot.lot_id, 0)) for lot in lots]
    return [lot for lot in left if lot.remaining]
