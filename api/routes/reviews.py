"""What guards stopped: staff look and decide, residents see why and can ask to look again."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path, Query

from api.audiences import Operator, Resident, Staff
from api.boards import note_gains
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.routing import router as new_router
from api.schemas.receipts import RECEIPT_EXAMPLE
from api.schemas.reviews import (
    BY_STATE,
    MyReview,
    MyReviewPage,
    NewReviewDecision,
    NewReviewDecisions,
    Note,
    ReviewOutcome,
    ReviewOutcomes,
    ReviewPage,
    ReviewSummary,
    ReviewWithSteps,
    State,
)
from api.unit_keys import unit_secret
from points.earning import reviews
from points.earning.guards.review_queries import Filters
from points.errors import NotFoundError, StateConflictError
from points.programmes.guard_terms import Rule
from workers.till_keys import till_keys

router = new_router(tag="earning")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_AT: Final = "2026-05-01T08:30:00Z"
_SHARED: Final = {
    "review_id": _ID,
    "state": "open",
    "receipt_id": None,
    "rule": "two_retailers_at_once",
    "found_zh": "几乎同一时间在两家商家购物",
    "found_en": "Purchases at two retailers at nearly the same time",
    "gtin": "09521234543213",
    "quantity": 2,
    "effective_at": _AT,
    "appealed_at": None,
}
_REVIEW: Final = _SHARED | {
    "detail": "Another retailer reports a purchase 0 minutes apart; nobody is in two places at once.",
    "resident_id": _ID,
    "retailer_id": _ID,
    "recorded_at": _AT,
}
_WITH_STEPS: Final = _REVIEW | {
    "facts": {"minutes": 0, "activities": [_ID]},
    "evidence": {"type": "sale", "receipt": "S042-20260501-0317", "line": 1, "quantity": 2},
    "steps": [{"kind": "held", "actor": "guard", "note": _REVIEW["detail"], "recorded_at": _AT}],
}
_MINE: Final = _SHARED | {
    "todo_zh": "无需操作，工作人员会核对；如有购物小票，请保留备查。",
    "todo_en": "You need do nothing: staff will check it. Keep the till's receipt if you have one.",
    "note": None,
}
_OUTCOME: Final = {
    "review_id": _ID,
    "state": "accepted",
    "receipt_id": RECEIPT_EXAMPLE["receipt_id"],
    "receipt": RECEIPT_EXAMPLE,
    "problem": None,
    "receipt_released": False,
}
_NOTE: Final = "The retailer's tills differ by a minute; both receipts were shown."

_Id = Annotated[UUID, Path(examples=[_ID])]


@router.get(
    "/reviews",
    summary="List what guards held or refused",
    responses=answers(200, "A page of reviews, newest first.", {"reviews": [_REVIEW], "next_cursor": None}),
)
async def list_reviews(
    staff: Staff,
    session: Session,
    state: Annotated[State | None, Query(examples=["open"])] = None,
    rule: Annotated[Rule | None, Query(examples=["two_retailers_at_once"])] = None,
    resident_id: Annotated[UUID | None, Query(examples=[_ID])] = None,
    retailer_id: Annotated[UUID | None, Query(examples=[_ID])] = None,
    appealed: Annotated[
        bool | None, Query(description="Only those that the resident asked to look at again.", examples=[True])
    ] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ReviewPage:
    """List activities that wait for a decision, or had one."""
    filters = Filters(BY_STATE[state] if state else None, rule, resident_id, retailer_id, appealed)
    found = await reviews.queue(session, staff.programme_id, filters, before=cursor, limit=limit)
    return ReviewPage(
        reviews=[ReviewSummary.of(each) for each in found],
        next_cursor=next_cursor([each.review_id for each in found], limit),
    )


@router.get(
    "/reviews/{review_id}",
    summary="Show a review and what led to it",
    responses=answers(200, "The review.", _WITH_STEPS),
)
async def show_review(review_id: _Id, staff: Staff, session: Session) -> ReviewWithSteps:
    """Show what was reported, which rule stopped it, what that rule compared, and what happened since."""
    return ReviewWithSteps.shown(await reviews.show(session, staff.programme_id, review_id))


@router.post(
    "/reviews/{review_id}/decisions",
    status_code=201,
    summary="Accept or refuse a held activity",
    dependencies=[ONCE],
    openapi_extra=example({"decision": "accept", "note": _NOTE}),
    responses=answers(201, "Decided.", _OUTCOME),
)
async def create_review_decision(
    review_id: _Id, body: NewReviewDecision, staff: Operator, session: Session, now: Now
) -> ReviewOutcome:
    """Accept an activity, which credits it by the rules of its own time, or refuse it. Made once.

    Its receipt (`receipt_id`) is recorded now, and has an id of its own; whoever reports the activity again has that.

    Refused, its resident is told by a notice, with the note as it is written.

    Refused, an anonymous receipt that was claimed can be claimed by others again (`receipt_released`), for as many days
    as the review took beyond its time; its review can be opened again as long as nobody else has.
    """
    together = NewReviewDecisions(review_ids=[review_id], decision=body.decision, note=body.note)
    (decided,) = await _decide(together, staff, session, now)
    if decided.state is None:
        raise NotFoundError(decided.problem)
    if decided.problem is not None:
        raise StateConflictError(decided.problem)
    return ReviewOutcome.of(decided)


@router.post(
    "/reviews/decisions",
    summary="Accept or refuse up to 200 held activities",
    dependencies=[ONCE],
    openapi_extra=example({"review_ids": [_ID], "decision": "accept", "note": _NOTE}),
    responses=answers(200, "One outcome for each.", {"outcomes": [_OUTCOME]}),
)
async def create_review_decisions(
    body: NewReviewDecisions, staff: Operator, session: Session, now: Now
) -> ReviewOutcomes:
    """Decide many alike, such as what one burst held. What can not be decided says why, and the others are."""
    return ReviewOutcomes(outcomes=[ReviewOutcome.of(each) for each in await _decide(body, staff, session, now)])


async def _decide(body: NewReviewDecisions, staff: Operator, session: Session, now: Now) -> list[reviews.Decided]:
    review_ids = list(dict.fromkeys(body.review_ids))
    if body.decision == "refuse":
        return await reviews.refuse(
            session,
            staff.programme_id,
            review_ids,
            note=body.note,
            actor=staff.label,
            now=now,
            claim_secret=till_keys().claims,
        )
    decided = await reviews.accept(
        session,
        staff.programme_id,
        review_ids,
        note=body.note,
        actor=staff.label,
        now=now,
        unit_secret=unit_secret(),
    )
    note_gains(session, staff.programme_id, [each.receipt for each in decided if each.receipt is not None])
    return decided


@router.post(
    "/reviews/{review_id}/reopenings",
    status_code=201,
    summary="Open a refused review again",
    dependencies=[ONCE],
    openapi_extra=example({"note": "The resident appealed and sent a picture of the receipt."}),
    responses=answers(201, "The review, open.", _WITH_STEPS),
)
async def create_review_reopening(
    review_id: _Id, body: Note, staff: Operator, session: Session, now: Now
) -> ReviewWithSteps:
    """Open what was refused, by a rule or by a person, so that it can be decided anew.

    A receipt that was given back when its claim was refused is taken for the resident again: from then on nobody else
    can claim it. 409 says that somebody else has it by now, or that nothing of it is left.
    """
    shown = await reviews.reopen(
        session,
        staff.programme_id,
        review_id,
        note=body.note,
        actor=staff.label,
        now=now,
        claim_secret=till_keys().claims,
    )
    return ReviewWithSteps.shown(shown)


@router.get(
    "/me/reviews",
    summary="What of mine was held or refused?",
    responses=answers(200, "A page, newest first.", {"reviews": [_MINE], "next_cursor": None}),
)
async def list_my_reviews(
    resident: Resident, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> MyReviewPage:
    """Show activities that a rule stopped: which rule, and what to do, in Chinese and English."""
    filters = Filters(resident_id=resident.resident_id)
    found = await reviews.queue(session, resident.programme_id, filters, before=cursor, limit=limit)
    notes = await reviews.notes_of(session, resident.programme_id, [each.review_id for each in found])
    return MyReviewPage(
        reviews=[MyReview.of(each, notes.get(each.review_id)) for each in found],
        next_cursor=next_cursor([each.review_id for each in found], limit),
    )


@router.post(
    "/me/reviews/{review_id}/appeals",
    status_code=201,
    summary="Ask to look again at what was refused",
    dependencies=[ONCE],
    openapi_extra=example({"note": "The tea was for a family gathering; I have the till's receipt."}),
    responses=answers(201, "The review; somebody will look at it.", _MINE | {"state": "refused", "appealed_at": _AT}),
)
async def create_appeal(review_id: _Id, body: Note, resident: Resident, session: Session, now: Now) -> MyReview:
    """Tell the programme's staff why the refusal is wrong. One appeal for each refusal."""
    shown = await reviews.appeal(
        session, resident.programme_id, resident.resident_id, review_id, note=body.note, now=now
    )
    notes = await reviews.notes_of(session, resident.programme_id, [review_id])
    return MyReview.of(shown.review, notes.get(review_id))
