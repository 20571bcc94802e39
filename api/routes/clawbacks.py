"""Orders to take credits back: operators prepare, preview, order and cancel them; all staff can read them."""

import asyncio
from functools import partial
from typing import Annotated, Final, Literal
from uuid import UUID

import structlog
from fastapi import Path, Query
from kombu.exceptions import OperationalError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.audiences import Operator, Staff
from api.dependencies import Now, Session
from api.errors import InvalidParameterError
from api.idempotency import ONCE
from api.openapi import answers, example
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.routing import router as new_router
from api.schemas.clawbacks import (
    Clawback,
    ClawbackActivity,
    ClawbackActivityPage,
    ClawbackOverview,
    ClawbackPage,
    ClawbackResident,
    ClawbackResidentPage,
    NewClawback,
)
from api.schemas.notices import ClawbackAppeal, ClawbackAppealPage
from api.schemas.reviews import Note
from core.db import after_commit
from points.earning.clawbacks import clawbacks, order_queries, troubles
from points.earning.clawbacks.tables import Clawback as Order
from points.errors import InvalidInputError
from points.residents import notices
from workers.app import send

router = new_router(tag="clawbacks")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_AT: Final = "2026-05-20T08:30:00Z"
_WHY: Final = {
    "reason_zh": "该产品的认证自 2026 年 5 月 1 日起被撤销。",
    "reason_en": "The product's certificate was withdrawn from 1 May 2026 on.",
}
_NEW: Final = _WHY | {
    "scope": {"cause": "certificate", "certificate_number": "CL-2026-000123", "from_day": "2026-05-01"},
    "spent_points": None,
}
_SUMS: Final = {"grams": 12_000, "points": 120}
_SOURCES: Final = {"pending": 40, "available": 60, "expired": 0, "owed": 20, "borne": 0}
_FIGURES: Final = {"residents": 3, "activities": 12} | _SUMS | _SOURCES
_DRAFT: Final = _WHY | {
    "clawback_id": _ID,
    "cause": "certificate",
    "state": "draft",
    "spent_points": None,
    "scope": {"certificate_id": _ID, "from_day": "2026-05-01"},
    "prepared_by": f"staff:{_ID}",
    "prepared_at": _AT,
    "previewed_at": None,
    "ordered_by": None,
    "ordered_at": None,
    "cancelled_by": None,
    "note": None,
    "ended_at": None,
    "stuck_since": None,
    "previewed": None,
}
_PREVIEWED: Final = _DRAFT | {"state": "previewed", "previewed_at": _AT, "previewed": _FIGURES}
_ORDERED: Final = _PREVIEWED | {"state": "ordered", "ordered_by": f"staff:{_ID}", "ordered_at": _AT}
_OVERVIEW: Final = _ORDERED | {
    "state": "done",
    "ended_at": _AT,
    "taken": _FIGURES,
    "activities": 12,
    "done": 12,
    "late": 0,
    "refused": 0,
    "stuck": None,
    "by_district": [{"district_id": None, "name_zh": None, "name_en": None, "figures": _FIGURES}],
    "by_day": [{"day": "2026-05-02", "activities": 12} | _SUMS],
}
_RESIDENT: Final = {"resident_id": _ID, "activities": 4} | _SUMS | _SOURCES
_ACTIVITY: Final = _SUMS | {
    "activity_id": _ID,
    "resident_id": _ID,
    "day": "2026-05-02",
    "taken_grams": 12_000,
    "taken_points": 120,
    "adjustment_id": _ID,
    "late": False,
    "refusal": None,
}
_SAID: Final = {"appeal": "I bought these myself.", "appealed_at": _AT, "owed": 20} | _SUMS
_APPEAL: Final = {"resident_id": _ID, "earlier_appeals": [_SAID]} | _SAID

_Id = Annotated[UUID, Path(examples=[_ID])]
_log = structlog.get_logger("api.clawbacks")


