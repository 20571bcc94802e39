"""Every SQL statement about what goods that came back were sold as, each one for a whole batch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.earning.activities import Kind
from points.ledger import EntryKind

# Awards stand by resident; the receipts among them have the same ids.
_SOLD_TO: Final = text("""
    SELECT t.place, a.activity_id
    FROM unnest(
        CAST(:resident_ids AS uuid[]), CAST(:retailer_ids AS uuid[]), CAST(:gtins AS text[]),
        CAST(:since AS timestamptz[]), CAST(:until AS timestamptz[]), CAST(:first_ids AS uuid[])
    ) WITH ORDINALITY AS t (resident_id, retailer_id, gtin, since, until, first_id, place)
    JOIN entry AS e ON e.programme_id = :programme_id AND e.resident_id = t.resident_id AND e.entry_id >= t.first_id
        AND e.kind = :award
    JOIN activity AS a ON a.programme_id = :programme_id AND a.activity_id = e.entry_id
        AND a.retailer_id = t.retailer_id AND a.kind = ANY(CAST(:kinds AS smallint[]))
        AND a.effective_at BETWEEN t.since AND t.until
    JOIN basis AS b ON b.programme_id = :programme_id AND b.basis_id = a.basis_id AND b.gtin = t.gtin
""")
_LOWER: Final = text("""
    UPDATE anonymous_sale AS a SET returned = a.returned + open.units
    FROM (
        SELECT s.claim_code, s.line, t.units FROM anonymous_sale AS s
        JOIN unnest(CAST(:claim_codes AS text[]), CAST(:lines AS integer[]), CAST(:units AS integer[]))
            AS t (claim_code, line, units) USING (claim_code, line)
        WHERE s.programme_id = :programme_id AND s.claimed_by IS NULL AND s.returned + t.units <= s.quantity
        ORDER BY s.claim_code, s.line FOR UPDATE OF s
    ) AS open
    WHERE a.programme_id = :programme_id AND a.claim_code = open.claim_code AND a.line = open.line
    RETURNING a.claim_code, a.line
""")
_EARLY: Final = timedelta(days=1)
"""A till's clock may run ahead: a sale is recorded a little before the time it tells, never a day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Sales of a product to a resident at a retailer, at `since` to `until`."""

    resident_id: UUID
    retailer_id: UUID
    gtin: str
    since: datetime
    until: datetime


async def sold_to(session: AsyncSession, programme_id: UUID, wanted: Sequence[Wanted]) -> list[list[UUID]]:
    """Return the credited sales each of `wanted` may mean."""
    parameters = {
        "programme_id": programme_id,
        "award": int(EntryKind.AWARD),
        "kinds": [int(Kind.SALE), int(Kind.CLAIMED)],
        "resident_ids": [each.resident_id for each in wanted],
        "retailer_ids": [each.retailer_id for each in wanted],
        "gtins": [each.gtin for each in wanted],
        "since": [each.since for each in wanted],
        "until": [each.until for each in wanted],
        "first_ids": [_first_id(each.since - _EARLY) for each in wanted],
    }
    found: dict[int, list[UUID]] = defaultdict(list)
    for row in await run(session, _SOLD_TO, parameters) if wanted else ():
        found[row.place - 1].append(row.activity_id)
    return [found[place] for place in range(len(wanted))]


async def lower(session: AsyncSession, programme_id: UUID, units: Mapping[tuple[str, int], int]) -> bool:
    """Let fewer units of anonymous lines be claimed; tell whether all of them were there and nobody's yet."""
    parameters = {
        "programme_id": programme_id,
        "claim_codes": [code for code, _ in units],
        "lines": [line for _, line in units],
        "units": list(units.values()),
    }
    return not units or len(await run(session, _LOWER, parameters)) == len(units)


def _first_id(moment: datetime) -> UUID:
    """Return an id below every UUIDv7 made since `moment`."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)
