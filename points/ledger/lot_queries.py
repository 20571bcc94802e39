"""Every SQL statement about lots, but for the one that makes them with their entries."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.ledger.accounts import AccountKind, Asset

# The running sum stops at the first lot that covers what is wanted: history does not make a spend slower.
_SPENDABLE: Final = text("""
    SELECT resident_id, lot_id, remaining, priority, expires_at FROM (
        SELECT l.resident_id, l.lot_id, l.remaining, l.priority, l.expires_at, w.wanted,
            sum(l.remaining) OVER (PARTITION BY l.resident_id ORDER BY l.priority, l.expires_at, l.lot_id)
                - l.remaining AS before
        FROM unnest(CAST(:resident_ids AS uuid[]), CAST(:amounts AS bigint[])) AS w (resident_id, wanted)
        JOIN lot AS l ON l.programme_id = :programme_id AND l.resident_id = w.resident_id
        WHERE l.remaining > 0 AND l.mature AND l.expires_at > :now
    ) AS s
    WHERE before < wanted
    ORDER BY resident_id, priority, expires_at, lot_id
""")
_TAKE: Final = text("""
    UPDATE lot SET remaining = lot.remaining + t.change
    FROM unnest(CAST(:lot_ids AS uuid[]), CAST(:changes AS bigint[])) AS t (lot_id, change)
    WHERE lot.programme_id = :programme_id AND lot.lot_id = t.lot_id
""")
# What has expired is what is neither left in the lot nor drawn from it.
_OWN: Final = text("""
    SELECT lot_id, resident_id, remaining, priority, expires_at, mature, amount - remaining - coalesce((
        SELECT CAST(sum(d.amount - d.returned) AS bigint) FROM lot_draw AS d
        WHERE d.programme_id = :programme_id AND d.lot_id = lot.lot_id
    ), 0) AS expired
    FROM lot WHERE programme_id = :programme_id AND lot_id = ANY(CAST(:lot_ids AS uuid[]))
""")
# What is due is found by time, in an index of its own, and looked at again by id under the residents' locks: two
# statements, for one that could do both would be planned for neither.
_MATURING: Final = text("""
    SELECT lot_id, resident_id FROM lot
    WHERE programme_id = :programme_id AND NOT mature AND matures_at <= :now
    ORDER BY matures_at LIMIT :limit
""")
_STILL_MATURING: Final = text("""
    SELECT lot_id, resident_id, remaining, priority, expires_at FROM lot
    WHERE programme_id = :programme_id AND lot_id = ANY(CAST(:lot_ids AS uuid[])) AND NOT mature AND matures_at <= :now
    ORDER BY matures_at
""")
_SET_MATURE: Final = text("""
    UPDATE lot SET mature = true WHERE programme_id = :programme_id AND lot_id = ANY(CAST(:lot_ids AS uuid[]))
""")
_LAPSING: Final = text("""
    SELECT lot_id, resident_id FROM lot
    WHERE programme_id = :programme_id AND mature AND remaining > 0 AND expires_at <= :now
    ORDER BY expires_at LIMIT :limit
""")
_STILL_LAPSING: Final = text("""
    SELECT lot_id, resident_id, remaining FROM lot
    WHERE programme_id = :programme_id AND lot_id = ANY(CAST(:lot_ids AS uuid[])) AND mature AND remaining > 0
        AND expires_at <= :now
    ORDER BY expires_at
