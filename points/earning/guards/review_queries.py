"""Every SQL statement about reviews."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.sql import run
from points.earning.guards.tables import Review, ReviewState, ReviewStep

_OPEN: Final = text("""
    WITH reviews AS (
        INSERT INTO review (programme_id, review_id, resident_id, retailer_id, state, rule, detail, facts, evidence,
            gtin, quantity, effective_at, claim_key, recorded_at)
        SELECT :programme_id, t.review_id, t.resident_id, t.retailer_id, t.state, t.rule, t.detail,
            CAST(t.facts AS jsonb), CAST(t.evidence AS jsonb), t.gtin, t.quantity, t.effective_at,
            t.claim_key, :now
        FROM unnest(
            CAST(:review_ids AS uuid[]), CAST(:resident_ids AS uuid[]), CAST(:retailer_ids AS uuid[]),
            CAST(:states AS smallint[]), CAST(:rules AS text[]), CAST(:details AS text[]), CAST(:facts AS text[]),
            CAST(:evidence AS text[]), CAST(:gtins AS text[]), CAST(:quantities AS integer[]),
            CAST(:effective_ats AS timestamptz[]), CAST(:claim_keys AS text[])
        ) AS t (review_id, resident_id, retailer_id, state, rule, detail, facts, evidence, gtin, quantity,
            effective_at, claim_key)
    )
    INSERT INTO review_step (programme_id, step_id, review_id, kind, actor, note, recorded_at)
    SELECT :programme_id, t.step_id, t.review_id, t.kind, 'guard', t.detail, :now
    FROM unnest(CAST(:step_ids AS uuid[]), CAST(:review_ids AS uuid[]), CAST(:kinds AS text[]),
        CAST(:details AS text[])) AS t (step_id, review_id, kind, detail)
""")


@dataclass(frozen=True, slots=True)
class NewReview:
    """What a guard stopped, and the key that leads to it; `state` is open where it is held, else refused."""

    review_id: UUID
    resident_id: UUID
    retailer_id: UUID | None
    state: ReviewState
    rule: str
    detail: str
    facts: dict[str, Any]
    evidence: dict[str, Any]
    gtin: str
    quantity: int
    effective_at: datetime
    claim_key: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Which reviews are wanted; None is any."""

    state: ReviewState | None = None
    rule: str | None = None
    resident_id: UUID | None = None
    retailer_id: UUID | None = None
    appealed: bool | None = None


async def open_reviews(session: AsyncSession, programme_id: UUID, reviews: Sequence[NewReview], now: datetime) -> None:
    """Keep what was stopped, each with its first step."""
    columns = {
        "review_ids": [each.review_id for each in reviews],
        "resident_ids": [each.resident_id for each in reviews],
        "retailer_ids": [each.retailer_id for each in reviews],
        "states": [int(each.state) for each in reviews],
        "rules": [each.rule for each in reviews],
        "details": [each.detail for each in reviews],
        "facts": [orjson.dumps(each.facts).decode() for each in reviews],
        "evidence": [orjson.dumps(each.evidence).decode() for each in reviews],
        "gtins": [each.gtin for each in reviews],
        "quantities": [each.quantity for each in reviews],
        "effective_ats": [each.effective_at for each in reviews],
        "claim_keys": [each.claim_key for each in reviews],
        "step_ids": [new_id() for _ in reviews],
        "kinds": ["held" if each.state is ReviewState.OPEN else "refused" for each in reviews],
    }
    await run(session, _OPEN, {"programme_id": programme_id, "now": now, **columns})


async def reviews_of(session: AsyncSession, programme_id: UUID, review_ids: Collection[UUID]) -> dict[UUID, Review]:
    """Return the reviews that exist among `review_ids`."""
    statement = select(Review).where(
        col(Review.programme_id) == programme_id, col(Review.review_id).in_(list(review_ids))
    )
    return {each.review_id: each for each in await session.exec(statement)}


async def refused_claims(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, retailer_id: UUID, receipt: str
) -> list[Review]:
    """Return the reviews in which a resident was refused lines of an anonymous receipt, oldest first."""
    told = col(Review.evidence)
    statement = select(Review).where(
        col(Review.programme_id) == programme_id,
        col(Review.resident_id) == resident_id,
        col(Review.state) == int(ReviewState.REFUSED),
        col(Review.retailer_id) == retailer_id,
        told["receipt"].astext == receipt,
        told["claimed"].astext == "true",
    )
    return list(await session.exec(statement.order_by(col(Review.review_id))))


async def lock_reviews(session: AsyncSession, programme_id: UUID, review_ids: Iterable[UUID]) -> dict[UUID, Review]:
    """Lock reviews until the commit, in id order, and return them as they are now."""
    statement = (
        select(Review)
        .where(col(Review.programme_id) == programme_id, col(Review.review_id).in_(sorted(review_ids)))
        .order_by(col(Review.review_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {each.review_id: each for each in await session.exec(statement)}


async def page(
    session: AsyncSession, programme_id: UUID, filters: Filters, *, before: UUID | None, limit: int
) -> list[Review]:
    """Return reviews, newest first."""
    statement = select(Review).where(col(Review.programme_id) == programme_id)
    if filters.state is not None:
        statement = statement.where(col(Review.state) == int(filters.state))
    if filters.rule is not None:
        statement = statement.where(col(Review.rule) == filters.rule)
    if filters.resident_id is not None:
        statement = statement.where(col(Review.resident_id) == filters.resident_id)
    if filters.retailer_id is not None:
        statement = statement.where(col(Review.retailer_id) == filters.retailer_id)
    if filters.appealed is not None:
        asked = col(Review.appealed_at)
        statement = statement.where(asked.is_not(None) if filters.appealed else asked.is_(None))
    if before is not None:
        statement = statement.where(col(Review.review_id) < before)
    return list(await session.exec(statement.order_by(col(Review.review_id).desc()).limit(limit)))


async def steps(session: AsyncSession, programme_id: UUID, review_id: UUID) -> list[ReviewStep]:
    """Return what happened to a review, oldest first."""
    statement = (
        select(ReviewStep)
        .where(col(ReviewStep.programme_id) == programme_id, col(ReviewStep.review_id) == review_id)
        .order_by(col(ReviewStep.step_id))
    )
    return list(await session.exec(statement))


async def last_notes(session: AsyncSession, programme_id: UUID, review_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the last note that a member of staff made about each review."""
    statement = (
        select(ReviewStep)
        .where(
            col(ReviewStep.programme_id) == programme_id,
            col(ReviewStep.review_id).in_(list(review_ids)),
            col(ReviewStep.actor).startswith("staff:"),
        )
        .order_by(col(ReviewStep.step_id))
    )
    return {each.review_id: each.note for each in await session.exec(statement)}
