"""A product against the usual one: how far below, which grade, which range, and what would be lower still."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from labels import comparator_queries
from labels.grades import Grade, Spread, Threshold, below_bp, grade_of, thresholds
from labels.label_facts import LabelFacts, label_facts
from labels.queries import facts_for
from labels.savings import Basis, Obstacle, ObstacleReason, ProductFacts, basis_on

ALTERNATIVES_RULE: Final = (
    "Products of the same category with a valid recognised certificate and a lower comparable footprint, "
    "lowest footprint first, then by GTIN. No place can be bought."
)
_CANDIDATES: Final = 50


@dataclass(frozen=True, slots=True)
class Alternative:
    """A lower-carbon product of the same category; mg CO2e per functional unit."""

    gtin: str
    name_zh: str
    name_en: str
    milligrams_per_unit: int
    below_bp: int | None


@dataclass(frozen=True, slots=True)
class Comparator:
    """What a product is compared with. `grade` and `thresholds` are None and empty where nothing is spread."""

    basis: Basis
    below_bp: int | None
    grade: Grade | None
    spread: Spread | None
    thresholds: tuple[Threshold, ...]
    lowest_mg: int
    highest_mg: int
    products: int
    alternatives: tuple[Alternative, ...]


async def compare(
    session: AsyncSession, facts: ProductFacts, day: date, schemes: Collection[str], *, alternatives: int = 5
) -> Comparator | Obstacle:
    """Return how a product compares on `day`, or why it can not be compared; a bare number is never the answer."""
    basis = basis_on(facts, day, schemes)
    if isinstance(basis, Obstacle):
        return basis
    if facts.category_id is None:
        return Obstacle(ObstacleReason.NO_BASELINE, f"{facts.gtin} has no category to be compared in.")
    own = basis.footprint.milligrams_per_unit
    spread = await comparator_queries.spread_of(session, basis.baseline.id)
    extent = await comparator_queries.range_of(session, facts.category_id, basis, day)
    return Comparator(
        basis=basis,
        below_bp=below_bp(own, basis.baseline.milligrams_per_unit),
        grade=None if spread is None else grade_of(own, spread),
        spread=spread,
        thresholds=() if spread is None else thresholds(spread),
        lowest_mg=extent.lowest_mg,
        highest_mg=extent.highest_mg,
        products=extent.products,
        alternatives=await _alternatives(session, facts.category_id, basis, facts.gtin, day, schemes, alternatives),
    )


async def label_facts_of(
    session: AsyncSession, known: Mapping[str, ProductFacts], day: date, schemes: Collection[str]
) -> dict[str, LabelFacts | Obstacle]:
    """Return what the label of each of many products says on `day`, by GTIN, in one statement."""
    bases = (basis_on(facts, day, schemes) for facts in known.values())
    ids = {basis.baseline.id for basis in bases if isinstance(basis, Basis)}
    spreads = await comparator_queries.spreads_of(session, ids)
    return {gtin: label_facts(facts, day, schemes, spreads) for gtin, facts in known.items()}


async def _alternatives(
    session: AsyncSession,
    category_id: str,
    basis: Basis,
    gtin: str,
    day: date,
    schemes: Collection[str],
    limit: int,
) -> tuple[Alternative, ...]:
    """Return the lowest others whose certificate really holds that day: an event may have ended it early."""
    candidates = await comparator_queries.lower(session, category_id, gtin, basis, day, _CANDIDATES)
    known = await facts_for(session, [row.gtin for row in candidates])
    own = basis.footprint.milligrams_per_unit
    held = {gtin: basis_on(facts, day, schemes) for gtin, facts in known.items()}
    found = [
        Alternative(
            each.gtin,
            known[each.gtin].name_zh,
            known[each.gtin].name_en,
            each.milligrams_per_unit,
            below_bp(each.milligrams_per_unit, own),
        )
        for each in candidates
        if _carries(held[each.gtin], each.milligrams_per_unit)
    ]
    return tuple(found[:limit])


def _carries(basis: Basis | Obstacle, milligrams_per_unit: int) -> bool:
    return isinstance(basis, Basis) and basis.footprint.milligrams_per_unit == milligrams_per_unit
