"""Footprints: one version a row. What no product of its category can have is kept apart for review, never credited."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.disclosures.disclosures import disclosures_of, write_disclosures
from labels.disclosures.identities import disclosure_fault
from labels.disclosures.terms import Disclosure
from labels.errors import InvalidCodeError
from labels.gtin import parse_code
from labels.plausibility import Bounds, examine
from labels.queries import run
from labels.registrations import (
    Batch,
    NewFootprint,
    Registered,
    Rejected,
    Result,
    Role,
    Unchanged,
    figure_fault,
    unit_fault,
)
from labels.tables import Footprint
from labels.writes import insert

ACCEPTED: Final = "accepted"
QUARANTINED: Final = "quarantined"

_PRODUCTS: Final = text("""
    SELECT p.gtin, c.functional_unit, c.plausible_low_mg, c.plausible_high_mg, p.registered_by_id, p.maker_id
    FROM product AS p LEFT JOIN category AS c ON c.id = p.category_id WHERE p.gtin = ANY(CAST(:gtins AS varchar[]))
""")
_ROLES: Final = text("SELECT roles FROM organization WHERE id = :id")
_KNOWN: Final = text("""
    SELECT id, gtin, milligrams_per_unit, functional_unit, boundary, standard, region, valid_from, valid_until,
        uptake_mg, uncertainty_bp, source, supersedes_id
    FROM footprint WHERE gtin = ANY(CAST(:gtins AS varchar[])) ORDER BY id
""")


async def register_footprints(
    session: AsyncSession, rows: Sequence[NewFootprint], *, now: datetime, by_id: UUID | None = None
) -> list[Result]:
    """Register footprints of registered products; one outside its category's plausible range is quarantined.

    With `by_id` an organization hands them in: its own products', or anybody's when it is a certifier. A footprint
    counts in its category's range and medians, so nobody else may put one on a product.
    """
    batch = Batch(len(rows))
    keys = [_key(row.gtin) for row in rows]
    gtins = {"gtins": sorted({key for key in keys if key is not None})}
    products = {row[0]: row for row in await run(session, _PRODUCTS, dict(gtins))}
    own = await _own(session, by_id, products)
    known: dict[NewFootprint, UUID] = {}
    versions: dict[UUID, str] = {}
    earlier = await run(session, _KNOWN, dict(gtins))
    disclosed = await disclosures_of(session, [each[0] for each in earlier])
    for each in earlier:
        known.setdefault(NewFootprint(*(*each[1:], disclosed.get(each[0]))), each[0])
        versions[each[0]] = each[1]
    fresh: list[dict[str, object]] = []
    disclosing: dict[UUID, Disclosure] = {}
    for place, (given, key) in enumerate(zip(rows, keys, strict=True)):
        row = _sound(given, products.get(key or ""), versions, own)
        if isinstance(row, Rejected):
            batch.answer(place, row)
        elif row in known:
            batch.answer(place, Unchanged(known[row]))
        else:
            known[row] = new_id()
            status = _status(row.milligrams_per_unit, products[row.gtin])
            batch.answer(place, Registered(known[row], status))
            fresh.append(_columns(row) | {"id": known[row], "status": status, "recorded_at": now})
            if row.disclosure is not None:
                disclosing[known[row]] = row.disclosure
    await insert(session, Footprint, fresh)
    await write_disclosures(session, disclosing)
    return batch.results()


def _key(gtin: str) -> str | None:
    try:
        return parse_code(gtin).gtin
    except InvalidCodeError:
        return None


async def _own(session: AsyncSession, by_id: UUID | None, products: Mapping[str, Sequence[Any]]) -> Collection[str]:
    """Return the products whose footprints an organization may hand in; without one, all of them."""
    if by_id is None:
        return products.keys()
    ((roles,),) = await run(session, _ROLES, {"id": by_id})
    if Role.CERTIFIER in roles.split(","):
        return products.keys()
    return {gtin for gtin, product in products.items() if by_id in product[4:6]}


def _sound(
    row: NewFootprint, product: Sequence[Any] | None, versions: dict[UUID, str], own: Collection[str]
) -> NewFootprint | Rejected:
    """Return the row under its product's 14-digit key, or what is wrong with it."""
    if product is None or product[0] not in own:
        unknown = "is not registered; register the product first."
        theirs = "is no product of yours; its maker or a certifier hands its figures in."
        return Rejected("gtin", f"{row.gtin[:40]} {unknown if product is None else theirs}")
    if product[1] is None:
        return Rejected("gtin", f"{row.gtin} has no category to be counted in; give the product one first.")
    fault = figure_fault(row) or unit_fault(row.functional_unit, product[1])
    if fault is not None:
        return fault
    if row.supersedes_id is not None and versions.get(row.supersedes_id) != product[0]:
        return Rejected("supersedes_id", "must be an earlier footprint of the same product.")
    disclosed = row.disclosure
    if disclosed is None:
        return replace(row, gtin=product[0])
    fault = disclosure_fault(row, disclosed)
    return fault or replace(row, gtin=product[0], disclosure=replace(disclosed, stages=tuple(sorted(disclosed.stages))))


def _columns(row: NewFootprint) -> dict[str, Any]:
    return {name: getattr(row, name) for name in NewFootprint.__dataclass_fields__ if name != "disclosure"}


def _status(milligrams: int, product: Sequence[Any]) -> str:
    """Return `quarantined` for a figure that anything looks wrong with; see labels.plausibility."""
    bounds = Bounds(product[1], product[2], product[3])
    return QUARANTINED if examine(milligrams, bounds.functional_unit, bounds) else ACCEPTED
