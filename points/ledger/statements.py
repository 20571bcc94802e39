"""What a resident has and how it came about."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import made_at
from points.ledger import lot_queries, queries
from points.ledger.accounts import Account, AccountKind, Asset, EntryKind, Holdings, Posting

LATEST = UUID(int=2**128 - 1)
"""Greater than every entry id: a statement from here starts with the newest entry."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry on a resident's statement. For an award, `entry_id` is also the id of its receipt."""

    entry_id: UUID
    kind: EntryKind
    recorded_at: datetime
    effective_at: datetime
    postings: tuple[Posting, ...]


async def holdings(session: AsyncSession, programme_id: UUID, resident_id: UUID, *, now: datetime) -> Holdings:
    """Return what a resident has at `now`; as fast after ten years as on the first day."""
    kept = await queries.balances(session, programme_id, resident_id)
    lapsed = await lot_queries.lapsed_points(session, programme_id, resident_id, now)
    return Holdings(
        grams=kept.get((AccountKind.RESIDENT, Asset.GRAMS), 0),
        available=kept.get((AccountKind.RESIDENT, Asset.POINTS), 0) - lapsed,
        pending=kept.get((AccountKind.PENDING, Asset.POINTS), 0),
        held=kept.get((AccountKind.HELD, Asset.POINTS), 0),
        owed=kept.get((AccountKind.OWED, Asset.POINTS), 0),
    )


async def budget_left(session: AsyncSession, programme_id: UUID, budget_id: UUID) -> int:
    """Return the points left in a budget."""
    kept = await queries.balances(session, programme_id, budget_id)
    return kept.get((AccountKind.BUDGET, Asset.POINTS), 0)


async def statement(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, *, before: UUID = LATEST, limit: int = 50
) -> list[StatementLine]:
    """Return a resident's entries recorded before entry `before`, newest first, at most `limit`."""
    rows = await queries.postings_of(session, programme_id, resident_id, before=before, limit=limit)
    return [_line(list(group)) for _, group in groupby(rows, key=lambda row: row.entry_id)]


def _line(rows: list[Row[Any]]) -> StatementLine:
    entry = rows[0]
    postings = tuple(_posting(row) for row in rows if row.asset is not None)
    return StatementLine(entry.entry_id, EntryKind(entry.kind), made_at(entry.entry_id), entry.effective_at, postings)


def _posting(row: Row[Any]) -> Posting:
    source = Account(AccountKind(row.source_kind), row.source_id)
    destination = Account(AccountKind(row.destination_kind), row.destination_id)
    return Posting(source, destination, Asset(row.asset), row.amount)
