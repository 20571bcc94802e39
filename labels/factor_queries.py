"""SELECTs about emission factors: look-up by place and day, and the list people look through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from labels.listings import pattern_of
from labels.metrics import (
    GRID_AVERAGE,
    TYPES,
    ElectricityCo2Factor,
    ElectricityFootprintFactor,
    FactorFact,
    Metric,
)
from labels.regions import fallback
from labels.tables import Factor
from labels.vintages import Chosen, Found, NoFactor, choose

_FACTS: Final = text("""
    SELECT id, nanograms_per_unit, unit, subject, region, year, boundary, valid_from, valid_until FROM factor
    WHERE metric = :metric AND region = ANY(CAST(:regions AS varchar[])) ORDER BY id
""")


@dataclass(frozen=True, slots=True)
class FactorSearch:
    """What factors are looked for; None and empty words mean any. `words` are looked for in subject and source."""

    words: str = ""
    metric: str | None = None
    subject: str | None = None
    region: str | None = None
    year: int | None = None
    on: date | None = None


async def electricity_footprint(
    session: AsyncSession, *, region: str, day: date, subject: str = GRID_AVERAGE
) -> Chosen[ElectricityFootprintFactor] | NoFactor:
    """Return the life-cycle factor of electricity (CO2e) that holds for a region on a day: for product footprints."""
    return await _chosen(session, ElectricityFootprintFactor, region, day, subject)


async def electricity_co2(
    session: AsyncSession, *, region: str, day: date, subject: str = GRID_AVERAGE
) -> Chosen[ElectricityCo2Factor] | NoFactor:
    """Return the CO2 factor of generation that holds for a region on a day: never for product footprints."""
    return await _chosen(session, ElectricityCo2Factor, region, day, subject)


async def applicable(
    session: AsyncSession, metric: Metric, *, region: str, day: date, subject: str
) -> Chosen[FactorFact] | NoFactor:
    """Return the factor of a metric that holds for a region on a day, or the next wider region's."""
    return await _chosen(session, TYPES[metric], region, day, subject)


async def search(
    session: AsyncSession, wanted: FactorSearch, *, after: UUID | None = None, limit: int = 50
) -> Sequence[Factor]:
    """Return factors in the order they were recorded, after the one with the id `after`."""
    statement = select(Factor).order_by(col(Factor.id)).limit(limit)
    for name in ("metric", "subject", "region", "year"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(getattr(Factor, name) == value)
    if after is not None:
        statement = statement.where(col(Factor.id) > after)
    if wanted.on is not None:
        until = or_(col(Factor.valid_until).is_(None), col(Factor.valid_until) > wanted.on)
        statement = statement.where(col(Factor.valid_from) <= wanted.on, until)
    if wanted.words:
        fields = (col(Factor.subject), col(Factor.source), col(Factor.source_row), col(Factor.metric))
        statement = statement.where(or_(*(field.ilike(pattern_of(wanted.words)) for field in fields)))
    return (await session.exec(statement)).all()


async def factor(session: AsyncSession, factor_id: UUID) -> Factor | None:
    """Return a factor by its id."""
    return await session.get(Factor, factor_id)


async def _chosen(
    session: AsyncSession, kind: type[Found], region: str, day: date, subject: str
) -> Chosen[Found] | NoFactor:
    parameters = {"metric": str(kind.metric), "regions": list(fallback(region))}
    rows: Sequence[Row[Any]] = await run(session, _FACTS, parameters)
    return choose([_fact(kind, row) for row in rows], kind, region=region, day=day, subject=subject)


def _fact(kind: type[Found], row: Row[Any]) -> Found:
    return kind(
        id=row.id,
        nanograms_per_unit=row.nanograms_per_unit,
        unit=row.unit,
        subject=row.subject,
        region=row.region,
        year=row.year,
        boundary=row.boundary,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
