"""Every SELECT of the registry that the hot path and receipts need: plain columns, and a fixed number of statements.

The lists and look-ups of pages and importers are in labels.listings.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core import sql
from labels.certificates import EventFact
from labels.savings import BaselineFact, CertificateFact, FootprintFact, ProductFacts

_FOOTPRINT: Final = """
    SELECT f.gtin, f.id, p.category_id, f.milligrams_per_unit, f.functional_unit, f.boundary, f.standard, f.region,
           f.uncertainty_bp, f.status <> 'accepted', f.valid_from, f.valid_until, f.recorded_at
    FROM footprint AS f JOIN product AS p ON p.gtin = f.gtin
"""
_BASELINE: Final = """
    SELECT id, category_id, milligrams_per_unit, functional_unit, boundary, standard, region, model,
           valid_from, valid_until, recorded_at, gtin
    FROM baseline
"""
_CERTIFICATE: Final = """
    SELECT c.gtin, c.id, c.number, c.scheme, c.kind, c.footprint_id, c.valid_from, c.valid_until,
           e.kind, e.effective_on, e.recorded_at, e.valid_until, c.certifier_id
    FROM certificate AS c LEFT JOIN certificate_event AS e ON e.certificate_id = c.id
"""
_PRODUCTS: Final = text("""
    SELECT gtin, name_zh, name_en, category_id, net_content_micro FROM product
    WHERE gtin = ANY(CAST(:gtins AS varchar[]))
""")
_FOOTPRINTS_OF: Final = text(f"{_FOOTPRINT} WHERE f.gtin = ANY(CAST(:gtins AS varchar[])) ORDER BY f.id")
_CERTIFICATES_OF: Final = text(
    f"{_CERTIFICATE} WHERE c.gtin = ANY(CAST(:gtins AS varchar[])) ORDER BY c.id, e.effective_on, e.recorded_at, e.id"
)
_BASELINES_OF: Final = text(f"{_BASELINE} WHERE category_id = ANY(CAST(:categories AS varchar[])) ORDER BY id")
_FOOTPRINTS: Final = text(f"{_FOOTPRINT} WHERE f.id = ANY(CAST(:ids AS uuid[]))")
_BASELINES: Final = text(f"{_BASELINE} WHERE id = ANY(CAST(:ids AS uuid[]))")
_CERTIFICATES: Final = text(
    f"{_CERTIFICATE} WHERE c.id = ANY(CAST(:ids AS uuid[])) ORDER BY c.id, e.effective_on, e.recorded_at, e.id"
)


@dataclass(frozen=True, slots=True)
class CitedFacts:
    """The rows that receipts name, by id; what is missing was never registered."""

    footprints: dict[UUID, FootprintFact]
    baselines: dict[UUID, BaselineFact]
    certificates: dict[UUID, CertificateFact]


async def run(session: AsyncSession, statement: TextClause, parameters: dict[str, object]) -> Sequence[Sequence[Any]]:
    """Run one statement past the unit of work, which the hot path has no use for, and return its rows."""
    return await sql.run(session, statement, parameters)


async def facts_for(session: AsyncSession, gtins: Collection[str]) -> dict[str, ProductFacts]:
    """Return what is known of each registered product among `gtins`, in four statements however many they are."""
    parameters: dict[str, object] = {"gtins": sorted(set(gtins))}
    products = await run(session, _PRODUCTS, parameters)
    if not products:
        return {}
    footprints: dict[str, list[FootprintFact]] = defaultdict(list)
    for row in await run(session, _FOOTPRINTS_OF, parameters):
        footprints[row[0]].append(FootprintFact(*row[1:]))
    certificates = await certificates_of(session, gtins)
    baselines: dict[str, list[BaselineFact]] = defaultdict(list)
    categories = sorted({row[3] for row in products if row[3] is not None})
    for row in await run(session, _BASELINES_OF, {"categories": categories}):
        baselines[row[1]].append(BaselineFact(*row))
    by_category = {category: tuple(each) for category, each in baselines.items()}
    return {
        gtin: ProductFacts(
            gtin,
            name_zh,
            name_en,
            category_id,
            net_content_micro,
            tuple(certificates[gtin]),
            tuple(footprints[gtin]),
            by_category.get(category_id, ()),
        )
        for gtin, name_zh, name_en, category_id, net_content_micro in products
    }


async def certificates_of(session: AsyncSession, gtins: Collection[str]) -> dict[str, list[CertificateFact]]:
    """Return the certificates of each product among `gtins`, with what happened to them, in one statement."""
    certificates: dict[str, list[CertificateFact]] = defaultdict(list)
    for gtin, certificate in _certificates(await run(session, _CERTIFICATES_OF, {"gtins": sorted(set(gtins))})):
        certificates[gtin].append(certificate)
    return certificates


async def facts_by_ids(
    session: AsyncSession,
    footprint_ids: Collection[UUID],
    baseline_ids: Collection[UUID],
    certificate_ids: Collection[UUID],
) -> CitedFacts:
    """Return the rows that receipts name, in three statements, so that any receipt can be worked out again.

    A footprint carries its product's category of today; a receipt is recomputed from its figures, not its category.
    """
    footprints = await run(session, _FOOTPRINTS, {"ids": list(footprint_ids)})
    baselines = await run(session, _BASELINES, {"ids": list(baseline_ids)})
    certificates = await run(session, _CERTIFICATES, {"ids": list(certificate_ids)})
    return CitedFacts(
        footprints={row[1]: FootprintFact(*row[1:]) for row in footprints},
        baselines={row[0]: BaselineFact(*row) for row in baselines},
        certificates={each.id: each for _, each in _certificates(certificates)},
    )


def _certificates(rows: Sequence[Sequence[Any]]) -> list[tuple[str, CertificateFact]]:
    """Fold rows of certificate and event, ordered by certificate, into one fact per certificate."""
    folded: list[tuple[str, CertificateFact]] = []
    events: list[EventFact] = []
    for index, row in enumerate(rows):
        if row[8] is not None:
            events.append(EventFact(row[8], row[9], row[10], row[11]))
        if index + 1 == len(rows) or rows[index + 1][1] != row[1]:
            folded.append((row[0], _certificate(row, events)))
            events = []
    return folded


def _certificate(row: Sequence[Any], events: list[EventFact]) -> CertificateFact:
    identifier, number, scheme, kind, footprint_id, valid_from, valid_until = row[1:8]
    return CertificateFact(
        identifier, number, scheme, kind, footprint_id, valid_from, valid_until, tuple(events), certifier_id=row[12]
    )
