"""What time will do to a resident's points: on which days they become spendable, and when what is left lapses."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.ledger.accounts import AccountKind, Asset


@dataclass(frozen=True, slots=True)
class Maturing:
    """Pending points that can be spent from some time of the day `matures_on` on, unless a return takes them back."""

    matures_on: date
    points: int


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that can not be spent any more from `expires_at` on, pending ones among them."""

    expires_at: datetime
    points: int


_MATURING: Final = text("""
    SELECT CAST(matures_at AT TIME ZONE :time_zone AS date) AS matures_on, CAST(sum(remaining) AS bigint) AS points
    FROM lot
    WHERE programme_id = :programme_id AND resident_id = :resident_id AND NOT mature AND remaining > 0
    GROUP BY matures_on ORDER BY matures_on
""")
# Points of a hold past its time are back in their lots whether or not a sweep came by; in drawing order they first pay
# what is owed.
_EXPIRING: Final = text("""
    SELECT expires_at, CAST(sum(points) AS bigint) AS points FROM (
        SELECT expires_at, remaining AS points FROM lot
        WHERE programme_id = :programme_id AND resident_id = :resident_id AND remaining > 0 AND expires_at > :now
        UNION ALL
        SELECT expires_at, least(amount, running - owed) FROM (
            SELECT l.expires_at, d.amount,
                sum(d.amount) OVER (ORDER BY l.priority, l.expires_at, l.lot_id, d.drawn_by) AS running,
                coalesce((
                    SELECT amount FROM balance
                    WHERE programme_id = :programme_id AND owner_id = :resident_id AND kind = :owed AND asset = :points
                ), 0) AS owed
            FROM hold AS h
            JOIN lot_draw AS d ON d.programme_id = :programme_id AND d.drawn_by = h.hold_id
            JOIN lot AS l ON l.programme_id = :programme_id AND l.lot_id = d.lot_id AND l.expires_at > :now
            WHERE h.programme_id = :programme_id AND h.resident_id = :resident_id AND h.state = 'open'
                AND h.expires_at <= :now
        ) AS back
        WHERE running > owed
    ) AS there
    WHERE expires_at <= :until
    GROUP BY expires_at ORDER BY expires_at
""")


async def maturing(session: AsyncSession, programme_id: UUID, resident_id: UUID, *, time_zone: str) -> list[Maturing]:
    """Return all pending points by the day in `time_zone` on which they become spendable, soonest first."""
    whose = {"programme_id": programme_id, "resident_id": resident_id}
    rows = await run(session, _MATURING, {**whose, "time_zone": time_zone})
    return [Maturing(row.matures_on, row.points) for row in rows]


async def expiring(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, *, now: datetime, until: datetime
) -> list[Expiring]:
    """Return what is left in lots that lapse after `now` and up to `until`, soonest first; without held points."""
    whose = {"programme_id": programme_id, "resident_id": resident_id}
    kinds = {"owed": int(AccountKind.OWED), "points": int(Asset.POINTS)}
    rows = await run(session, _EXPIRING, {**whose, **kinds, "now": now, "until": until})
    return [Expiring(row.expires_at, row.points) for row in rows]
