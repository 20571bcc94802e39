"""What a resident gathered over time, from the sums that are kept for each day, and by category."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.errors import InvalidInputError
from points.ledger import EntryKind

MOST_PERIODS: Final = 400


class Period(StrEnum):
    """How long each step of a history is; weeks begin on Monday (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_DAYS: Final = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 28}


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was credited for activities of one period, less what was taken back; the period begins on `starts_on`."""

    starts_on: date
    grams: int
    points: int
    activities: int


@dataclass(frozen=True, slots=True)
class GatheredOf:
    """What was credited for activities of one category, less what was taken back; names are empty for none."""

    category_id: str
    name_zh: str
    name_en: str
    grams: int
    points: int
    units: int
    activities: int


# Every period has a row, so that a chart has no gaps.
_BY_PERIOD: Final = text("""
    SELECT CAST(p.starts_on AS date) AS starts_on, CAST(coalesce(sum(d.grams), 0) AS bigint) AS grams,
        CAST(coalesce(sum(d.points), 0) AS bigint) AS points,
        CAST(coalesce(sum(d.activities), 0) AS bigint) AS activities
    FROM generate_series(
        date_trunc(CAST(:period AS text), CAST(:since AS date)::timestamp), CAST(:until AS date)::timestamp,
        CAST('1 ' || CAST(:period AS text) AS interval)
    ) AS p (starts_on)
    LEFT JOIN resident_day AS d ON d.programme_id = :programme_id AND d.resident_id = :resident_id
        AND d.day >= p.starts_on::date AND d.day < (p.starts_on + CAST('1 ' || CAST(:period AS text) AS interval))::date
        AND d.day BETWEEN :since AND :until
    GROUP BY p.starts_on ORDER BY p.starts_on
""")
# No sums are kept by category: a resident's receipts are few enough to be added up when somebody looks.
_BY_CATEGORY: Final = text("""
    SELECT coalesce(b.category_id, '') AS category_id, coalesce(c.name_zh, '') AS name_zh,
        coalesce(c.name_en, '') AS name_en, CAST(sum(a.grams + coalesce(j.grams, 0)) AS bigint) AS grams,
        CAST(sum(a.points + coalesce(j.points, 0)) AS bigint) AS points,
        CAST(sum(a.quantity + coalesce(j.units, 0)) AS bigint) AS units, count(*) AS activities
    FROM entry AS e
    JOIN activity AS a ON a.programme_id = :programme_id AND a.activity_id = e.entry_id
    LEFT JOIN LATERAL (
        SELECT sum(grams) AS grams, sum(points) AS points, sum(units) AS units FROM adjustment
        WHERE programme_id = :programme_id AND activity_id = a.activity_id
    ) AS j ON true
    LEFT JOIN basis AS s ON s.programme_id = :programme_id AND s.basis_id = a.basis_id
    LEFT JOIN baseline AS b ON b.id = s.baseline_id
    LEFT JOIN category AS c ON c.id = b.category_id
    WHERE e.programme_id = :programme_id AND e.resident_id = :resident_id AND e.kind = :award
        AND a.day BETWEEN :since AND :until
    GROUP BY b.category_id, c.name_zh, c.name_en
    ORDER BY grams DESC, category_id
""")


async def by_period(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, *, period: Period, since: date, until: date
) -> list[Gathered]:
    """Return what was gathered in every period that touches the days from `since` to `until`, both included.

    Raises:
        InvalidInputError: when the days are the wrong way round, or make more than MOST_PERIODS periods.
    """
    _require_span(since, until, period)
    whose = {"programme_id": programme_id, "resident_id": resident_id}
    rows = await run(session, _BY_PERIOD, {**whose, "since": since, "until": until, "period": str(period)})
    return [Gathered(row.starts_on, row.grams, row.points, row.activities) for row in rows]


async def by_category(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, *, since: date, until: date
) -> list[GatheredOf]:
    """Return what was gathered in each category on the days from `since` to `until`, both included; most first.

    Raises:
        InvalidInputError: when the days are the wrong way round.
    """
    _require_span(since, until, Period.MONTH)
    whose = {"programme_id": programme_id, "resident_id": resident_id}
    rows = await run(session, _BY_CATEGORY, {**whose, "award": int(EntryKind.AWARD), "since": since, "until": until})
    return [
        GatheredOf(row.category_id, row.name_zh, row.name_en, row.grams, row.points, row.units, row.activities)
        for row in rows
    ]


def _require_span(since: date, until: date, period: Period) -> None:
    if since > until:
        raise InvalidInputError(f"since must not be after until, {until}.", field="since")
    if (until - since).days // _DAYS[period] >= MOST_PERIODS:
        raise InvalidInputError(f"These are more than {MOST_PERIODS} periods; ask for fewer.", field="since")
