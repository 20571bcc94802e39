"""The choice of pilot industries: what the registry knows and what people judge, ranked by the published rule."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.sql import run
from labels.errors import InvalidRecordError, UnknownCategoryError
from labels.pilots import JUDGED, Candidate, CategoryFacts, Criterion, Ranked, rank, registry_scores
from labels.tables import Category, PilotJudgement
from labels.writes import insert

_BEST: Final = 100
# Only what can be chosen: categories that no other one is part of.
_FACTS: Final = text("""
    WITH product_counts AS (
        SELECT p.category_id, count(*) AS products, count(p.net_content_micro) AS products_with_content,
            count(*) FILTER (WHERE EXISTS (
                SELECT 1 FROM footprint AS f WHERE f.gtin = p.gtin AND f.status = 'accepted'
                    AND f.valid_from <= :day AND (f.valid_until IS NULL OR f.valid_until > :day)
            )) AS measured_products
        FROM product AS p WHERE p.category_id IS NOT NULL GROUP BY p.category_id
    ), baseline_facts AS (
        SELECT category_id, max(sample_size) AS largest_sample,
            max(10000 * (milligrams_per_unit - lower_quartile_mg) / milligrams_per_unit) AS best_spread_bp
        FROM baseline WHERE gtin IS NULL AND valid_from <= :day AND (valid_until IS NULL OR valid_until > :day)
        GROUP BY category_id
    )
    SELECT c.id, c.name_zh, c.name_en, coalesce(n.products, 0) AS products,
        coalesce(n.measured_products, 0) AS measured_products,
        coalesce(n.products_with_content, 0) AS products_with_content,
        coalesce(b.largest_sample, 0) AS largest_sample, b.best_spread_bp
    FROM category AS c LEFT JOIN product_counts AS n ON n.category_id = c.id
    LEFT JOIN baseline_facts AS b ON b.category_id = c.id
    WHERE NOT EXISTS (SELECT 1 FROM category AS part WHERE part.parent_id = c.id)
    ORDER BY c.id
""")
_JUDGEMENTS: Final = text("""
    SELECT DISTINCT ON (category_id, criterion) category_id, criterion, score, reason, source, recorded_at
    FROM pilot_judgement ORDER BY category_id, criterion, recorded_at DESC, id DESC
""")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person thought last of a category by one criterion."""

    criterion: Criterion
    score: int
    reason: str
    source: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class PilotIndustry:
    """A category with its place in the ranking and everything that place follows from."""

    ranked: Ranked
    name_zh: str
    name_en: str
    facts: CategoryFacts
    judgements: tuple[Judgement, ...]


async def pilot_industries(session: AsyncSession, day: date) -> list[PilotIndustry]:
    """Return the categories somebody has judged or that have measured products, best first, incomplete ones last."""
    judgements: dict[str, list[Judgement]] = defaultdict(list)
    for row in await run(session, _JUDGEMENTS, {}):
        judgement = Judgement(Criterion(row.criterion), row.score, row.reason, row.source, row.recorded_at)
        judgements[row.category_id].append(judgement)
    rows = {
        row.id: row for row in await run(session, _FACTS, {"day": day}) if row.id in judgements or row.measured_products
    }
    facts = {category_id: _facts(row) for category_id, row in rows.items()}
    candidates = [
        Candidate(category_id, registry_scores(each) | {one.criterion: one.score for one in judgements[category_id]})
        for category_id, each in facts.items()
    ]
    return [_industry(each, rows[each.candidate.category_id], facts, judgements) for each in rank(candidates)]


async def judge(
    session: AsyncSession,
    category_id: str,
    criterion: Criterion,
    score: int,
    *,
    reason: str,
    source: str,
    actor: str,
    now: datetime,
) -> PilotJudgement:
    """Keep what somebody thinks of a category by one criterion; from now on it counts, and earlier ones stay on file.

    Raises:
        UnknownCategoryError: no such category.
        InvalidRecordError: the criterion follows from the registry, or the score is not from 0 to 100.
    """
    if criterion not in JUDGED:
        raise InvalidRecordError(
            f"criterion: {criterion} follows from the registry; judge {' or '.join(JUDGED)}.", field="criterion"
        )
    if not 0 <= score <= _BEST:
        raise InvalidRecordError(f"score: must be from 0 to {_BEST}, not {score}.", field="score")
    if await session.get(Category, category_id) is None:
        raise UnknownCategoryError(f"{category_id} is not registered.")
    judgement = PilotJudgement(
        id=new_id(),
        category_id=category_id,
        criterion=criterion,
        score=score,
        reason=reason,
        source=source,
        actor=actor,
        recorded_at=now,
    )
    await insert(session, PilotJudgement, [judgement.model_dump()])
    return judgement


def _facts(row: Row[Any]) -> CategoryFacts:
    return CategoryFacts(
        products=row.products,
        measured_products=row.measured_products,
        products_with_content=row.products_with_content,
        largest_sample=row.largest_sample,
        best_spread_bp=row.best_spread_bp,
    )


def _industry(
    ranked: Ranked, row: Row[Any], facts: dict[str, CategoryFacts], judgements: dict[str, list[Judgement]]
) -> PilotIndustry:
    category_id = ranked.candidate.category_id
    return PilotIndustry(ranked, row.name_zh, row.name_en, facts[category_id], tuple(judgements[category_id]))
