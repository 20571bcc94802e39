"""The statements that read a resident's entries; each sees one moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.ledger.accounts import AccountKind, Asset

_OF = """
    coalesce(sum(change) FILTER (WHERE asset = :grams), 0) AS grams,
    coalesce(sum(change) FILTER (WHERE kind = :resident AND asset = :points), 0) AS points,
    coalesce(sum(change) FILTER (WHERE kind = :pending AND asset = :points), 0) AS pending,
    coalesce(sum(change) FILTER (WHERE kind = :held AND asset = :points), 0) AS held,
    coalesce(sum(change) FILTER (WHERE kind = :owed AND asset = :points), 0) AS owed
"""
_MOVES = """
    SELECT m.kind, p.asset, m.change FROM entry AS e
    JOIN posting AS p ON p.programme_id = :programme_id AND p.entry_id = e.entry_id
    CROSS JOIN LATERAL (VALUES
        (p.source_kind, p.source_id, -p.amount), (p.destination_kind, p.destination_id, p.amount)
    ) AS m (kind, owner_id, change)
    WHERE e.programme_id = :programme_id AND e.resident_id = :resident_id AND m.owner_id = :resident_id
"""
# What is kept, less what came after: it costs what is newer, and nothing for the newest page.
_SINCE = f"""
    SELECT {_OF} FROM (
        SELECT kind, asset, amount AS change FROM balance WHERE programme_id = :programme_id AND owner_id = :resident_id
        UNION ALL
        SELECT kind, asset, -change FROM ({_MOVES} AND e.entry_id >= :before) AS newer
    ) AS sums
"""  # noqa: S608 - constants
# Entries that took effect later are left out, and they may stand anywhere: all that were recorded before are added up.
_EFFECTIVE = f"""
    SELECT {_OF} FROM ({_MOVES} AND e.entry_id < :before AND e.effective_at <= :effective_until) AS sums
"""  # noqa: S608 - constants
_PAGE = """
    SELECT e.entry_id, e.kind, e.effective_at, e.subject_id, p.source_kind, p.source_id, p.destination_kind,
        p.destination_id, p.asset, p.amount, c.grams, c.points, c.pending, c.held, c.owed
    FROM (
        SELECT entry_id, kind, effective_at, subject_id FROM entry
        WHERE programme_id = :programme_id AND resident_id = :resident_id AND entry_id < :before {filter}
        ORDER BY entry_id DESC LIMIT :limit
    ) AS e
    CROSS JOIN ({closing}) AS c
    LEFT JOIN posting AS p ON p.programme_id = :programme_id AND p.entry_id = e.entry_id
    ORDER BY e.entry_id DESC, p.number
"""
_TOTALS: Final = {False: text(_SINCE), True: text(_EFFECTIVE)}
_PAGES: Final = {
    False: text(_PAGE.format(filter="", closing=_SINCE)),
    True: text(_PAGE.format(filter="AND effective_at <= :effective_until", closing=_EFFECTIVE)),
}


async def postings_of(
    session: AsyncSession,
    programme_id: UUID,
    resident_id: UUID,
    *,
    before: UUID,
    effective_until: datetime | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Return the postings of a resident's latest `limit` entries older than `before`, newest entry first.

    Each row tells as well what all entries older than `before` come to, by the book.
    """
    parameters = {"before": before, "limit": limit}
    return await _read(session, _PAGES, programme_id, resident_id, effective_until, parameters)


async def totals(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, *, before: UUID, effective_until: datetime | None
) -> Row[Any]:
    """Return what a resident's entries older than `before` come to, by the book."""
    rows = await _read(session, _TOTALS, programme_id, resident_id, effective_until, {"before": before})
    return rows[0]


async def _read(
    session: AsyncSession,
    statements: dict[bool, TextClause],
    programme_id: UUID,
    resident_id: UUID,
    effective_until: datetime | None,
    parameters: dict[str, object],
) -> Sequence[Row[Any]]:
    kinds = (AccountKind.RESIDENT, AccountKind.PENDING, AccountKind.HELD, AccountKind.OWED)
    parameters |= {kind.name.lower(): int(kind) for kind in kinds} | {each.name.lower(): int(each) for each in Asset}
    if effective_until is not None:
        parameters |= {"effective_until": effective_until}
    parameters |= {"programme_id": programme_id, "resident_id": resident_id}
    return await run(session, statements[effective_until is not None], parameters)
