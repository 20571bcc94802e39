"""Every SELECT about standings. Only residents who agreed to be ranked and have not left are ever read.

`resident_day` is named in SQL and not through its class: earning and leaderboards do not know each other.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession

from points.leaderboards.boards import LAST_TICK, MOST_GRAMS, Span

_CHUNK = 5_000

_RANKED_DAYS = """
    resident_day d
    JOIN resident r ON r.programme_id = d.programme_id AND r.resident_id = d.resident_id
        AND r.ranked AND r.left_at IS NULL
"""

_GAINS_OF_SOME = text(
    f"""
    SELECT s.number, d.resident_id, sum(d.grams)::bigint AS grams, max(d.last_at) AS last_at
    FROM unnest(CAST(:firsts AS date[]), CAST(:untils AS date[])) WITH ORDINALITY AS s (first, until, number)
    CROSS JOIN {_RANKED_DAYS}
    WHERE d.programme_id = :programme_id AND d.resident_id = ANY(CAST(:resident_ids AS uuid[]))
        AND d.day >= s.first AND d.day < s.until AND d.grams > 0
    GROUP BY s.number, d.resident_id
    """  # noqa: S608 - put together from constants of this file
)

_GAINS_OF_ALL = text(
    f"""
    SELECT d.resident_id, sum(d.grams)::bigint AS grams, max(d.last_at) AS last_at
    FROM {_RANKED_DAYS}
    WHERE d.programme_id = :programme_id AND d.day >= :first AND d.day < :until AND d.grams > 0
    GROUP BY d.resident_id
    """  # noqa: S608 - put together from constants of this file
)

_PLACES = text(
    f"""
    WITH gain AS (
        SELECT d.resident_id, least(sum(d.grams), :most_grams)::bigint AS grams,
            least(greatest(floor(
                extract(epoch FROM max(d.last_at) - CAST(:starts_at AS timestamptz)) / :tick_seconds
            ), 0), :last_tick)::bigint AS tick
        FROM {_RANKED_DAYS}
        WHERE d.programme_id = :programme_id AND d.day >= :first AND d.day < :until AND d.grams > 0
        GROUP BY d.resident_id
    ), place AS (
        SELECT resident_id, grams, row_number() OVER (ORDER BY grams DESC, tick, resident_id) AS position,
            count(*) OVER () AS members
        FROM gain
    )
    SELECT p.resident_id, p.grams, p.position, p.members
    FROM place p LEFT JOIN place me ON me.resident_id = :resident_id
    WHERE p.position <= :top OR p.position BETWEEN me.position - :around AND me.position + :around
    ORDER BY p.position
    """  # noqa: S608 - put together from constants of this file
)

_NICKNAMES = text(
    """
    SELECT resident_id, nickname FROM resident
    WHERE programme_id = :programme_id AND resident_id = ANY(CAST(:resident_ids AS uuid[]))
        AND ranked AND left_at IS NULL
    """
)


@dataclass(frozen=True, slots=True)
class Gain:
    """What a resident gathered in a span, and when it last grew."""

    resident_id: UUID
    grams: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A resident's position on a board, from 1; `grams` of CO2e saved in its span."""

    position: int
    resident_id: UUID
    grams: int


async def gains_of(
    session: AsyncSession, programme_id: UUID, spans: Sequence[Span], resident_ids: Sequence[UUID]
) -> list[dict[UUID, Gain]]:
    """Return for each span what those residents gathered; who has nothing to show is absent. One statement."""
    found: list[dict[UUID, Gain]] = [{} for _ in spans]
    rows = await _run(
        session,
        _GAINS_OF_SOME,
        {
            "programme_id": programme_id,
            "resident_ids": list(resident_ids),
            "firsts": [span.first for span in spans],
            "untils": [span.until for span in spans],
        },
    )
    for row in rows:
        found[row.number - 1][row.resident_id] = Gain(row.resident_id, row.grams, row.last_at)
    return found


async def all_gains(session: AsyncSession, programme_id: UUID, span: Span) -> AsyncIterator[list[Gain]]:
    """Yield what everybody gathered in a span, some thousands at a time, so that memory stays flat."""
    parameters = {"programme_id": programme_id, "first": span.first, "until": span.until}
    connection = await session.connection()
    options = {"yield_per": _CHUNK}
    async with connection.stream(_GAINS_OF_ALL, parameters, execution_options=options) as result:
        async for rows in result.partitions():
            yield [Gain(row.resident_id, row.grams, row.last_at) for row in rows]


async def places(
    session: AsyncSession, programme_id: UUID, span: Span, resident_id: UUID | None, *, top: int, around: int
) -> tuple[int, list[Place]]:
    """Return how many are ranked, and the `top` places with those up to `around` away from `resident_id`'s."""
    parameters: dict[str, Any] = {
        "programme_id": programme_id,
        "first": span.first,
        "until": span.until,
        "starts_at": span.starts_at,
        "tick_seconds": span.tick_seconds,
        "most_grams": MOST_GRAMS,
        "last_tick": LAST_TICK,
        "resident_id": resident_id,
        "top": top,
        "around": around,
    }
    rows = await _run(session, _PLACES, parameters)
    members = rows[0].members if rows else 0
    return members, [Place(row.position, row.resident_id, row.grams) for row in rows]


async def nicknames(session: AsyncSession, programme_id: UUID, resident_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the nicknames of those who may be shown."""
    rows = await _run(session, _NICKNAMES, {"programme_id": programme_id, "resident_ids": list(resident_ids)})
    return {row.resident_id: row.nickname for row in rows}


async def _run(session: AsyncSession, statement: TextClause, parameters: dict[str, Any]) -> Sequence[Row[Any]]:
    connection = await session.connection()
    return (await connection.execute(statement, parameters)).all()
