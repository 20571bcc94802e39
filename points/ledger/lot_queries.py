"""Every SQL statement about lots and holds, but for the one that makes lots with their entries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.ledger.accounts import HoldRequest
from points.ledger.draws import Draw

# The running sum stops at the first lot that covers what is wanted: history does not make a spend slower.
_SPENDABLE: Final = text("""
    SELECT resident_id, lot_id, remaining FROM (
        SELECT l.resident_id, l.lot_id, l.remaining, l.expires_at, w.wanted,
            sum(l.remaining) OVER (PARTITION BY l.resident_id ORDER BY l.expires_at, l.lot_id) - l.remaining AS before
        FROM unnest(CAST(:resident_ids AS uuid[]), CAST(:amounts AS bigint[])) AS w (resident_id, wanted)
        JOIN lot AS l ON l.programme_id = :programme_id AND l.resident_id = w.resident_id
        WHERE l.remaining > 0 AND l.mature AND l.expires_at > :now
    ) AS s
    WHERE before < wanted
    ORDER BY resident_id, expires_at, lot_id
""")
_TAKE: Final = text("""
    UPDATE lot SET remaining = lot.remaining + t.change
    FROM unnest(CAST(:lot_ids AS uuid[]), CAST(:changes AS bigint[])) AS t (lot_id, change)
    WHERE lot.programme_id = :programme_id AND lot.lot_id = t.lot_id
""")
_INSERT_HOLDS: Final = text("""
    INSERT INTO hold (programme_id, hold_id, resident_id, amount, state, expires_at)
    SELECT :programme_id, t.hold_id, t.resident_id, t.amount, 'open', t.expires_at
    FROM unnest(
        CAST(:hold_ids AS uuid[]), CAST(:resident_ids AS uuid[]), CAST(:amounts AS bigint[]),
        CAST(:expires_ats AS timestamptz[])
    ) AS t (hold_id, resident_id, amount, expires_at)
""")
_INSERT_DRAWS: Final = text("""
    INSERT INTO lot_draw (programme_id, hold_id, lot_id, amount)
    SELECT :programme_id, * FROM unnest(CAST(:hold_ids AS uuid[]), CAST(:lot_ids AS uuid[]), CAST(:amounts AS bigint[]))
""")
_HOLDS: Final = text("""
    SELECT hold_id, resident_id, amount, state, expires_at FROM hold
    WHERE programme_id = :programme_id AND hold_id = ANY(CAST(:hold_ids AS uuid[]))
    ORDER BY hold_id
""")
_CLOSE_HOLDS: Final = text("""
    UPDATE hold SET state = :state WHERE programme_id = :programme_id AND hold_id = ANY(CAST(:hold_ids AS uuid[]))
""")
_DRAWS: Final = text("""
    SELECT hold_id, lot_id, amount FROM lot_draw
    WHERE programme_id = :programme_id AND hold_id = ANY(CAST(:hold_ids AS uuid[]))
""")
_LAPSED_HOLDS: Final = text("""
    SELECT hold_id FROM hold
    WHERE programme_id = :programme_id AND state = 'open' AND expires_at <= :now
    ORDER BY expires_at LIMIT :limit
""")
_MATURING: Final = text("""
    SELECT lot_id, resident_id, remaining FROM lot
    WHERE programme_id = :programme_id AND NOT mature AND matures_at <= :now
        AND (CAST(:lot_ids AS uuid[]) IS NULL OR lot_id = ANY(CAST(:lot_ids AS uuid[])))
    ORDER BY matures_at LIMIT :limit
""")
_SET_MATURE: Final = text("""
    UPDATE lot SET mature = true WHERE programme_id = :programme_id AND lot_id = ANY(CAST(:lot_ids AS uuid[]))
""")
_LAPSING: Final = text("""
    SELECT lot_id, resident_id, remaining FROM lot
    WHERE programme_id = :programme_id AND mature AND remaining > 0 AND expires_at <= :now
        AND (CAST(:lot_ids AS uuid[]) IS NULL OR lot_id = ANY(CAST(:lot_ids AS uuid[])))
    ORDER BY expires_at LIMIT :limit
""")
_LAPSED_BY_RESIDENT: Final = text("""
    SELECT resident_id, CAST(sum(remaining) AS bigint) AS points FROM lot
    WHERE programme_id = :programme_id AND resident_id = ANY(CAST(:resident_ids AS uuid[])) AND mature
        AND remaining > 0 AND expires_at <= :now
    GROUP BY resident_id
