"""Debts of points: staff see what a resident owes, operators let it go with a reason."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path

from api.audiences import Operator, Staff
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.routing import router as new_router
from api.schemas.forgivenesses import DebtForgiven, DebtForgivenPage, NewForgiveness
from points import ledger
from points.earning.clawbacks import forgivenesses, order_queries
from points.earning.clawbacks.clawbacks import Grounds

router = new_router(tag="clawbacks")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_WHY: Final = {"reason_zh": "申诉成立。", "reason_en": "The appeal was right."}
_FORGIVEN: Final = _WHY | {
    "entry_id": _ID,
    "resident_id": _ID,
    "points": 20,
    "forgiven_by": f"staff:{_ID}",
    "forgiven_at": "2026-05-21T08:30:00Z",
}
_ResidentId = Annotated[UUID, Path(examples=[_ID])]


@router.post(
    "/residents/{resident_id}/forgivenesses",
    status_code=201,
    summary="Let a debt go",
    dependencies=[ONCE],
    openapi_extra=example(_WHY | {"points": 20}),
    responses=answers(201, "Let go.", _FORGIVEN),
)
async def create_forgiveness(
    resident_id: _ResidentId, body: NewForgiveness, staff: Operator, session: Session, now: Now
) -> DebtForgiven:
    """Let go points that a resident owes, oldest debts first. The resident is told, with the reason."""
    row = await forgivenesses.forgive(
        session,
        staff.programme_id,
        resident_id,
        points=body.points,
        reason=Grounds(body.reason_zh, body.reason_en),
        actor=staff.label,
        now=now,
    )
    return DebtForgiven.model_validate({name: getattr(row, name) for name in DebtForgiven.model_fields})


@router.get(
    "/residents/{resident_id}/forgivenesses",
    summary="What does a resident owe, and what was let go?",
    responses=answers(200, "A page.", {"owed_points": 0, "forgivenesses": [_FORGIVEN], "next_cursor": None}),
)
async def list_forgivenesses(
    resident_id: _ResidentId, staff: Staff, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> DebtForgivenPage:
    """Show what is owed now, and what was let go, by whom and why."""
    owed = await ledger.owing(session, staff.programme_id, [resident_id])
    found = await order_queries.forgivenesses(session, staff.programme_id, resident_id, before=cursor, limit=limit)
    return DebtForgivenPage(
        owed_points=owed.get(resident_id, 0),
        forgivenesses=[
            DebtForgiven.model_validate({name: getattr(each, name) for name in DebtForgiven.model_fields})
            for each in found
        ],
        next_cursor=next_cursor([each.entry_id for each in found], limit),
    )
