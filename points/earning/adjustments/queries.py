"""Every SQL statement about adjustments, each one for a whole batch."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.earning.adjustments.tables import Adjustment


@dataclass(frozen=True, slots=True)
class NewAdjustment:
    """The columns of an adjustment on their way in, signed as they are kept."""

    adjustment_id: UUID
    activity_id: UUID
    resident_id: UUID
    order_id: UUID | None
    effective_at: datetime
    grams: int
    points: int
    owed: int
    borne: int
    units: int
    day: date
    kind: int
    reason: str
    detail: dict[str, Any] | None


_COLUMNS: Final = tuple(each.name for each in fields(NewAdjustment) if each.name != "detail")
# The days are in no order: whoever gets this far holds the residents' locks. Each has its row, since the activity that
# is adjusted made it. When they last grew stays as it is: who is taken something back gains no place.
_WRITE: Final = text("""
    WITH adjustments AS (
        INSERT INTO adjustment (
            programme_id, adjustment_id, activity_id, resident_id, order_id, effective_at, grams, points, owed, borne,
            units, day, kind, reason, detail
        )
        SELECT :programme_id, t.adjustment_id, t.activity_id, t.resident_id, t.order_id, t.effective_at, t.grams,
            t.points, t.owed, t.borne, t.units, t.day, t.kind, t.reason, CAST(t.detail AS jsonb)
        FROM unnest(
            CAST(:adjustment_id AS uuid[]), CAST(:activity_id AS uuid[]), CAST(:resident_id AS uuid[]),
            CAST(:order_id AS uuid[]), CAST(:effective_at AS timestamptz[]), CAST(:grams AS bigint[]),
            CAST(:points AS bigint[]), CAST(:owed AS bigint[]), CAST(:borne AS bigint[]), CAST(:units AS integer[]),
            CAST(:day AS date[]), CAST(:kind AS smallint[]), CAST(:reason AS text[]), CAST(:detail AS text[])
        ) AS t (adjustment_id, activity_id, resident_id, order_id, effective_at, grams, points, owed, borne, units,
            day, kind, reason, detail)
    )
    UPDATE resident_day AS d SET grams = d.grams + t.grams, points = d.points + t.points
    FROM unnest(
        CAST(:day_resident_ids AS uuid[]), CAST(:days AS date[]), CAST(:day_grams AS bigint[]),
        CAST(:day_points AS bigint[])
    ) AS t (resident_id, day, grams, points)
    WHERE d.programme_id = :programme_id AND d.resident_id = t.resident_id AND d.day = t.day
""")
_ABOUT: Final = text("""
    SELECT t.id, coalesce(a.activity_id, j.activity_id) AS activity_id
    FROM unnest(CAST(:ids AS uuid[])) AS t (id)
    LEFT JOIN activity AS a ON a.programme_id = :programme_id AND a.activity_id = t.id
    LEFT JOIN adjustment AS j ON j.programme_id = :programme_id AND j.adjustment_id = t.id
""")


async def write(session: AsyncSession, programme_id: UUID, rows: Sequence[NewAdjustment]) -> None:
    """Insert adjustments and add them to their residents' days, in one statement.

    The residents are locked, and the ledger has the entries.
    """
    if not rows:
        return
    columns: dict[str, object] = {name: [getattr(each, name) for each in rows] for name in _COLUMNS}
    columns["detail"] = [each.detail and orjson.dumps(each.detail).decode() for each in rows]
    days: dict[tuple[UUID, date], list[int]] = defaultdict(lambda: [0, 0])
    for each in rows:
        total = days[each.resident_id, each.day]
        total[:] = [total[0] + each.grams, total[1] + each.points]
    totals: dict[str, object] = {
        "day_resident_ids": [resident_id for resident_id, _ in days],
        "days": [day for _, day in days],
        "day_grams": [grams for grams, _ in days.values()],
        "day_points": [points for _, points in days.values()],
    }
    await run(session, _WRITE, {"programme_id": programme_id, **columns, **totals})


async def adjustments_of(
    session: AsyncSession, programme_id: UUID, activity_ids: Collection[UUID]
) -> dict[UUID, list[Adjustment]]:
    """Return the adjustments of activities, oldest first."""
    statement = (
        select(Adjustment)
        .where(
            col(Adjustment.programme_id) == programme_id,
            col(Adjustment.activity_id).in_(list(activity_ids)),
        )
        .order_by(col(Adjustment.adjustment_id))
        .execution_options(populate_existing=True)
    )
    found: dict[UUID, list[Adjustment]] = defaultdict(list)
    for row in await session.exec(statement):
        found[row.activity_id].append(row)
    return dict(found)


async def activity_ids_of(session: AsyncSession, programme_id: UUID, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the activity that each of `ids` is of, where it is of one: its own id, or that of an adjustment of it."""
    rows = await run(session, _ABOUT, {"programme_id": programme_id, "ids": list(ids)}) if ids else ()
    return {row.id: row.activity_id for row in rows if row.activity_id is not None}
