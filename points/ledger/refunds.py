"""Giving back what a settled hold spent, wholly or in part."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.ledger import hold_queries, lot_queries
from points.ledger.accounts import (
    Account,
    AccountKind,
    Asset,
    Draft,
    EntryKind,
    Posted,
    Posting,
    Refund,
    Rejected,
    Rejection,
)
from points.ledger.closings import Back, arrivals, returning
from points.ledger.entries import append, lock
from points.ledger.losses import making_up
from points.ledger.repayments import repaying
from points.ledger.sums import summed


async def refund(
    session: AsyncSession, programme_id: UUID, refunds: Sequence[Refund], *, now: datetime
) -> list[Posted | Rejected]:
    """Give back what settled holds spent, to the lots it came from, the last drawn first; their expiry is what it was.

    In a lot that has lapsed meanwhile the points lapse again at once, in this very call. Others first make up for what
    the programme bore when their very lot was taken back, then pay what their resident owes. Never more than a hold
    spent, over all its refunds: what is too much is refused whole. Several for one hold are as one after the other.
    Whoever asks has claimed a key for each entry beforehand.
    """
    if not refunds:
        return []
    hold_ids = sorted({each.hold_id for each in refunds})
    unlocked = await hold_queries.holds(session, programme_id, hold_ids)
    await lock(session, programme_id, (hold.resident_id for hold in unlocked.values()))
    holds = await hold_queries.holds(session, programme_id, hold_ids)  # again: now nobody else changes them
    rows = await hold_queries.draws_of(session, programme_id, hold_ids)
    outcomes, granted = _judged(refunds, holds, rows)
    giving = summed((each.hold_id, each.points) for each in granted)
    backs = returning([row for row in rows if row.hold_id in giving], giving, now)
    await hold_queries.return_draws(session, programme_id, {(back.hold_id, back.lot_id): back.points for back in backs})
    filled = summed((back.lot_id, back.points) for back in backs if not back.lapsed)
    await lot_queries.change_lots(session, programme_id, filled)
    drafts = [_refunded(programme_id, each, holds[each.hold_id].resident_id, now) for each in granted]
    drafts += _lapsed_again(programme_id, backs, now)
    made_up, left = await making_up(session, programme_id, arrivals(backs), now)
    drafts += [*made_up, *await repaying(session, programme_id, left, now)]
    await append(session, programme_id, drafts)
    return outcomes


def _judged(
    refunds: Sequence[Refund], holds: Mapping[UUID, Row[Any]], rows: Sequence[Row[Any]]
) -> tuple[list[Posted | Rejected], list[Refund]]:
    """Return the outcome of each refund, and those that are granted, each after those before it."""
    spent = summed((row.hold_id, row.amount) for row in rows)
    outcomes: list[Posted | Rejected] = []
    granted: list[Refund] = []
    for each in refunds:
        hold = holds.get(each.hold_id)
        if hold is None:
            outcomes.append(Rejected(Rejection.NO_SUCH_HOLD))
        elif hold.state != "settled":
            outcomes.append(Rejected(Rejection.HOLD_NOT_SETTLED))
        elif each.points > spent.get(each.hold_id, 0):
            outcomes.append(Rejected(Rejection.MORE_THAN_SPENT))
        else:
            spent[each.hold_id] -= each.points
            granted.append(each)
            outcomes.append(Posted(each.entry_id))
    return outcomes, granted


def _refunded(programme_id: UUID, each: Refund, resident_id: UUID, now: datetime) -> Draft:
    redeemed, own = Account(AccountKind.REDEEMED, programme_id), Account(AccountKind.RESIDENT, resident_id)
    posting = Posting(redeemed, own, Asset.POINTS, each.points)
    return Draft(each.entry_id, EntryKind.REFUND, now, (posting,), resident_id, subject_id=each.hold_id)


def _lapsed_again(programme_id: UUID, backs: Sequence[Back], now: datetime) -> list[Draft]:
    """Return an expiry for each lapsed lot that was to get something back; what remains in it does not change."""
    expired = Account(AccountKind.EXPIRED, programme_id)
    lapsed = summed(((back.resident_id, back.lot_id), back.points) for back in backs if back.lapsed)
    return [
        Draft(
            new_id(),
            EntryKind.EXPIRY,
            now,
            (Posting(Account(AccountKind.RESIDENT, resident_id), expired, Asset.POINTS, points),),
            resident_id,
            subject_id=lot_id,
        )
        for (resident_id, lot_id), points in lapsed.items()
    ]