async def _queue(programme_id: UUID, clawback_id: UUID) -> None:
    """Have a worker begin at once. Without a queue the sweep finds the order as soon as there is one again."""
    try:
        await asyncio.to_thread(send, "clawbacks.run", str(programme_id), str(clawback_id))
    except OperationalError as error:
        _log.warning("not queued", clawback_id=str(clawback_id), cause=repr(error))


def _begun(session: AsyncSession, order: Order) -> Clawback:
    after_commit(session, partial(_queue, order.programme_id, order.clawback_id))
    return Clawback.of(order)


@router.post(
    "/clawbacks",
    status_code=201,
    summary="Prepare an order to take credits back",
    dependencies=[ONCE],
    openapi_extra=example(_NEW),
    responses=answers(201, "The draft.", _DRAFT),
)
async def create_clawback(body: NewClawback, staff: Operator, session: Session, now: Now) -> Clawback:
    """Say what was credited wrongly and why. Nothing is taken before it was previewed and ordered."""
    try:
        order = await clawbacks.prepare(
            session,
            staff.programme_id,
            body.scope.wanted(),
            body.reason(),
            spent=body.spent(),
            actor=staff.label,
            now=now,
        )
    except InvalidInputError as error:  # a field of what is told apart by its cause, below `scope` in the body
        pointer = f"#/scope/{error.context['field']}"
        raise InvalidParameterError(str(error), pointer=pointer, part="body") from error
    return Clawback.of(order)


