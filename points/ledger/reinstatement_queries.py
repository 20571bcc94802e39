"""Every SQL statement about giving back what reversals took."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.ledger.accounts import AccountKind, EntryKind

# Of one resident's entries, which an index has, those that are the reversal or pay what it left owing or lost.
_RECOVERED: Final = text("""
    SELECT r.reversal_id, p.destination_id AS budget_id, CAST(sum(p.amount) AS bigint) AS points
    FROM unnest(CAST(:reversal_ids AS uuid[]), CAST(:resident_ids AS uuid[])) AS r (reversal_id, resident_id)
    JOIN entry AS e ON e.programme_id = :programme_id AND e.resident_id = r.resident_id
        AND (e.entry_id = r.reversal_id OR (e.kind = :repayment AND e.subject_id = r.reversal_id))
    JOIN posting AS p ON p.programme_id = :programme_id AND p.entry_id = e.entry_id AND p.destination_kind = :budget
    GROUP BY r.reversal_id, p.destination_id
    ORDER BY r.reversal_id, p.destination_id
""")
_OPEN: Final = {
    name: text(f"""
        SELECT reversal_id, budget_id, remaining AS points FROM {name}
        WHERE programme_id = :programme_id AND reversal_id = ANY(CAST(:reversal_ids AS uuid[])) AND remaining > 0
        ORDER BY reversal_id, budget_id
    """)  # noqa: S608 - one of the two tables
    for name in ("debt", "loss")
}
# The award's own lot, and until when what was taken of others, at once or to pay what was owed, would have lasted.
_LOTS: Final = text("""
    SELECT r.reversal_id, l.matures_at, l.expires_at, l.priority, (
        SELECT max(g.expires_at)
        FROM entry AS e JOIN lot_draw AS d ON d.programme_id = :programme_id AND d.drawn_by = e.entry_id
        JOIN lot AS g ON g.programme_id = :programme_id AND g.lot_id = d.lot_id AND g.lot_id <> l.lot_id
        WHERE e.programme_id = :programme_id AND e.resident_id = r.resident_id
            AND (e.entry_id = r.reversal_id OR (e.kind = :repayment AND e.subject_id = r.reversal_id))
    ) AS others_until
    FROM unnest(CAST(:reversal_ids AS uuid[]), CAST(:resident_ids AS uuid[])) AS r (reversal_id, resident_id)
    JOIN entry AS v ON v.programme_id = :programme_id AND v.entry_id = r.reversal_id
    JOIN lot AS l ON l.programme_id = :programme_id AND l.lot_id = v.subject_id
""")


async def recovered(session: AsyncSession, programme_id: UUID, residents: Mapping[UUID, UUID]) -> Sequence[Row[Any]]:
    """Return what each budget got back by reversals, until now; `residents` are by reversal."""
    parameters = {"reversal_ids": list(residents), "resident_ids": list(residents.values())}
    kinds = {"repayment": int(EntryKind.REPAYMENT), "budget": int(AccountKind.BUDGET)}
    return await run(session, _RECOVERED, {"programme_id": programme_id, **kinds, **parameters})


async def debts(session: AsyncSession, programme_id: UUID, reversal_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Return what is still owed since reversals."""
    return await run(session, _OPEN["debt"], {"programme_id": programme_id, "reversal_ids": list(reversal_ids)})


async def losses(session: AsyncSession, programme_id: UUID, reversal_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Return what nothing has made up for since reversals."""
    return await run(session, _OPEN["loss"], {"programme_id": programme_id, "reversal_ids": list(reversal_ids)})


async def lots(session: AsyncSession, programme_id: UUID, residents: Mapping[UUID, UUID]) -> dict[UUID, Row[Any]]:
    """Return the lots of the awards that reversals took back, by reversal; `residents` are by reversal as well.

    `others_until`: when the last of other lots lapses that gave to it, None where none did.
    """
    parameters = {"reversal_ids": list(residents), "resident_ids": list(residents.values())}
    rows = await run(
        session, _LOTS, {"programme_id": programme_id, "repayment": int(EntryKind.REPAYMENT), **parameters}
    )
    return {row.reversal_id: row for row in rows}
