"""Every SQL statement about losses."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run

_OPEN: Final = text("""
    SELECT lot_id, reversal_id, budget_id, remaining FROM loss
    WHERE programme_id = :programme_id AND lot_id = ANY(CAST(:lot_ids AS uuid[])) AND remaining > 0
    ORDER BY lot_id, reversal_id, budget_id
""")
_INSERT: Final = text("""
    INSERT INTO loss (programme_id, reversal_id, budget_id, lot_id, amount, remaining)
    SELECT :programme_id, t.reversal_id, t.budget_id, t.lot_id, t.amount, t.amount
    FROM unnest(
        CAST(:reversal_ids AS uuid[]), CAST(:budget_ids AS uuid[]), CAST(:lot_ids AS uuid[]),
        CAST(:amounts AS bigint[])
    ) AS t (reversal_id, budget_id, lot_id, amount)
""")
_MAKE_UP: Final = text("""
    UPDATE loss SET remaining = loss.remaining - t.points
    FROM unnest(CAST(:reversal_ids AS uuid[]), CAST(:budget_ids AS uuid[]), CAST(:points AS bigint[]))
        AS t (reversal_id, budget_id, points)
    WHERE loss.programme_id = :programme_id AND loss.reversal_id = t.reversal_id AND loss.budget_id = t.budget_id
""")


async def open_losses(session: AsyncSession, programme_id: UUID, lot_ids: Iterable[UUID]) -> Sequence[Row[Any]]:
    """Return what nothing has made up for of lots that were taken back, by lot, oldest first."""
    return await run(session, _OPEN, {"programme_id": programme_id, "lot_ids": list(lot_ids)})


async def insert_losses(
    session: AsyncSession, programme_id: UUID, losses: Sequence[tuple[UUID, UUID, UUID, int]]
) -> None:
    """Insert losses: reversal, budget, lot, points."""
    if not losses:
        return
    names = ("reversal_ids", "budget_ids", "lot_ids", "amounts")
    columns = dict(zip(names, map(list, zip(*losses, strict=True)), strict=True))
    await run(session, _INSERT, {"programme_id": programme_id, **columns})


async def make_up(session: AsyncSession, programme_id: UUID, points: Mapping[tuple[UUID, UUID], int]) -> None:
    """Take what came back off losses, by (reversal, budget)."""
    parameters = {
        "reversal_ids": [reversal_id for reversal_id, _ in points],
        "budget_ids": [budget_id for _, budget_id in points],
        "points": list(points.values()),
    }
    await run(session, _MAKE_UP, {"programme_id": programme_id, **parameters})
