"""Every SQL statement about rewards, vouchers and redemptions, each one for a whole batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.rewards.allocation import Offer, Wish

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns are named in the statement above it."""

_LOCK_REWARDS: Final = text("""
    SELECT reward_id, points, opens_at, closes_at FROM reward
    WHERE programme_id = :programme_id AND reward_id = ANY(CAST(:reward_ids AS uuid[]))
    ORDER BY reward_id
    FOR NO KEY UPDATE
""")
# The reward's lock is held: nobody else can take these before the commit.
_AVAILABLE: Final = text("""
    SELECT w.reward_id, v.voucher_id FROM unnest(CAST(:reward_ids AS uuid[]), CAST(:wanted AS bigint[]))
        AS w (reward_id, wanted)
    CROSS JOIN LATERAL (
        SELECT voucher_id FROM voucher
        WHERE programme_id = :programme_id AND reward_id = w.reward_id AND redemption_id IS NULL
        ORDER BY voucher_id LIMIT w.wanted
    ) AS v
    ORDER BY w.reward_id, v.voucher_id
""")
_INSERT_REDEMPTIONS: Final = text("""
    INSERT INTO redemption (programme_id, redemption_id, resident_id, reward_id, points, state, reserved_at)
    SELECT :programme_id, t.redemption_id, t.resident_id, t.reward_id, t.points, 'reserved', :now
    FROM unnest(
        CAST(:redemption_ids AS uuid[]), CAST(:resident_ids AS uuid[]), CAST(:reward_ids AS uuid[]),
        CAST(:points AS bigint[])
    ) AS t (redemption_id, resident_id, reward_id, points)
""")
_TAKE_VOUCHERS: Final = text("""
    UPDATE voucher SET redemption_id = t.redemption_id
    FROM unnest(CAST(:voucher_ids AS uuid[]), CAST(:redemption_ids AS uuid[])) AS t (voucher_id, redemption_id)
    WHERE voucher.programme_id = :programme_id AND voucher.voucher_id = t.voucher_id
""")
_FREE_VOUCHERS: Final = text("""
    UPDATE voucher SET redemption_id = NULL
    WHERE programme_id = :programme_id AND redemption_id = ANY(CAST(:redemption_ids AS uuid[]))
""")
_CLOSE: Final = text("""
    UPDATE redemption SET state = :state, closed_at = :now
    WHERE programme_id = :programme_id AND redemption_id = ANY(CAST(:redemption_ids AS uuid[])) AND state = 'reserved'
    RETURNING redemption_id
""")
_REDEMPTIONS: Final = text("""
    SELECT r.redemption_id, r.resident_id, r.reward_id, r.points, r.state, r.reserved_at, r.closed_at, v.code
    FROM redemption AS r
    LEFT JOIN voucher AS v ON v.programme_id = r.programme_id AND v.redemption_id = r.redemption_id
    WHERE r.programme_id = :programme_id AND r.redemption_id = ANY(CAST(:redemption_ids AS uuid[]))
""")
_FORGOTTEN: Final = text("""
    SELECT r.redemption_id, r.resident_id, v.voucher_id IS NOT NULL AS has_voucher
    FROM redemption AS r
    LEFT JOIN voucher AS v ON v.programme_id = r.programme_id AND v.redemption_id = r.redemption_id
    WHERE r.programme_id = :programme_id AND r.state = 'reserved' AND r.reserved_at <= :before
    ORDER BY r.reserved_at, r.redemption_id LIMIT :limit
""")
_ADD_VOUCHERS: Final = text("""
    INSERT INTO voucher (programme_id, voucher_id, reward_id, code)
    SELECT :programme_id, t.voucher_id, :reward_id, t.code
    FROM unnest(CAST(:voucher_ids AS uuid[]), CAST(:codes AS text[])) AS t (voucher_id, code)
    ORDER BY t.code
    ON CONFLICT ON CONSTRAINT uq_voucher_code DO NOTHING
    RETURNING code
""")
_OPEN_REWARDS: Final = text("""
    SELECT r.reward_id, r.name_zh, r.name_en, r.points, r.retailer_id, r.opens_at, r.closes_at, s.stock
    FROM reward AS r
    CROSS JOIN LATERAL (
        SELECT count(*) AS stock FROM voucher AS v
        WHERE v.programme_id = r.programme_id AND v.reward_id = r.reward_id AND v.redemption_id IS NULL
    ) AS s
    WHERE r.programme_id = :programme_id AND r.opens_at <= :now AND (r.closes_at IS NULL OR r.closes_at > :now)
    ORDER BY r.points, r.reward_id
""")