""")
_LAPSED_POINTS: Final = text("""
    SELECT CAST(coalesce(sum(remaining), 0) AS bigint) AS points FROM lot
    WHERE programme_id = :programme_id AND resident_id = :resident_id AND mature AND remaining > 0
        AND expires_at <= :now
""")


async def spendable(
    session: AsyncSession, programme_id: UUID, wanted: dict[UUID, int], now: datetime
) -> Sequence[Row[Any]]:
    """Return, for each resident, the lots that cover what is wanted, first-expiring-first."""
    parameters = {"resident_ids": list(wanted), "amounts": list(wanted.values())}
    return await run(session, _SPENDABLE, {"programme_id": programme_id, "now": now, **parameters})


async def change_lots(session: AsyncSession, programme_id: UUID, changes: dict[UUID, int]) -> None:
    """Add `changes` to what remains in lots; the bounds are the database's CHECK."""
    if changes:
        parameters = {"lot_ids": list(changes), "changes": list(changes.values())}
        await run(session, _TAKE, {"programme_id": programme_id, **parameters})


async def insert_holds(
    session: AsyncSession, programme_id: UUID, held: Sequence[tuple[HoldRequest, tuple[Draw, ...]]]
) -> None:
    """Insert holds and the draws that paid for them."""
    requests = [request for request, _ in held]
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
    draws = [(request.hold_id, one) for request, several in held for one in several]
    await run(
        session,
        _INSERT_DRAWS,
        {
            "programme_id": programme_id,
            "hold_ids": [hold_id for hold_id, _ in draws],
            "lot_ids": [one.lot_id for _, one in draws],
            "amounts": [one.amount for _, one in draws],
        },
    )


async def holds(session: AsyncSession, programme_id: UUID, hold_ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """Return the holds that exist among `hold_ids`."""
    rows = await run(session, _HOLDS, {"programme_id": programme_id, "hold_ids": list(hold_ids)})
    return {row.hold_id: row for row in rows}


async def close_holds(session: AsyncSession, programme_id: UUID, hold_ids: Sequence[UUID], state: str) -> None:
    """Set the state of holds."""
    await run(session, _CLOSE_HOLDS, {"programme_id": programme_id, "hold_ids": list(hold_ids), "state": state})


async def draws_of(session: AsyncSession, programme_id: UUID, hold_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Return what each hold drew from which lot."""
    return await run(session, _DRAWS, {"programme_id": programme_id, "hold_ids": list(hold_ids)})


async def lapsed_holds(session: AsyncSession, programme_id: UUID, now: datetime, limit: int) -> list[UUID]:
    """Return open holds whose time is over, oldest first."""
    rows = await run(session, _LAPSED_HOLDS, {"programme_id": programme_id, "now": now, "limit": limit})
    return [row.hold_id for row in rows]


async def maturing(
    session: AsyncSession, programme_id: UUID, now: datetime, limit: int, lot_ids: Sequence[UUID] | None = None
) -> Sequence[Row[Any]]:
    """Return lots due to mature, among `lot_ids` if given."""
    parameters = {"now": now, "limit": limit, "lot_ids": None if lot_ids is None else list(lot_ids)}
    return await run(session, _MATURING, {"programme_id": programme_id, **parameters})


async def set_mature(session: AsyncSession, programme_id: UUID, lot_ids: Sequence[UUID]) -> None:
    """Mark lots as mature."""
    await run(session, _SET_MATURE, {"programme_id": programme_id, "lot_ids": list(lot_ids)})


async def lapsing(
    session: AsyncSession, programme_id: UUID, now: datetime, limit: int, lot_ids: Sequence[UUID] | None = None
) -> Sequence[Row[Any]]:
    """Return mature lots past their expiry with something left, among `lot_ids` if given."""
    parameters = {"now": now, "limit": limit, "lot_ids": None if lot_ids is None else list(lot_ids)}
    return await run(session, _LAPSING, {"programme_id": programme_id, **parameters})


async def lapsed_points(session: AsyncSession, programme_id: UUID, resident_id: UUID, now: datetime) -> int:
    """Return the points of a resident that have lapsed but were not swept yet."""
    [row] = await run(session, _LAPSED_POINTS, {"programme_id": programme_id, "resident_id": resident_id, "now": now})
    return int(row.points)


async def lapsed_by_resident(
    session: AsyncSession, programme_id: UUID, resident_ids: Sequence[UUID], now: datetime
) -> dict[UUID, int]:
    """Return, for residents who have any, the points that have lapsed but were not swept yet."""
    rows = await run(
        session,
        _LAPSED_BY_RESIDENT,
        {"programme_id": programme_id, "resident_ids": list(resident_ids), "now": now},
    )
    return {row.resident_id: row.points for row in rows}
