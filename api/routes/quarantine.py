"""Staff look at footprints that can hardly be what they say, and accept or reject them."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path, Query

from api.audiences import Operator, Staff
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.routing import router as new_router
from api.schemas import Slug
from api.schemas.quarantine import NewDecision, QuarantinedFootprint, QuarantinePage, ReviewDecision
from labels import quarantine
from labels.quarantine import Decision

router = new_router(tag="products")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_WAITING: Final = {
    "footprint_id": _ID,
    "gtin": "09521234543213",
    "name_zh": "示范啤酒",
    "name_en": "Demonstration beer",
    "brand": "Demo",
    "category_id": "drink.beer",
    "milligrams_per_unit": 24_000_000,
    "functional_unit": "L",
    "boundary": "cradle_to_grave",
    "standard": "ISO 14067",
    "region": "CN",
    "source": "maker",
    "recorded_at": "2026-05-01T02:00:00Z",
    "plausible_low_mg": 160_000,
    "plausible_high_mg": 4_100_000,
    "findings": [
        {
            "suspicion": "above_range",
            "detail": "Products of this category have 0.16 to 4.1 kg CO2e per L.",
            "suggested_mg": None,
        }
    ],
}
_DECIDED: Final = {
    "review_id": _ID,
    "footprint_id": _ID,
    "decision": "rejected",
    "reason": "The maker confirms: g per litre was taken for kg.",
    "actor": f"staff:{_ID}",
    "recorded_at": "2026-05-02T02:00:00Z",
}


@router.get(
    "/quarantine",
    summary="List footprints that wait for review",
    responses=answers(200, "The queue, oldest first.", {"footprints": [_WAITING], "next_cursor": None}),
)
async def list_quarantine(
    staff: Staff,
    session: Session,
    category_id: Annotated[Slug | None, Query(examples=["drink.beer"])] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> QuarantinePage:
    """List footprints that were kept apart, each with what looks wrong with it. None of them earns anything."""
    del staff
    waiting = await quarantine.queue(session, after=cursor, category_id=category_id, limit=limit)
    return QuarantinePage(
        footprints=[QuarantinedFootprint.model_validate(each) for each in waiting],
        next_cursor=next_cursor([each.footprint_id for each in waiting], limit),
    )


@router.post(
    "/quarantine/{footprint_id}/decisions",
    status_code=201,
    summary="Decide about a quarantined footprint",
    dependencies=[ONCE],
    openapi_extra=example({"decision": "rejected", "reason": _DECIDED["reason"]}),
    responses=answers(201, "Decided, for good.", _DECIDED),
)
async def create_quarantine_decision(
    footprint_id: Annotated[UUID, Path(examples=[_ID])],
    body: NewDecision,
    staff: Operator,
    session: Session,
    now: Now,
) -> ReviewDecision:
    """Accept a footprint, which counts from now on, or reject it, which never does. Decision and reason stay."""
    review = await quarantine.decide(
        session, footprint_id, body.decision, reason=body.reason, actor=staff.label, now=now
    )
    return ReviewDecision(
        review_id=review.id,
        footprint_id=review.footprint_id,
        decision=Decision(review.decision),
        reason=review.reason,
        actor=review.actor,
        recorded_at=review.recorded_at,
    )
