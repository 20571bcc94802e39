"""What time will do to a resident's points: on which days they become spendable, and when what is left lapses."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run


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
_EXPIRING: Final = text("""
    SELECT expires_at, CAST(sum(remaining) AS bigint) AS points FROM lot
    WHERE programme_id = :programme_id AND resident_id = :resident_id AND remaining > 0
        AND expires_at > :now AND expires_at <= :until
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
    rows = await run(session, _EXPIRING, {**whose, "now": now, "until": until})
    return [Expiring(row.expires_at, row.points) for row in rows]
