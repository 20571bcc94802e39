"""Every SQL statement about anonymous sales, each one for a whole batch."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.earning.evidence.anonymous_lines import AnonymousLine
from points.errors import StateConflictError

_COLUMNS: Final = ("claim_code", "line", "retailer_id", "receipt", "code", "gtin", "serial", "quantity", "sold_at")
_KEEP: Final = text("""
    INSERT INTO anonymous_sale (
        programme_id, claim_code, line, retailer_id, receipt, code, gtin, serial, quantity, returned, sold_at,
        recorded_at
    )
    SELECT :programme_id, t.claim_code, t.line, t.retailer_id, t.receipt, t.code, t.gtin, t.serial, t.quantity, 0,
        t.sold_at, :now
    FROM unnest(
        CAST(:claim_code AS text[]), CAST(:line AS integer[]), CAST(:retailer_id AS uuid[]), CAST(:receipt AS text[]),
        CAST(:code AS text[]), CAST(:gtin AS text[]), CAST(:serial AS text[]), CAST(:quantity AS integer[]),
        CAST(:sold_at AS timestamptz[])
    ) AS t (claim_code, line, retailer_id, receipt, code, gtin, serial, quantity, sold_at)
    ORDER BY t.claim_code, t.line
    ON CONFLICT DO NOTHING
""")
_STANDING: Final = text("""
    SELECT claim_code, line, retailer_id, receipt, code, gtin, serial, quantity, returned, sold_at, claimed_by,
        claimed_at, claimable_until
    FROM anonymous_sale
    WHERE programme_id = :programme_id AND claim_code = ANY(CAST(:claim_codes AS text[]))
    ORDER BY claim_code, line
""")
_NAMING: Final = text("""
    SELECT s.claim_code, s.line, s.retailer_id, s.receipt, s.code, s.gtin, s.serial, s.quantity, s.returned, s.sold_at,
        s.claimed_by, s.claimed_at, s.claimable_until
    FROM unnest(CAST(:gtins AS text[]), CAST(:serials AS text[])) AS t (gtin, serial)
    JOIN anonymous_sale AS s ON s.programme_id = :programme_id AND s.gtin = t.gtin AND s.serial = t.serial
        AND s.claimed_by IS NULL AND s.returned < s.quantity
    ORDER BY s.sold_at, s.claim_code, s.line
""")
_HELD: Final = text(f"{_STANDING.text} FOR UPDATE")
_GIVE_BACK: Final = text("""
    UPDATE anonymous_sale AS a SET claimed_by = NULL, claimed_at = NULL, claimable_until = t.until
    FROM unnest(CAST(:claim_codes AS text[]), CAST(:lines AS integer[]), CAST(:untils AS timestamptz[]))
        AS t (claim_code, line, until)
    WHERE a.programme_id = :programme_id AND a.claim_code = t.claim_code AND a.line = t.line
""")
# Whatever was brought back since the lines were read changed `returned`, and then there is no such line any more.
_TAKE: Final = text("""
    UPDATE anonymous_sale AS a SET claimed_by = open.resident_id, claimed_at = :now
    FROM (
        SELECT s.claim_code, s.line, t.resident_id FROM anonymous_sale AS s
        JOIN unnest(
            CAST(:claim_codes AS text[]), CAST(:lines AS integer[]), CAST(:returned AS integer[]),
            CAST(:resident_ids AS uuid[])
        ) AS t (claim_code, line, returned, resident_id) USING (claim_code, line, returned)
        WHERE s.programme_id = :programme_id AND s.claimed_by IS NULL
        ORDER BY s.claim_code, s.line FOR UPDATE OF s
    ) AS open
    WHERE a.programme_id = :programme_id AND a.claim_code = open.claim_code AND a.line = open.line
    RETURNING a.line
