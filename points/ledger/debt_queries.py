"""Every SQL statement about debts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run

_OPEN: Final = text("""
    SELECT resident_id, reversal_id, budget_id, remaining FROM debt
    WHERE programme_id = :programme_id AND resident_id = ANY(CAST(:resident_ids AS uuid[])) AND remaining > 0
    ORDER BY resident_id, reversal_id, budget_id
""")
_INSERT: Final = text("""
    INSERT INTO debt (programme_id, reversal_id, budget_id, resident_id, amount, remaining)
    SELECT :programme_id, t.reversal_id, t.budget_id, t.resident_id, t.amount, t.amount
    FROM unnest(
        CAST(:reversal_ids AS uuid[]), CAST(:budget_ids AS uuid[]), CAST(:resident_ids AS uuid[]),
        CAST(:amounts AS bigint[])
    ) AS t (reversal_id, budget_id, resident_id, amount)
""")
_END: Final = text("""
    UPDATE debt SET remaining = debt.remaining - t.points
    FROM unnest(CAST(:reversal_ids AS uuid[]), CAST(:budget_ids AS uuid[]), CAST(:points AS bigint[]))
        AS t (reversal_id, budget_id, points)
    WHERE debt.programme_id = :programme_id AND debt.reversal_id = t.reversal_id AND debt.budget_id = t.budget_id
""")


async def open_debts(session: AsyncSession, programme_id: UUID, resident_ids: Iterable[UUID]) -> Sequence[Row[Any]]:
    """Return what residents still owe, by resident, oldest first."""
    return await run(session, _OPEN, {"programme_id": programme_id, "resident_ids": list(resident_ids)})


async def insert_debts(
    session: AsyncSession, programme_id: UUID, debts: Sequence[tuple[UUID, UUID, UUID, int]]
) -> None:
    """Insert debts: reversal, budget, resident, points."""
    if not debts:
        return
    names = ("reversal_ids", "budget_ids", "resident_ids", "amounts")
    columns = dict(zip(names, map(list, zip(*debts, strict=True)), strict=True))
    await run(session, _INSERT, {"programme_id": programme_id, **columns})


async def end_debts(session: AsyncSession, programme_id: UUID, ended: Mapping[tuple[UUID, UUID], int]) -> None:
    """Take what was repaid or forgiven off debts, by (reversal, budget)."""
    parameters = {
        "reversal_ids": [reversal_id for reversal_id, _ in ended],
        "budget_ids": [budget_id for _, budget_id in ended],
        "points": list(ended.values()),
    }
    await run(session, _END, {"programme_id": programme_id, **parameters})