@router.get(
    "/clawbacks",
    summary="List orders to take credits back",
    responses=answers(200, "A page, newest first.", {"clawbacks": [_PREVIEWED], "next_cursor": None}),
)
async def list_clawbacks(
    staff: Staff, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> ClawbackPage:
    """List the programme's orders."""
    found = await order_queries.orders(session, staff.programme_id, before=cursor, limit=limit)
    return ClawbackPage(
        clawbacks=[Clawback.of(each) for each in found],
        next_cursor=next_cursor([each.clawback_id for each in found], limit),
    )


@router.get(
    "/clawbacks/{clawback_id}",
    summary="Show an order with its totals",
    responses=answers(200, "The order.", _OVERVIEW),
)
async def show_clawback(clawback_id: _Id, staff: Staff, session: Session) -> ClawbackOverview:
    """Show what the preview said, what has been taken, and either by district and day."""
    return ClawbackOverview.shown(await clawbacks.show(session, staff.programme_id, clawback_id))


@router.post(
    "/clawbacks/{clawback_id}/previews",
    status_code=202,
    summary="Try an order out",
    dependencies=[ONCE],
    responses=answers(202, "A worker is at it.", _DRAFT | {"state": "previewing"}),
)
async def create_clawback_preview(clawback_id: _Id, staff: Operator, session: Session, now: Now) -> Clawback:
    """Find what the order is about and work out what it would take, of whom; everything stays as it is."""
    return _begun(session, await clawbacks.preview(session, staff.programme_id, clawback_id, now=now))


@router.post(
    "/clawbacks/{clawback_id}/placements",
    status_code=202,
    summary="Order what was previewed",
    dependencies=[ONCE],
    responses=answers(202, "A worker is at it.", _ORDERED),
)
async def create_clawback_placement(clawback_id: _Id, staff: Operator, session: Session, now: Now) -> Clawback:
    """Have it taken. Refused with 409 where more came in since the preview: preview it again first.

    From now on what else a retailer sold between the two times is refused (`sales_revoked`), until it is cancelled.
    """
    order = await clawbacks.place(session, staff.programme_id, clawback_id, actor=staff.label, now=now)
    return _begun(session, order)


@router.post(
    "/clawbacks/{clawback_id}/cancellations",
    status_code=201,
    summary="Stop an order",
    dependencies=[ONCE],
    openapi_extra=example({"note": "The wrong certificate."}),
    responses=answers(201, "Stopped.", _PREVIEWED | {"state": "cancelled", "note": "The wrong certificate."}),
)
async def create_clawback_cancellation(
    clawback_id: _Id, body: Note, staff: Operator, session: Session, now: Now
) -> Clawback:
    """Stop it for good. What was taken before stays taken.

    One about a retailer's sales between two times can be cancelled when it is done: it keeps nothing out any more.
    """
    return Clawback.of(
        await clawbacks.cancel(session, staff.programme_id, clawback_id, note=body.note, actor=staff.label, now=now)
    )


@router.post(
    "/clawbacks/{clawback_id}/resumptions",
    status_code=202,
    summary="Try again where an order is stuck",
    dependencies=[ONCE],
    responses=answers(202, "A worker is at it.", _ORDERED | {"state": "running", "stuck_since": _AT}),
)
async def create_clawback_resumption(clawback_id: _Id, staff: Operator, session: Session, now: Now) -> Clawback:
    """Have those who were left aside taken up again at once, once the cause is mended; nothing is taken twice."""
    return _begun(session, await troubles.resume(session, staff.programme_id, clawback_id, now=now))


@router.get(
    "/clawbacks/{clawback_id}/residents",
    summary="Of whom does it take what?",
    responses=answers(200, "A page, by their ids.", {"residents": [_RESIDENT], "next_cursor": None}),
)
async def list_clawback_residents(
    clawback_id: _Id,
    staff: Staff,
    session: Session,
    of: Annotated[
        Literal["preview", "run"], Query(description="What would be taken, or what was.", examples=["preview"])
    ] = "preview",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ClawbackResidentPage:
    """List residents with what is taken of them: grams, and points by where they come from."""
    await clawbacks.find(session, staff.programme_id, clawback_id)
    phase = order_queries.TRIED if of == "preview" else order_queries.TAKEN
    found = await order_queries.residents(
        session, staff.programme_id, clawback_id, phase=phase, after=cursor, limit=limit
    )
    return ClawbackResidentPage(
        residents=[
            ClawbackResident.model_validate({name: getattr(each, name) for name in ClawbackResident.model_fields})
            for each in found
        ],
        next_cursor=next_cursor([each.resident_id for each in found], limit),
    )


@router.get(
    "/clawbacks/{clawback_id}/activities",
    summary="Which activities is it about?",
    responses=answers(200, "A page, by resident.", {"activities": [_ACTIVITY], "next_cursor": None}),
)
async def list_clawback_activities(
    clawback_id: _Id,
    staff: Staff,
    session: Session,
    resident_id: Annotated[UUID | None, Query(description="Only theirs.", examples=[_ID])] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ClawbackActivityPage:
    """List activities with what the preview said, what was taken, and the adjustment that took it."""
    await clawbacks.find(session, staff.programme_id, clawback_id)
    found = await order_queries.activities(
        session, staff.programme_id, clawback_id, resident_id=resident_id, after=cursor, limit=limit
    )
    return ClawbackActivityPage(
        activities=[ClawbackActivity.model_validate(each) for each in found],
        next_cursor=next_cursor([each.activity_id for each in found], limit),
    )


@router.get(
    "/clawbacks/{clawback_id}/appeals",
    summary="Who says that it is wrong?",
    responses=answers(200, "A page, by resident.", {"appeals": [_APPEAL], "next_cursor": None}),
)
async def list_clawback_appeals(
    clawback_id: _Id, staff: Staff, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> ClawbackAppealPage:
    """List what residents say against an order."""
    await clawbacks.find(session, staff.programme_id, clawback_id)
    found = await notices.appealed(session, staff.programme_id, clawback_id, after=cursor, limit=limit)
    return ClawbackAppealPage(
        appeals=[ClawbackAppeal.of(each) for each in found],
        next_cursor=next_cursor([each.resident_id for each in found], limit),
    )