""")
# Whoever claims a line at this moment, or brings it back, holds it: it is left alone. Read once, or the limit is none.
_REMOVE: Final = text("""
    WITH old AS MATERIALIZED (
        SELECT claim_code, line FROM anonymous_sale
        WHERE programme_id = :programme_id AND claimed_by IS NULL AND sold_at < :sold_before
            AND (claimable_until IS NULL OR claimable_until < :now) AND NOT EXISTS (
                SELECT FROM unnest(
                    CAST(:retailer_ids AS uuid[]), CAST(:froms AS timestamptz[]), CAST(:untils AS timestamptz[]),
                    CAST(:longers AS interval[])
                ) AS t (retailer_id, since, until, longer)
                WHERE t.retailer_id = anonymous_sale.retailer_id AND sold_at >= t.since AND sold_at < t.until
                    AND sold_at >= :sold_before - t.longer
            )
        LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    DELETE FROM anonymous_sale AS a USING old
    WHERE a.programme_id = :programme_id AND a.claim_code = old.claim_code AND a.line = old.line
    RETURNING a.line
""")


async def standing(
    session: AsyncSession, programme_id: UUID, claim_codes: Collection[str], *, lock: bool = False
) -> dict[tuple[str, int], AnonymousLine]:
    """Return every line that is kept under some codes, by code and line; with `lock` they stay so until the commit."""
    statement = _HELD if lock else _STANDING
    rows = await run(session, statement, {"programme_id": programme_id, "claim_codes": sorted(set(claim_codes))})
    return {(row.claim_code, row.line): _line(row) for row in rows}


async def naming(
    session: AsyncSession, programme_id: UUID, units: Collection[tuple[str, str]]
) -> dict[tuple[str, str], list[AnonymousLine]]:
    """Return the lines that name units, by product and serial, oldest first, while anything is left to be claimed."""
    found: dict[tuple[str, str], list[AnonymousLine]] = defaultdict(list)
    wanted = sorted(set(units))
    parameters = {"gtins": [gtin for gtin, _ in wanted], "serials": [serial for _, serial in wanted]}
    for row in await run(session, _NAMING, {"programme_id": programme_id, **parameters}) if wanted else ():
        found[row.gtin, row.serial].append(_line(row))
    return found


async def keep(
    session: AsyncSession, programme_id: UUID, lines: Sequence[AnonymousLine], *, now: datetime
) -> Mapping[tuple[str, int], AnonymousLine]:
    """Keep lines that are not kept yet, and return what stands under each; of two reports, the first."""
    columns = {name: [getattr(each, name) for each in lines] for name in _COLUMNS}
    await run(session, _KEEP, {"programme_id": programme_id, "now": now, **columns})
    return await standing(session, programme_id, {each.claim_code for each in lines})


async def take(
    session: AsyncSession, programme_id: UUID, taken: Mapping[AnonymousLine, UUID], *, now: datetime
) -> None:
    """Mark lines as the residents' they were credited to, after the credits: rows are locked last of all.

    Raises:
        StateConflictError: when one was taken, or something of it was brought back, since it was read. Try again.
    """
    if not taken:
        return
    parameters = {
        "programme_id": programme_id,
        "claim_codes": [each.claim_code for each in taken],
        "lines": [each.line for each in taken],
        "returned": [each.returned for each in taken],
        "resident_ids": list(taken.values()),
        "now": now,
    }
    if len(await run(session, _TAKE, parameters)) != len(taken):
        raise StateConflictError(
            "Something of this receipt was brought back or claimed at this very moment; try again."
        )


async def give_back(session: AsyncSession, programme_id: UUID, untils: Mapping[AnonymousLine, datetime]) -> None:
    """Let lines, which are locked, be claimed by anybody again, each until a moment."""
    parameters = {
        "programme_id": programme_id,
        "claim_codes": [each.claim_code for each in untils],
        "lines": [each.line for each in untils],
        "untils": list(untils.values()),
    }
    await run(session, _GIVE_BACK, parameters)


@dataclass(frozen=True, slots=True)
class KeptLonger:
    """What a retailer sold at `since` to before `until` is kept for so much longer."""

    retailer_id: UUID
    since: datetime
    until: datetime
    longer: timedelta


async def remove(
    session: AsyncSession,
    programme_id: UUID,
    *,
    sold_before: datetime,
    but: Sequence[KeptLonger],
    now: datetime,
    limit: int,
) -> int:
    """Remove up to `limit` lines sold before a moment that are nobody's; return how many there were."""
    parameters = {"programme_id": programme_id, "sold_before": sold_before, "now": now, "limit": limit}
    kept = {
        "retailer_ids": [each.retailer_id for each in but],
        "froms": [each.since for each in but],
        "untils": [each.until for each in but],
        "longers": [each.longer for each in but],
    }
    return len(await run(session, _REMOVE, parameters | kept))


def _line(row: Row[Any]) -> AnonymousLine:
    return AnonymousLine(
        claim_code=row.claim_code,
        line=row.line,
        retailer_id=row.retailer_id,
        receipt=row.receipt,
        code=row.code,
        gtin=row.gtin,
        quantity=row.quantity,
        sold_at=row.sold_at,
        serial=row.serial,
        returned=row.returned,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        claimable_until=row.claimable_until,
    )
