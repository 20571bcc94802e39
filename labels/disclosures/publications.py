"""A footprint with everything that stands around it, for whoever exchanges footprints."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.disclosures.disclosures import disclosures_of
from labels.disclosures.pact import Published
from labels.queries import run

# Whose it is: the product's maker, or who registered the product where no maker is known.
_PUBLISHED: Final = text("""
    SELECT f.id, f.gtin, p.name_en, p.name_zh, p.brand, p.pack, o.id, o.name_zh, f.milligrams_per_unit, f.uptake_mg,
        f.functional_unit, f.boundary, f.standard, f.valid_from, f.valid_until, f.recorded_at,
        EXISTS (SELECT 1 FROM footprint AS n WHERE n.gtin = f.gtin AND n.supersedes_id = f.id)
    FROM footprint AS f JOIN product AS p ON p.gtin = f.gtin
    LEFT JOIN organization AS o ON o.id = coalesce(p.maker_id, p.registered_by_id)
    WHERE f.id = :id AND f.status = 'accepted'
""")
_PRECEDING: Final = text("""
    WITH RECURSIVE earlier (id, supersedes_id, steps) AS (
        SELECT id, supersedes_id, 0 FROM footprint WHERE id = :id
        UNION ALL
        SELECT f.id, f.supersedes_id, e.steps + 1 FROM footprint AS f JOIN earlier AS e ON f.id = e.supersedes_id
    )
    SELECT id FROM earlier WHERE steps > 0 ORDER BY steps
""")


async def published(session: AsyncSession, footprint_id: UUID) -> Published | None:
    """Return an accepted footprint, in three statements; one that waits for review is nobody's to exchange."""
    rows = await run(session, _PUBLISHED, {"id": footprint_id})
    if not rows:
        return None
    (row,) = rows
    preceding = await run(session, _PRECEDING, {"id": footprint_id})
    disclosed = await disclosures_of(session, [footprint_id])
    name_en, name_zh, brand, pack, company_id, company_name = row[2:8]
    figures = (*row[8:16], tuple(each[0] for each in preceding), row[16], disclosed.get(footprint_id))
    description = " ".join(filter(None, (brand, name_en, pack)))
    return Published(*(row[0], row[1], name_zh, description, company_id, company_name or "", *figures))
