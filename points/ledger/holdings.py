"""What residents have and what budgets have left, just now; as fast after ten years as on the first day."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from points.ledger import lot_queries, queries
from points.ledger.accounts import AccountKind, Asset, Holdings


async def holdings(session: AsyncSession, programme_id: UUID, resident_id: UUID, *, now: datetime) -> Holdings:
    """Return what a resident has at `now`, whether or not a sweep has written down what time did to it.

    Lapsed points are gone. A hold past its time is void: its points are back, pay what is owed, and the rest is
    available.
    """
    rows = await lot_queries.standings(session, programme_id, [resident_id], now)
    row = rows[resident_id]
    return Holdings(
        grams=row.grams,
        available=available(row),
        pending=row.pending,
        held=row.held - row.void,
        owed=row.owed - min(row.back, row.owed),
    )


def available(row: Row[Any]) -> int:
    """Return the points that can be spent, of one of `lot_queries.standings`."""
    points: int = row.points - row.lapsed + row.back - min(row.back, row.owed)
    return points


async def budget_left(session: AsyncSession, programme_id: UUID, budget_id: UUID) -> int:
    """Return the points left in a budget."""
    kept = await queries.kept(session, programme_id, [budget_id], AccountKind.BUDGET, Asset.POINTS)
    return kept.get(budget_id, 0)
