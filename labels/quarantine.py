"""Footprints that look wrong wait for a person, who accepts or rejects them once, with a reason that stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.sql import run
from labels.errors import AlreadyDecidedError, UnknownFootprintError
from labels.footprints import QUARANTINED
from labels.plausibility import Bounds, Finding, examine
from labels.tables import FootprintReview
from labels.writes import insert

_COLUMNS: Final = """
    f.id, f.gtin, p.name_zh, p.name_en, p.brand, p.category_id, f.milligrams_per_unit, f.functional_unit, f.boundary,
    f.standard, f.region, f.source, f.valid_from, f.recorded_at, c.functional_unit AS counted_in, c.plausible_low_mg,
    c.plausible_high_mg
"""
_FROM: Final = """
    footprint AS f JOIN product AS p ON p.gtin = f.gtin LEFT JOIN category AS c ON c.id = p.category_id
"""
# By id, so the queue is worked off in the order in which figures came in.
_QUEUE: Final = text(
    f"SELECT {_COLUMNS} FROM {_FROM} WHERE f.status = :status AND (CAST(:after AS uuid) IS NULL OR f.id > :after) "  # noqa: S608 - our own column names
    "AND (CAST(:category_id AS varchar) IS NULL OR p.category_id = :category_id) ORDER BY f.id LIMIT :limit"
)
_LOCK: Final = text("SELECT status FROM footprint WHERE id = :id FOR UPDATE")
_DECIDE: Final = text("UPDATE footprint SET status = :decision WHERE id = :id")


class Decision(StrEnum):
    """What can be decided about a quarantined footprint; both are final."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A footprint in the queue, its product, and what looks wrong with it."""

    footprint_id: UUID
    gtin: str
    name_zh: str
    name_en: str
    brand: str
    category_id: str | None
    milligrams_per_unit: int
    functional_unit: str
    boundary: str
    standard: str
    region: str
    source: str
    recorded_at: datetime
    plausible_low_mg: int | None
    plausible_high_mg: int | None
    findings: tuple[Finding, ...]


async def queue(
    session: AsyncSession, *, after: UUID | None = None, category_id: str | None = None, limit: int = 50
) -> list[Quarantined]:
    """Return footprints that wait for review, oldest first, after the one with the id `after`."""
    parameters = {"status": QUARANTINED, "after": after, "category_id": category_id, "limit": limit}
    return [_quarantined(row) for row in await run(session, _QUEUE, parameters)]


async def decide(
    session: AsyncSession, footprint_id: UUID, decision: Decision, *, reason: str, actor: str, now: datetime
) -> FootprintReview:
    """Accept or reject a quarantined footprint. An accepted one counts from now on; a rejected one never does.

    Raises:
        UnknownFootprintError: no such footprint.
        AlreadyDecidedError: it is not quarantined: it never was, or somebody decided before.
    """
    found: Sequence[Row[Any]] = await run(session, _LOCK, {"id": footprint_id})
    if not found:
        raise UnknownFootprintError(f"No footprint is registered under {footprint_id}.")
    if found[0].status != QUARANTINED:
        raise AlreadyDecidedError(f"This footprint is {found[0].status}: it does not wait for review.")
    review = FootprintReview(
        id=new_id(), footprint_id=footprint_id, decision=str(decision), reason=reason, actor=actor, recorded_at=now
    )
    await insert(session, FootprintReview, [review.model_dump()])
    await run(session, _DECIDE, {"id": footprint_id, "decision": str(decision)})
    return review


def _quarantined(row: Row[Any]) -> Quarantined:
    counted_in = row.counted_in or row.functional_unit
    bounds = Bounds(counted_in, row.plausible_low_mg, row.plausible_high_mg) if row.category_id else None
    return Quarantined(
        footprint_id=row.id,
        gtin=row.gtin,
        name_zh=row.name_zh,
        name_en=row.name_en,
        brand=row.brand,
        category_id=row.category_id,
        milligrams_per_unit=row.milligrams_per_unit,
        functional_unit=row.functional_unit,
        boundary=row.boundary,
        standard=row.standard,
        region=row.region,
        source=row.source,
        recorded_at=row.recorded_at,
        plausible_low_mg=row.plausible_low_mg,
        plausible_high_mg=row.plausible_high_mg,
        findings=examine(row.milligrams_per_unit, row.functional_unit, bounds),
    )