""")
# The balances that are kept, and what differs from them at a moment: lots that have lapsed, and holds that are void.
_AT: Final = text("""
    SELECT r.resident_id, coalesce(b.grams, 0) AS grams, coalesce(b.points, 0) AS points,
        coalesce(b.pending, 0) AS pending, coalesce(b.held, 0) AS held, coalesce(b.owed, 0) AS owed,
        coalesce(l.points, 0) AS lapsed, coalesce(h.points, 0) AS void, coalesce(h.spendable, 0) AS back
    FROM unnest(CAST(:resident_ids AS uuid[])) AS r (resident_id)
    LEFT JOIN LATERAL (
        SELECT CAST(sum(remaining) AS bigint) AS points FROM lot
        WHERE programme_id = :programme_id AND resident_id = r.resident_id AND mature AND remaining > 0
            AND expires_at <= :now
    ) AS l ON true
    LEFT JOIN LATERAL (
        SELECT CAST(sum(d.amount) AS bigint) AS points,
            CAST(sum(d.amount) FILTER (WHERE lot.expires_at > :now) AS bigint) AS spendable
        FROM hold
        JOIN lot_draw AS d ON d.programme_id = :programme_id AND d.drawn_by = hold.hold_id
        JOIN lot ON lot.programme_id = :programme_id AND lot.lot_id = d.lot_id
        WHERE hold.programme_id = :programme_id AND hold.resident_id = r.resident_id AND hold.state = 'open'
            AND hold.expires_at <= :now
    ) AS h ON true
    LEFT JOIN LATERAL (
        SELECT max(amount) FILTER (WHERE asset = :grams) AS grams,
            max(amount) FILTER (WHERE kind = :resident AND asset = :points) AS points,
            max(amount) FILTER (WHERE kind = :pending AND asset = :points) AS pending,
            max(amount) FILTER (WHERE kind = :held AND asset = :points) AS held,
            max(amount) FILTER (WHERE kind = :owed AND asset = :points) AS owed
        FROM balance WHERE programme_id = :programme_id AND owner_id = r.resident_id
    ) AS b ON true
""")


async def spendable(
    session: AsyncSession, programme_id: UUID, wanted: Mapping[UUID, int], now: datetime
) -> Sequence[Row[Any]]:
    """Return, for each resident, the lots that cover what is wanted, in drawing order."""
    parameters = {"resident_ids": list(wanted), "amounts": list(wanted.values())}
    return await run(session, _SPENDABLE, {"programme_id": programme_id, "now": now, **parameters})


async def change_lots(session: AsyncSession, programme_id: UUID, changes: Mapping[UUID, int]) -> None:
    """Add `changes` to what remains in lots; the bounds are the database's CHECK."""
    if changes:
        parameters = {"lot_ids": list(changes), "changes": list(changes.values())}
        await run(session, _TAKE, {"programme_id": programme_id, **parameters})


async def own_lots(session: AsyncSession, programme_id: UUID, lot_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Return lots with what remains in each and what of it has expired."""
    return await run(session, _OWN, {"programme_id": programme_id, "lot_ids": list(lot_ids)})


async def maturing(session: AsyncSession, programme_id: UUID, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Return lots due to mature, those due longest first."""
    return await run(session, _MATURING, {"programme_id": programme_id, "now": now, "limit": limit})


async def still_maturing(
    session: AsyncSession, programme_id: UUID, now: datetime, lot_ids: Sequence[UUID]
) -> Sequence[Row[Any]]:
    """Return those of `lot_ids` that are due to mature, those due longest first."""
    return await run(session, _STILL_MATURING, {"programme_id": programme_id, "now": now, "lot_ids": list(lot_ids)})


async def set_mature(session: AsyncSession, programme_id: UUID, lot_ids: Sequence[UUID]) -> None:
    """Mark lots as mature."""
    await run(session, _SET_MATURE, {"programme_id": programme_id, "lot_ids": list(lot_ids)})


async def lapsing(session: AsyncSession, programme_id: UUID, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Return mature lots past their expiry with something left, those that lapsed first first."""
    return await run(session, _LAPSING, {"programme_id": programme_id, "now": now, "limit": limit})


async def still_lapsing(
    session: AsyncSession, programme_id: UUID, now: datetime, lot_ids: Sequence[UUID]
) -> Sequence[Row[Any]]:
    """Return those of `lot_ids` that are mature and past their expiry with something left."""
    return await run(session, _STILL_LAPSING, {"programme_id": programme_id, "now": now, "lot_ids": list(lot_ids)})


async def standings(
    session: AsyncSession, programme_id: UUID, resident_ids: Iterable[UUID], now: datetime
) -> dict[UUID, Row[Any]]:
    """Return each resident's kept balances and what differs from them at `now`, all as of one moment.

    `lapsed`: in lots past their expiry; `void`: in holds past their time, of which `back` can be spent.
    """
    kinds = (AccountKind.RESIDENT, AccountKind.PENDING, AccountKind.HELD, AccountKind.OWED)
    accounts = {kind.name.lower(): int(kind) for kind in kinds} | {asset.name.lower(): int(asset) for asset in Asset}
    parameters = {"resident_ids": list(resident_ids), "now": now, **accounts}
    rows = await run(session, _AT, {"programme_id": programme_id, **parameters})
    return {row.resident_id: row for row in rows}
