"""SELECTs behind baselines: the figures a draft is made of, what holds today, and the lists people look through."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from labels.certificates import Status, status_on
from labels.listings import pattern_of
from labels.medians import BaselineDraft
from labels.queries import certificates_of
from labels.savings import CertificateFact
from labels.tables import Baseline, Category

_PATHS: Final = text("SELECT id, parent_id FROM category")
# A product's latest version of a comparison comes first.
_FOOTPRINTS: Final = text("""
    SELECT p.category_id, p.gtin, f.id, f.milligrams_per_unit, f.functional_unit, f.boundary, f.standard, f.region
    FROM footprint AS f JOIN product AS p ON p.gtin = f.gtin
    WHERE p.category_id = ANY(CAST(:ids AS varchar[])) AND f.status = 'accepted'
        AND f.valid_from <= :day AND (f.valid_until IS NULL OR f.valid_until > :day)
    ORDER BY p.gtin, f.functional_unit, f.boundary, f.standard, f.region, f.valid_from DESC, f.id DESC
""")
# Certificates that one for another footprint has followed, the last first; a withdrawn one vouches for nothing.
_PREVIOUS: Final = text("""
    SELECT p.category_id, p.gtin, f.id, f.milligrams_per_unit, f.functional_unit, f.boundary, f.standard, f.region,
        c.number, c.valid_from
    FROM certificate AS c JOIN footprint AS f ON f.id = c.footprint_id JOIN product AS p ON p.gtin = c.gtin
    WHERE p.category_id = ANY(CAST(:ids AS varchar[])) AND f.status = 'accepted' AND c.valid_from <= :day
        AND EXISTS (SELECT 1 FROM certificate_event AS e WHERE e.certificate_id = c.id AND e.kind = 'issued')
        AND NOT EXISTS (SELECT 1 FROM certificate_event AS e WHERE e.certificate_id = c.id AND e.kind = 'withdrawn')
        AND EXISTS (
            SELECT 1 FROM certificate AS n
            WHERE n.gtin = c.gtin AND n.valid_from > c.valid_from AND n.footprint_id <> c.footprint_id
        )
    ORDER BY c.gtin, c.valid_from DESC, c.id DESC
""")
_KEYS: Final = """
    unnest(CAST(:places AS int[]), CAST(:categories AS varchar[]), CAST(:units AS varchar[]),
        CAST(:boundaries AS varchar[]), CAST(:standards AS varchar[]), CAST(:regions AS varchar[]),
        CAST(:gtins AS varchar[]))
    AS k (place, category_id, functional_unit, boundary, standard, region, gtin)
"""
_SAME: Final = """
    {0}.functional_unit = k.functional_unit AND {0}.boundary = k.boundary AND {0}.standard = k.standard
    AND {0}.region = k.region AND {0}.valid_from <= :day AND ({0}.valid_until IS NULL OR {0}.valid_until > :day)
"""
_COMPARED: Final = text(f"""
    SELECT DISTINCT ON (k.place, p.gtin) k.place, p.gtin, p.name_zh, p.name_en, f.milligrams_per_unit
    FROM {_KEYS} JOIN product AS p ON p.category_id = k.category_id AND (k.gtin IS NULL OR p.gtin = k.gtin)
    JOIN footprint AS f ON f.gtin = p.gtin AND f.status = 'accepted' AND {_SAME.format("f")}
    ORDER BY k.place, p.gtin, f.valid_from DESC, f.id DESC
""")  # noqa: S608 - our own names
_CURRENT: Final = text(f"""
    SELECT DISTINCT ON (k.place) k.place, b.id, b.milligrams_per_unit, b.lower_quartile_mg, b.upper_quartile_mg,
        b.sample_size
    FROM {_KEYS} JOIN baseline AS b
        ON b.category_id = k.category_id AND b.gtin IS NOT DISTINCT FROM k.gtin AND {_SAME.format("b")}
    ORDER BY k.place, b.valid_from DESC, b.recorded_at DESC, b.id DESC
