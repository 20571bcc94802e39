"""What time does to points: they mature, and what was not spent lapses.

Guarded by the resident's lock and the lot's own state, so no key has to be claimed.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.ledger import hold_queries, holds, lot_queries
from points.ledger.accounts import Account, AccountKind, Asset, Draft, EntryKind, Posting
from points.ledger.draws import Spendable
from points.ledger.entries import append, lock
from points.ledger.repayments import repaying


async def mature(session: AsyncSession, programme_id: UUID, *, now: datetime, limit: int = 1000) -> int:
    """Move the points of up to `limit` lots that are due from `pending` to the resident; return how many lots.

    What matures first pays what its resident owes, unless it has lapsed already. A lot that was reversed to nothing
    matures without an entry.
    """
    candidates = await lot_queries.maturing(session, programme_id, now, limit)
    if not candidates:
        return 0
    await lock(session, programme_id, (lot.resident_id for lot in candidates))
    lots = await lot_queries.still_maturing(session, programme_id, now, [lot.lot_id for lot in candidates])
    await lot_queries.set_mature(session, programme_id, [lot.lot_id for lot in lots])
    drafts = [_moved(lot, AccountKind.PENDING, _own(lot), EntryKind.MATURITY, now) for lot in lots if lot.remaining]
    arrived: dict[UUID, list[Spendable]] = {}
    for lot in sorted(lots, key=lambda lot: (lot.priority, lot.expires_at, lot.lot_id)):
        if lot.remaining and lot.expires_at > now:
            arrived.setdefault(lot.resident_id, []).append(Spendable(lot.lot_id, lot.remaining))
    await append(session, programme_id, [*drafts, *await repaying(session, programme_id, arrived, now)])
    return len(lots)


async def expire(session: AsyncSession, programme_id: UUID, *, now: datetime, limit: int = 1000) -> int:
    """Take what is left in up to `limit` lots past their expiry; return how many lots.

    Such points could not be spent any more since they lapsed: the sweep only writes it down. A lot that a release
    fills up again lapses again.
    """
    candidates = await lot_queries.lapsing(session, programme_id, now, limit)
    if not candidates:
        return 0
    await lock(session, programme_id, (lot.resident_id for lot in candidates))
    lots = await lot_queries.still_lapsing(session, programme_id, now, [lot.lot_id for lot in candidates])
    await lot_queries.change_lots(session, programme_id, {lot.lot_id: -lot.remaining for lot in lots})
    lapsed = Account(AccountKind.EXPIRED, programme_id)
    drafts = [_moved(lot, AccountKind.RESIDENT, lapsed, EntryKind.EXPIRY, now) for lot in lots]
    await append(session, programme_id, drafts)
    return len(lots)


async def release_lapsed(session: AsyncSession, programme_id: UUID, *, now: datetime, limit: int = 1000) -> int:
    """Release up to `limit` holds whose time is over; return how many."""
    hold_ids = await hold_queries.lapsed_holds(session, programme_id, now, limit)
    await holds.release(session, programme_id, hold_ids, now=now)
    return len(hold_ids)


def _own(lot: Row[Any]) -> Account:
    return Account(AccountKind.RESIDENT, lot.resident_id)


def _moved(lot: Row[Any], source: AccountKind, destination: Account, kind: EntryKind, now: datetime) -> Draft:
    posting = Posting(Account(source, lot.resident_id), destination, Asset.POINTS, lot.remaining)
    return Draft(new_id(), kind, now, (posting,), lot.resident_id, subject_id=lot.lot_id)
