"""SELECTs behind the comparator: the spread of a category, and its lowest certified footprints."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from labels.grades import Spread
from labels.savings import Basis

_SPREAD: Final = text("""
    SELECT lower_quartile_mg, milligrams_per_unit AS median_mg, upper_quartile_mg, sample_size FROM baseline
    WHERE id = :baseline_id AND lower_quartile_mg IS NOT NULL AND upper_quartile_mg IS NOT NULL
""")
_SPREADS: Final = text("""
    SELECT id, lower_quartile_mg, milligrams_per_unit, upper_quartile_mg, sample_size FROM baseline
    WHERE id = ANY(CAST(:ids AS uuid[])) AND lower_quartile_mg IS NOT NULL AND upper_quartile_mg IS NOT NULL
""")
# One figure a product: its latest version.
_RANGE: Final = text("""
    SELECT min(l.milligrams_per_unit) AS lowest_mg, max(l.milligrams_per_unit) AS highest_mg, count(*) AS products
    FROM (
        SELECT DISTINCT ON (f.gtin) f.milligrams_per_unit
        FROM footprint AS f JOIN product AS p ON p.gtin = f.gtin
        WHERE p.category_id = :category_id AND f.status = 'accepted' AND f.functional_unit = :functional_unit
            AND f.boundary = :boundary AND f.standard = :standard AND f.region = :region
            AND f.valid_from <= :day AND (f.valid_until IS NULL OR f.valid_until > :day)
        ORDER BY f.gtin, f.valid_from DESC, f.id DESC
    ) AS l
""")
# Lowest footprint first, then GTIN: the whole rule. Nobody can pay for a place.
_LOWER: Final = text("""
    SELECT p.gtin, f.milligrams_per_unit
    FROM footprint AS f JOIN product AS p ON p.gtin = f.gtin
    WHERE p.category_id = :category_id AND p.gtin <> :gtin AND f.status = 'accepted'
        AND f.functional_unit = :functional_unit AND f.boundary = :boundary AND f.standard = :standard
        AND f.region = :region AND f.milligrams_per_unit < :below_mg
        AND f.valid_from <= :day AND (f.valid_until IS NULL OR f.valid_until > :day)
        AND EXISTS (
            SELECT 1 FROM certificate AS c
            LEFT JOIN certificate_event AS e ON e.certificate_id = c.id AND e.valid_until IS NOT NULL
            WHERE c.gtin = f.gtin AND c.footprint_id = f.id -- the product's is what there is an index on
                AND c.valid_from <= :day AND greatest(c.valid_until, e.valid_until) > :day
        )
    ORDER BY f.milligrams_per_unit, p.gtin
    LIMIT :limit
""")


async def spread_of(session: AsyncSession, baseline_id: UUID) -> Spread | None:
    """Return the spread behind a baseline, or None when the baseline is a single figure."""
    rows = await run(session, _SPREAD, {"baseline_id": baseline_id})
    if not rows:
        return None
    [row] = rows
    return Spread(row.lower_quartile_mg, row.median_mg, row.upper_quartile_mg, row.sample_size)


async def spreads_of(session: AsyncSession, baseline_ids: Collection[UUID]) -> dict[UUID, Spread]:
    """Return the spreads behind baselines, by id, without those that are a single figure."""
    rows = await run(session, _SPREADS, {"ids": sorted(baseline_ids)}) if baseline_ids else []
    return {
        row.id: Spread(row.lower_quartile_mg, row.milligrams_per_unit, row.upper_quartile_mg, row.sample_size)
        for row in rows
    }


async def range_of(session: AsyncSession, category_id: str, basis: Basis, day: date) -> Row[Any]:
    """Return the lowest and highest comparable footprint of a category on `day`, and how many there are."""
    [row] = await run(session, _RANGE, {"category_id": category_id, "day": day, **_comparable(basis)})
    return row


async def lower(
    session: AsyncSession, category_id: str, gtin: str, basis: Basis, day: date, limit: int
) -> Sequence[Row[Any]]:
    """Return other products of the category with a lower comparable footprint and a certificate for that day."""
    parameters = {"gtin": gtin, "below_mg": basis.footprint.milligrams_per_unit, "limit": limit}
    return await run(session, _LOWER, {"category_id": category_id, "day": day, **_comparable(basis), **parameters})


def _comparable(basis: Basis) -> dict[str, object]:
    footprint = basis.footprint
    return {
        "functional_unit": footprint.functional_unit,
        "boundary": footprint.boundary,
        "standard": footprint.standard,
        "region": footprint.region,
    }