async def lock_rewards(session: AsyncSession, programme_id: UUID, reward_ids: Sequence[UUID]) -> dict[UUID, Offer]:
    """Lock rewards in id order until the commit; whoever takes a voucher takes this lock first."""
    rows = await _run(session, _LOCK_REWARDS, programme_id, reward_ids=sorted(set(reward_ids)))
    return {row.reward_id: Offer(row.reward_id, row.points, row.opens_at, row.closes_at) for row in rows}


async def available(session: AsyncSession, programme_id: UUID, wanted: Mapping[UUID, int]) -> dict[UUID, list[UUID]]:
    """Return for each reward its first free vouchers, as many as are wanted or there are."""
    rows = await _run(session, _AVAILABLE, programme_id, reward_ids=list(wanted), wanted=list(wanted.values()))
    free: dict[UUID, list[UUID]] = {reward_id: [] for reward_id in wanted}
    for row in rows:
        free[row.reward_id].append(row.voucher_id)
    return free


async def insert_redemptions(
    session: AsyncSession, programme_id: UUID, priced: Sequence[tuple[Wish, int]], *, now: datetime
) -> None:
    """Insert reservations, each at its price in points."""
    await _run(
        session,
        _INSERT_REDEMPTIONS,
        programme_id,
        redemption_ids=[wish.redemption_id for wish, _ in priced],
        resident_ids=[wish.resident_id for wish, _ in priced],
        reward_ids=[wish.reward_id for wish, _ in priced],
        points=[points for _, points in priced],
        now=now,
    )


async def take_vouchers(session: AsyncSession, programme_id: UUID, taken: Mapping[UUID, UUID]) -> None:
    """Give each redemption (the key) its voucher (the value)."""
    await _run(
        session, _TAKE_VOUCHERS, programme_id, voucher_ids=list(taken.values()), redemption_ids=list(taken.keys())
    )


async def free_vouchers(session: AsyncSession, programme_id: UUID, redemption_ids: Sequence[UUID]) -> None:
    """Put the vouchers of redemptions back into their pools."""
    await _run(session, _FREE_VOUCHERS, programme_id, redemption_ids=list(redemption_ids))


async def close(
    session: AsyncSession, programme_id: UUID, redemption_ids: Sequence[UUID], state: str, *, now: datetime
) -> list[UUID]:
    """Close those that are still reserved; return which."""
    rows = await _run(session, _CLOSE, programme_id, redemption_ids=list(redemption_ids), state=state, now=now)
    return [row.redemption_id for row in rows]


async def redemptions(session: AsyncSession, programme_id: UUID, redemption_ids: Sequence[UUID]) -> dict[UUID, AnyRow]:
    """Return redemptions with their voucher's code."""
    rows = await _run(session, _REDEMPTIONS, programme_id, redemption_ids=list(redemption_ids))
    return {row.redemption_id: row for row in rows}


async def forgotten(session: AsyncSession, programme_id: UUID, *, before: datetime, limit: int) -> Sequence[AnyRow]:
    """Return reservations made at or before `before`, oldest first, whose each is and whether it has a voucher."""
    return await _run(session, _FORGOTTEN, programme_id, before=before, limit=limit)


async def add_vouchers(session: AsyncSession, programme_id: UUID, reward_id: UUID, codes: Sequence[str]) -> set[str]:
    """Insert voucher codes; return those that were new."""
    ids = [new_id() for _ in codes]
    rows = await _run(session, _ADD_VOUCHERS, programme_id, reward_id=reward_id, voucher_ids=ids, codes=list(codes))
    return {row.code for row in rows}


async def open_rewards(session: AsyncSession, programme_id: UUID, *, now: datetime) -> Sequence[AnyRow]:
    """Return what can be had at `now` with the vouchers left, cheapest first."""
    return await _run(session, _OPEN_REWARDS, programme_id, now=now)


async def _run(
    session: AsyncSession, statement: TextClause, programme_id: UUID, **parameters: object
) -> Sequence[AnyRow]:
    connection = await session.connection()
    result = await connection.execute(statement, {"programme_id": programme_id, **parameters})
    return result.all() if result.returns_rows else []
