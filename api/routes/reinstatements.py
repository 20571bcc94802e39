"""Giving back what an order took: operators do it, after an appeal or on their own finding; all staff can read it."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path

from api.audiences import Operator, Staff
from api.boards import note_changes
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.routing import router as new_router
from api.schemas.reinstatements import NewReinstatement, Reinstatement, ReinstatementPage
from points.earning.clawbacks import clawbacks, order_queries, reinstatements

router = new_router(tag="clawbacks")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_WHY: Final = {"reason_zh": "申诉成立。", "reason_en": "The appeal was right."}
_GIVEN: Final = _WHY | {
    "reinstatement_id": _ID,
    "clawback_id": _ID,
    "resident_id": _ID,
    "activities": 1,
    "grams": 3000,
    "points": 30,
    "paid": 20,
    "given_by": f"staff:{_ID}",
    "given_at": "2026-05-21T08:30:00Z",
}
_Id = Annotated[UUID, Path(examples=[_ID])]


@router.post(
    "/clawbacks/{clawback_id}/reinstatements",
    status_code=201,
    summary="Give back what an order took",
    dependencies=[ONCE],
    openapi_extra=example(_WHY | {"resident_id": _ID, "activity_ids": [_ID]}),
    responses=answers(201, "Given back.", _GIVEN),
)
async def create_clawback_reinstatement(
    clawback_id: _Id, body: NewReinstatement, staff: Operator, session: Session, now: Now
) -> Reinstatement:
    """Give back, of one resident, all that an order took or what it took of some receipts, and tell them why.

    Afterwards it is as if the order had not met these receipts: what is owed for them ends, and budgets pay again what
    they had got back. Refused whole with 409 where it was given back before, a receipt was changed since, or a budget
    is short.
    """
    row = await reinstatements.reinstate(
        session,
        staff.programme_id,
        clawback_id,
        body.resident_id,
        activity_ids=body.activity_ids,
        reason=body.reason(),
        actor=staff.label,
        now=now,
    )
    note_changes(session, staff.programme_id, {body.resident_id})
    return Reinstatement.model_validate(row)


@router.get(
    "/clawbacks/{clawback_id}/reinstatements",
    summary="What was given back?",
    responses=answers(200, "A page.", {"reinstatements": [_GIVEN], "next_cursor": None}),
)
async def list_clawback_reinstatements(
    clawback_id: _Id, staff: Staff, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> ReinstatementPage:
    """List what was given back of what an order took, to whom, by whom and why."""
    await clawbacks.find(session, staff.programme_id, clawback_id)
    found = await order_queries.reinstatements(session, staff.programme_id, clawback_id, before=cursor, limit=limit)
    return ReinstatementPage(
        reinstatements=[Reinstatement.model_validate(each) for each in found],
        next_cursor=next_cursor([each.reinstatement_id for each in found], limit),
    )
