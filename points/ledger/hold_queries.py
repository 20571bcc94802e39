"""Every SQL statement about holds, and about what was drawn from which lot."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.ledger.accounts import HoldRequest

_INSERT_HOLDS: Final = text("""
    INSERT INTO hold (programme_id, hold_id, resident_id, amount, state, expires_at, settled)
    SELECT :programme_id, t.hold_id, t.resident_id, t.amount, 'open', t.expires_at, 0
    FROM unnest(
        CAST(:hold_ids AS uuid[]), CAST(:resident_ids AS uuid[]), CAST(:amounts AS bigint[]),
        CAST(:expires_ats AS timestamptz[])
    ) AS t (hold_id, resident_id, amount, expires_at)
""")
_INSERT_DRAWS: Final = text("""
    INSERT INTO lot_draw (programme_id, drawn_by, lot_id, amount, returned)
    SELECT :programme_id, t.drawn_by, t.lot_id, t.amount, 0
    FROM unnest(CAST(:drawn_bys AS uuid[]), CAST(:lot_ids AS uuid[]), CAST(:amounts AS bigint[]))
        AS t (drawn_by, lot_id, amount)
""")
_HOLDS: Final = text("""
    SELECT hold_id, resident_id, amount, state, expires_at, settled FROM hold
    WHERE programme_id = :programme_id AND hold_id = ANY(CAST(:hold_ids AS uuid[]))
    ORDER BY hold_id
""")
_CLOSE_HOLDS: Final = text("""
    UPDATE hold SET state = CASE WHEN t.settled > 0 THEN 'settled' ELSE 'released' END, settled = t.settled
    FROM unnest(CAST(:hold_ids AS uuid[]), CAST(:settled AS bigint[])) AS t (hold_id, settled)
    WHERE hold.programme_id = :programme_id AND hold.hold_id = t.hold_id
""")
# In drawing order: what is given back goes to the last ones drawn.
_DRAWS: Final = text("""
    SELECT d.drawn_by AS hold_id, d.lot_id, d.amount - d.returned AS amount, l.resident_id, l.priority, l.expires_at
    FROM lot_draw AS d JOIN lot AS l USING (programme_id, lot_id)
    WHERE d.programme_id = :programme_id AND d.drawn_by = ANY(CAST(:hold_ids AS uuid[])) AND d.amount > d.returned
    ORDER BY d.drawn_by, l.priority, l.expires_at, l.lot_id
""")
_RETURN: Final = text("""
    UPDATE lot_draw SET returned = lot_draw.returned + t.amount
    FROM unnest(CAST(:drawn_bys AS uuid[]), CAST(:lot_ids AS uuid[]), CAST(:amounts AS bigint[]))
        AS t (drawn_by, lot_id, amount)
    WHERE lot_draw.programme_id = :programme_id AND lot_draw.drawn_by = t.drawn_by AND lot_draw.lot_id = t.lot_id
""")
_LAPSED_HOLDS: Final = text("""
    SELECT hold_id FROM hold
    WHERE programme_id = :programme_id AND state = 'open' AND expires_at <= :now
    ORDER BY expires_at LIMIT :limit
""")
_VOID_HOLDS: Final = text("""
    SELECT hold_id, resident_id, amount FROM hold
    WHERE programme_id = :programme_id AND resident_id = ANY(CAST(:resident_ids AS uuid[])) AND state = 'open'
        AND expires_at <= :now
    ORDER BY hold_id
""")
_UNPLEDGED: Final = text("""
    SELECT h.resident_id, CAST(sum(h.amount) - coalesce((
        SELECT sum(d.remaining) FROM debt AS d
        WHERE d.programme_id = :programme_id AND d.resident_id = h.resident_id AND d.remaining > 0
    ), 0) AS bigint) AS points
    FROM hold AS h
    WHERE h.programme_id = :programme_id AND h.resident_id = ANY(CAST(:resident_ids AS uuid[])) AND h.state = 'open'
    GROUP BY h.resident_id
""")


async def insert_holds(session: AsyncSession, programme_id: UUID, requests: Sequence[HoldRequest]) -> None:
    """Insert open holds."""
    await run(
        session,
        _INSERT_HOLDS,
        {
            "programme_id": programme_id,
            "hold_ids": [request.hold_id for request in requests],
            "resident_ids": [request.resident_id for request in requests],
            "amounts": [request.amount for request in requests],
            "expires_ats": [request.expires_at for request in requests],
        },
    )


async def insert_draws(session: AsyncSession, programme_id: UUID, draws: Mapping[tuple[UUID, UUID], int]) -> None:
    """Insert what a hold, a reversal or a repayment took from which lot, by (who, lot)."""
    if draws:
        await run(session, _INSERT_DRAWS, {"programme_id": programme_id, **_columns(draws)})


async def return_draws(session: AsyncSession, programme_id: UUID, back: Mapping[tuple[UUID, UUID], int]) -> None:
    """Write down what came back of draws, by (who, lot)."""
    if back:
        await run(session, _RETURN, {"programme_id": programme_id, **_columns(back)})


async def holds(session: AsyncSession, programme_id: UUID, hold_ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """Return the holds that exist among `hold_ids`."""
    rows = await run(session, _HOLDS, {"programme_id": programme_id, "hold_ids": list(hold_ids)})
    return {row.hold_id: row for row in rows}


async def close_holds(session: AsyncSession, programme_id: UUID, settled: Mapping[UUID, int]) -> None:
    """Close holds: settled with what they spent, or released where that is nothing."""
    parameters = {"hold_ids": list(settled), "settled": list(settled.values())}
    await run(session, _CLOSE_HOLDS, {"programme_id": programme_id, **parameters})


async def draws_of(session: AsyncSession, programme_id: UUID, hold_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Return what each hold still has of which lot, in drawing order, with the lot's resident and expiry."""
    return await run(session, _DRAWS, {"programme_id": programme_id, "hold_ids": list(hold_ids)})


async def lapsed_holds(session: AsyncSession, programme_id: UUID, now: datetime, limit: int) -> list[UUID]:
    """Return open holds whose time is over, oldest first."""
    rows = await run(session, _LAPSED_HOLDS, {"programme_id": programme_id, "now": now, "limit": limit})
    return [row.hold_id for row in rows]


async def void_holds(
    session: AsyncSession, programme_id: UUID, resident_ids: Iterable[UUID], now: datetime
) -> Sequence[Row[Any]]:
    """Return the open holds of residents whose time is over."""
    parameters = {"resident_ids": list(resident_ids), "now": now}
    return await run(session, _VOID_HOLDS, {"programme_id": programme_id, **parameters})


async def unpledged(session: AsyncSession, programme_id: UUID, resident_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the points in open holds beyond what their residents owe, for those who have any."""
    rows = await run(session, _UNPLEDGED, {"programme_id": programme_id, "resident_ids": list(resident_ids)})
    return {row.resident_id: row.points for row in rows if row.points > 0}


def _columns(draws: Mapping[tuple[UUID, UUID], int]) -> dict[str, object]:
    return {
        "drawn_bys": [drawn_by for drawn_by, _ in draws],
        "lot_ids": [lot_id for _, lot_id in draws],
        "amounts": list(draws.values()),
    }
