"""What closing holds, or refunding what they spent, does to lots, debts and accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.ledger import hold_queries, lot_queries
from points.ledger.accounts import Account, AccountKind, Asset, Draft, EntryKind, Posting
from points.ledger.draws import Draw, Spendable, give_back
from points.ledger.repayments import repaying
from points.ledger.sums import summed


@dataclass(frozen=True, slots=True)
class Closing:
    """An open hold on its way to be closed: `spent` of its `amount`, the rest given back."""

    hold_id: UUID
    resident_id: UUID
    amount: int
    spent: int


@dataclass(frozen=True, slots=True)
class Back:
    """Points that come back to a lot."""

    hold_id: UUID
    lot_id: UUID
    resident_id: UUID
    points: int
    order: tuple[int, datetime, UUID]
    lapsed: bool


async def closing(session: AsyncSession, programme_id: UUID, closings: Sequence[Closing], now: datetime) -> list[Draft]:
    """Close open holds of locked residents; return the entries to be appended, repayments among them.

    What was not spent goes back to the lots that were drawn last. In a lot that has lapsed meanwhile it lapses again,
    with the next sweep; elsewhere it first pays what its resident owes.
    """
    if not closings:
        return []
    giving = {each.hold_id: each.amount - each.spent for each in closings if each.amount > each.spent}
    backs = await given_back(session, programme_id, giving, now) if giving else []
    await lot_queries.change_lots(session, programme_id, summed((back.lot_id, back.points) for back in backs))
    await hold_queries.close_holds(session, programme_id, {each.hold_id: each.spent for each in closings})
    drafts = [_closed(programme_id, each, now) for each in closings]
    return [*drafts, *await repaying(session, programme_id, arrivals(backs), now)]


async def given_back(session: AsyncSession, programme_id: UUID, giving: dict[UUID, int], now: datetime) -> list[Back]:
    """Return to which lots the points go that holds give back, and write it down in their draws."""
    rows = await hold_queries.draws_of(session, programme_id, list(giving))
    backs = returning(rows, giving, now)
    returned = {(back.hold_id, back.lot_id): back.points for back in backs}
    await hold_queries.return_draws(session, programme_id, returned)
    return backs


def returning(rows: Sequence[Row[Any]], giving: dict[UUID, int], now: datetime) -> list[Back]:
    """Return what goes back to which lot; `rows` are what holds have of lots, in drawing order."""
    lots = {row.lot_id: row for row in rows}
    return [
        _back(hold_id, lots[one.lot_id], one.amount, now)
        for hold_id, group in groupby(rows, key=lambda row: row.hold_id)
        for one in give_back([Draw(row.lot_id, row.amount) for row in group], giving[hold_id])
    ]


def arrivals(backs: Sequence[Back]) -> dict[UUID, list[Spendable]]:
    """Return what of `backs` can be spent, by resident, in drawing order."""
    alive = sorted((back for back in backs if not back.lapsed), key=lambda back: back.order)
    arrived: dict[UUID, list[Spendable]] = {}
    for (resident_id, lot_id), points in summed(
        ((back.resident_id, back.lot_id), back.points) for back in alive
    ).items():
        arrived.setdefault(resident_id, []).append(Spendable(lot_id, points))
    return arrived


def _back(hold_id: UUID, lot: Row[Any], points: int, now: datetime) -> Back:
    order = (lot.priority, lot.expires_at, lot.lot_id)
    return Back(hold_id, lot.lot_id, lot.resident_id, points, order, lot.expires_at <= now)


def _closed(programme_id: UUID, each: Closing, now: datetime) -> Draft:
    held, own = Account(AccountKind.HELD, each.resident_id), Account(AccountKind.RESIDENT, each.resident_id)
    redeemed = Account(AccountKind.REDEEMED, programme_id)
    legs = ((redeemed, each.spent), (own, each.amount - each.spent))
    postings = tuple(Posting(held, account, Asset.POINTS, points) for account, points in legs if points)
    kind = EntryKind.SETTLEMENT if each.spent else EntryKind.RELEASE
    return Draft(new_id(), kind, now, postings, each.resident_id, subject_id=each.hold_id)
