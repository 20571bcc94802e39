"""The statements that read a resident's entries; each sees one moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.ledger.accounts import AccountKind, Asset

LATEST: Final = UUID(int=2**128 - 1)
"""Greater than every entry id: a statement from here starts with the newest entry."""

_SUMS = """
    coalesce(sum(change) FILTER (WHERE asset = :grams), 0) AS {prefix}grams,
    coalesce(sum(change) FILTER (WHERE kind = :resident AND asset = :points), 0) AS {prefix}available,
    coalesce(sum(change) FILTER (WHERE kind = :pending AND asset = :points), 0) AS {prefix}pending,
    coalesce(sum(change) FILTER (WHERE kind = :held AND asset = :points), 0) AS {prefix}held,
    coalesce(sum(change) FILTER (WHERE kind = :owed AND asset = :points), 0) AS {prefix}owed
"""
# Entries are looked for by the resident alone, who is of one programme, and postings for each of them: where little is
# known of the tables, as of new ones, a planner takes the whole programme's to be as few.
_MOVES = """
    SELECT m.kind, p.asset, m.change FROM (
        SELECT programme_id, entry_id FROM entry WHERE resident_id = :resident_id AND {which} OFFSET 0
    ) AS e
    CROSS JOIN LATERAL (
        SELECT * FROM posting AS p WHERE p.programme_id = :programme_id AND p.entry_id = e.entry_id OFFSET 0
    ) AS p
    CROSS JOIN LATERAL (VALUES
        (p.source_kind, p.source_id, -p.amount), (p.destination_kind, p.destination_id, p.amount)
    ) AS m (kind, owner_id, change)
    WHERE e.programme_id = :programme_id AND m.owner_id = :resident_id
"""
_KEPT = f"""
    SELECT {_SUMS.format(prefix="kept_")} FROM (
        SELECT kind, asset, amount AS change FROM balance WHERE programme_id = :programme_id AND owner_id = :resident_id
    ) AS kept
"""  # noqa: S608 - constants
# What came since: nothing for the newest page, and little for one that goes on where another ended.
_SINCE = f"""
    SELECT {_SUMS.format(prefix="moved_")} FROM ({_MOVES.format(which="entry_id >= :since")}) AS moved
"""  # noqa: S608 - constants
# Entries that took effect later are left out, and they may stand anywhere: all that were recorded before are added up.
_EFFECTIVE = f"""
    SELECT {_SUMS.format(prefix="moved_")} FROM (
        {_MOVES.format(which="entry_id < :since AND effective_at <= :effective_until")}
    ) AS moved
"""  # noqa: S608 - constants
_TOTAL = "SELECT k.*, s.* FROM ({kept}) AS k CROSS JOIN ({moved}) AS s"
# Read from the end of `ix_entry_resident`, and no further than the limit. To a planner that takes the resident to have
# an entry or two, all of them at once and sorted cost as little, so it is not told how few they are: bounds in the very
# order of the index, of values it can not see before it runs, are a ninth of the table to it, whoever is asked for.
_NEWEST_FIRST = """
    SELECT programme_id, entry_id, kind, effective_at, subject_id FROM entry
    WHERE resident_id IS NOT NULL AND resident_id >= asked.resident_id
        AND (resident_id, entry_id) < (asked.resident_id, {below}) {filter}
    ORDER BY resident_id DESC, entry_id DESC LIMIT {limit}
"""
_NEWEST = _NEWEST_FIRST.format(below="asked.latest", filter="", limit="1")
# What a page is told besides its entries is worked out once, not for each posting on it.
_PAGE = f"""
    WITH asked AS MATERIALIZED (
        SELECT CAST(:resident_id AS uuid) AS resident_id, CAST(:before AS uuid) AS before,
            CAST(:latest AS uuid) AS latest, CAST(:limit AS bigint) AS lines,
            CAST(:effective_until AS timestamptz) AS effective_until
    ), kept AS MATERIALIZED ({{kept}}), moved AS MATERIALIZED ({{moved}}), newest AS MATERIALIZED (
        SELECT e.entry_id AS newest_id FROM asked CROSS JOIN LATERAL ({_NEWEST}) AS e
        WHERE e.programme_id = :programme_id
    )
    SELECT e.entry_id, e.kind, e.effective_at, e.subject_id, p.source_kind, p.source_id, p.destination_kind,
        p.destination_id, p.asset, p.amount, kept.*, moved.*, newest.*
    FROM asked
    CROSS JOIN LATERAL ({_NEWEST_FIRST.format(below="asked.before", filter="{filter}", limit="asked.lines")}) AS e
    CROSS JOIN kept CROSS JOIN moved CROSS JOIN newest
    LEFT JOIN LATERAL (
        SELECT * FROM posting AS p WHERE p.programme_id = :programme_id AND p.entry_id = e.entry_id OFFSET 0
    ) AS p ON true
    WHERE e.programme_id = :programme_id
    ORDER BY e.entry_id DESC, p.number
"""  # noqa: S608 - constants
_UNTIL: Final = "AND effective_at <= asked.effective_until"
_TOTALS: Final = {
    False: text(_TOTAL.format(kept=_KEPT, moved=_SINCE)),
    True: text(_TOTAL.format(kept=_KEPT, moved=_EFFECTIVE)),
}
_PAGES: Final = {
    False: text(_PAGE.format(filter="", kept=_KEPT, moved=_SINCE)),
    True: text(_PAGE.format(filter=_UNTIL, kept=_KEPT, moved=_EFFECTIVE)),
}
_NEXT_PAGES: Final = {False: _PAGES[False], True: text(_PAGE.format(filter=_UNTIL, kept=_KEPT, moved=_SINCE))}


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

    Each row tells as well the newest entry's id, what is `kept_` of the resident, and what `moved_`: by the entries
    from `before` on, or with `effective_until` by all those before it that took effect until then.
    """
    parameters = {"before": before, "since": before, "latest": LATEST, "limit": limit}
    return await _read(session, _PAGES, programme_id, resident_id, effective_until, parameters)


async def postings_after(
    session: AsyncSession,
    programme_id: UUID,
    resident_id: UUID,
    *,
    before: UUID,
    since: UUID,
    effective_until: datetime | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Return what `postings_of` does, except that `moved_` is what entries from `since` on changed, whatever they are.

    It costs the page and what is as new as `since`, however long the history is.
    """
    parameters = {"before": before, "since": since, "latest": LATEST, "limit": limit}
    return await _read(session, _NEXT_PAGES, programme_id, resident_id, effective_until, parameters)


async def totals(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, *, before: UUID, effective_until: datetime | None
) -> Row[Any]:
    """Return what is `kept_` of a resident and what `moved_`, as `postings_of` tells it."""
    rows = await _read(session, _TOTALS, programme_id, resident_id, effective_until, {"since": before})
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
    parameters |= {"programme_id": programme_id, "resident_id": resident_id, "effective_until": effective_until}
    return await run(session, statements[effective_until is not None], parameters)