""")  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class BaselineSearch:
    """What baselines are looked for; None and empty words mean any. `words` are looked for in names and sources."""

    words: str = ""
    category_id: str | None = None
    boundary: str | None = None
    region: str | None = None
    standard: str | None = None
    model: str | None = None
    on: date | None = None


async def paths(session: AsyncSession) -> dict[str, tuple[str, ...]]:
    """Return for every category the way from the widest category to it."""
    parents: dict[str, str | None] = {row.id: row.parent_id for row in await run(session, _PATHS, {})}
    return {category_id: _path(category_id, parents) for category_id in parents}


@dataclass(frozen=True, slots=True)
class OwnFootprints:
    """One footprint a product and comparison: the latest with a valid certificate, else, left out, the latest."""

    certified: tuple[Row[Any], ...]
    left_out: tuple[Row[Any], ...]


async def footprints(session: AsyncSession, category_ids: Collection[str], day: date) -> OwnFootprints:
    """Return the accepted footprints of some categories that hold on a day, told apart by whether they are certified.

    What nobody vouches for that day decides nothing about what is usual.
    """
    rows = await run(session, _FOOTPRINTS, {"ids": sorted(category_ids), "day": day})
    known = await certificates_of(session, {row.gtin for row in rows})
    vouched = {each.footprint_id for some in known.values() for each in some if _valid(each, day)}
    certified: dict[tuple[str, ...], Row[Any]] = {}
    latest: dict[tuple[str, ...], Row[Any]] = {}
    for row in rows:
        key = (row.gtin, row.functional_unit, row.boundary, row.standard, row.region)
        latest.setdefault(key, row)
        if row.id in vouched:
            certified.setdefault(key, row)
    return OwnFootprints(tuple(certified.values()), tuple(latest[key] for key in latest if key not in certified))


async def previous(session: AsyncSession, category_ids: Collection[str], day: date) -> Sequence[Row[Any]]:
    """Return for each product what the last certificate says that one valid on the day has followed."""
    rows = await run(session, _PREVIOUS, {"ids": sorted(category_ids), "day": day})
    known = await certificates_of(session, {row.gtin for row in rows})
    found: dict[str, Row[Any]] = {}
    for row in rows:
        if row.gtin not in found and any(_follows(each, row) and _valid(each, day) for each in known[row.gtin]):
            found[row.gtin] = row
    return list(found.values())


async def compared(session: AsyncSession, drafts: Sequence[BaselineDraft], day: date) -> Sequence[Row[Any]]:
    """Return the footprints each draft would be held against, with the draft's place."""
    return await run(session, _COMPARED, _keys(drafts) | {"day": day})


async def current(session: AsyncSession, drafts: Sequence[BaselineDraft], day: date) -> dict[int, Row[Any]]:
    """Return the baseline that holds in place of each draft, by the draft's place, where there is one."""
    return {row.place: row for row in await run(session, _CURRENT, _keys(drafts) | {"day": day})}


async def search(
    session: AsyncSession, wanted: BaselineSearch, *, after: UUID | None = None, limit: int = 50
) -> Sequence[Baseline]:
    """Return baselines in the order they were recorded, after the one with the id `after`."""
    statement = select(Baseline).order_by(col(Baseline.id)).limit(limit)
    for name in ("category_id", "boundary", "region", "standard", "model"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(getattr(Baseline, name) == value)
    if after is not None:
        statement = statement.where(col(Baseline.id) > after)
    if wanted.on is not None:
        until = or_(col(Baseline.valid_until).is_(None), col(Baseline.valid_until) > wanted.on)
        statement = statement.where(col(Baseline.valid_from) <= wanted.on, until)
    if wanted.words:
        statement = statement.join(Category, col(Category.id) == col(Baseline.category_id))
        fields = (col(Category.id), col(Category.name_zh), col(Category.name_en), col(Baseline.source))
        statement = statement.where(or_(*(field.ilike(pattern_of(wanted.words)) for field in fields)))
    return (await session.exec(statement)).all()


async def baseline(session: AsyncSession, baseline_id: UUID) -> Baseline | None:
    """Return a baseline by its id."""
    return await session.get(Baseline, baseline_id)


def _valid(certificate: CertificateFact, day: date) -> bool:
    status = status_on(certificate.events, certificate.valid_from, certificate.valid_until, day)
    return status is Status.VALID


def _follows(certificate: CertificateFact, before: Row[Any]) -> bool:
    another = certificate.footprint_id is not None and certificate.footprint_id != before.id
    return another and certificate.valid_from > before.valid_from


def _path(category_id: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    path: list[str] = []
    step: str | None = category_id
    while step is not None and step not in path:
        path.insert(0, step)
        step = parents.get(step)
    return tuple(path)


def _keys(drafts: Sequence[BaselineDraft]) -> dict[str, object]:
    return {
        "places": list(range(len(drafts))),
        "categories": [each.category_id for each in drafts],
        "units": [each.functional_unit for each in drafts],
        "boundaries": [each.boundary for each in drafts],
        "standards": [each.standard for each in drafts],
        "regions": [each.region for each in drafts],
        "gtins": [each.gtin for each in drafts],
    }
