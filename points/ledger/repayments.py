"""Debts: paid by points that mature or come back, before anybody can spend those; or forgiven.

Whoever owes has nothing to spend: a reversal takes all that is spendable before anything is owed, and points that
become spendable later pay first. (An award to somebody who owes has to go to `pending`, see `owing`, so that it pays as
well.)
The oldest debt is paid first, to the budget it is owed to; points that have lapsed pay nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.ledger import debt_queries, hold_queries, lot_queries, queries
from points.ledger.accounts import Account, AccountKind, Asset, Draft, EntryKind, Forgiveness, Posting
from points.ledger.debts import OpenDebt, Payback, forgiven, repay
from points.ledger.draws import Spendable
from points.ledger.entries import append, lock
from points.ledger.sums import summed


async def owing(session: AsyncSession, programme_id: UUID, resident_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return what residents owe, for those who owe anything."""
    wanted = sorted(set(resident_ids))
    kept = await queries.kept(session, programme_id, wanted, AccountKind.OWED, Asset.POINTS)
    return {resident_id: points for resident_id, points in kept.items() if points}


async def repaying(
    session: AsyncSession, programme_id: UUID, arrived: Mapping[UUID, Sequence[Spendable]], now: datetime
) -> list[Draft]:
    """Let points that have just become spendable pay what their residents owe; return the entries to be appended.

    `arrived` are lots by resident, in drawing order, already filled. The residents are locked. One entry for each debt
    (its reversal is the subject), whichever lots pay it.
    """
    owed = await _open(session, programme_id, [resident_id for resident_id, lots in arrived.items() if lots])
    if not owed:
        return []
    drafts: list[Draft] = []
    paid: list[tuple[UUID, Payback]] = []
    for resident_id, debts in owed.items():
        backs = sorted(repay(debts, arrived[resident_id]), key=lambda back: back.reversal_id)
        for reversal_id, group in groupby(backs, key=lambda back: back.reversal_id):
            paying = list(group)
            draft = _repayment(programme_id, resident_id, reversal_id, paying, now)
            drafts.append(draft)
            paid += [(draft.entry_id, back) for back in paying]
    await lot_queries.change_lots(session, programme_id, summed((back.lot_id, -back.points) for _, back in paid))
    draws = summed(((entry_id, back.lot_id), back.points) for entry_id, back in paid)
    await hold_queries.insert_draws(session, programme_id, draws)
    ended = summed(((back.reversal_id, back.budget_id), back.points) for _, back in paid)
    await debt_queries.end_debts(session, programme_id, ended)
    return drafts


async def forgive(
    session: AsyncSession, programme_id: UUID, requests: Sequence[Forgiveness], *, now: datetime
) -> list[int]:
    """End what residents owe, unpaid; return how many points ended for each request, 0 where nothing was owed.

    Whoever asks has claimed a key for the entry beforehand. Several for one resident are as one after the other.
    """
    if not requests:
        return []
    await lock(session, programme_id, (request.resident_id for request in requests))
    owed = await _open(session, programme_id, {request.resident_id for request in requests})
    ended: dict[tuple[UUID, UUID], int] = {}
    drafts: list[Draft] = []
    points: list[int] = []
    for request in requests:
        debts = [_less(debt, ended) for debt in owed.get(request.resident_id, ())]
        parts = forgiven(debts, request.points)
        ended = summed([*ended.items(), *(((part.reversal_id, part.budget_id), part.remaining) for part in parts)])
        points.append(sum(part.remaining for part in parts))
        if parts:
            drafts.append(_forgiveness(programme_id, request, points[-1], now))
    if ended:
        await debt_queries.end_debts(session, programme_id, ended)
    await append(session, programme_id, drafts)
    return points


async def _open(session: AsyncSession, programme_id: UUID, resident_ids: Iterable[UUID]) -> dict[UUID, list[OpenDebt]]:
    wanted = list(resident_ids)
    rows: Sequence[Row[Any]] = await debt_queries.open_debts(session, programme_id, wanted) if wanted else []
    return {
        resident_id: [OpenDebt(row.reversal_id, row.budget_id, row.remaining) for row in group]
        for resident_id, group in groupby(rows, key=lambda row: row.resident_id)
    }


def _less(debt: OpenDebt, ended: Mapping[tuple[UUID, UUID], int]) -> OpenDebt:
    gone = ended.get((debt.reversal_id, debt.budget_id), 0)
    return OpenDebt(debt.reversal_id, debt.budget_id, debt.remaining - gone)


def _repayment(
    programme_id: UUID, resident_id: UUID, reversal_id: UUID, backs: Sequence[Payback], now: datetime
) -> Draft:
    own = Account(AccountKind.RESIDENT, resident_id)
    budgets = summed((back.budget_id, back.points) for back in backs)
    postings = [
        Posting(own, Account(AccountKind.BUDGET, budget_id), Asset.POINTS, points)
        for budget_id, points in budgets.items()
    ]
    ending = _ending(programme_id, resident_id, sum(budgets.values()))
    kind = EntryKind.REPAYMENT
    return Draft(new_id(), kind, now, (*postings, ending), resident_id, subject_id=reversal_id)


def _forgiveness(programme_id: UUID, request: Forgiveness, points: int, now: datetime) -> Draft:
    ending = _ending(programme_id, request.resident_id, points)
    return Draft(request.entry_id, EntryKind.FORGIVENESS, now, (ending,), request.resident_id)


def _ending(programme_id: UUID, resident_id: UUID, points: int) -> Posting:
    owed, clawback = Account(AccountKind.OWED, resident_id), Account(AccountKind.CLAWBACK, programme_id)
    return Posting(owed, clawback, Asset.POINTS, points)
