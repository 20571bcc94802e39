"""Who works for a retailer: the retailer says so, or the programme does."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path

from api.audiences import Operator, SalesPartner, Staff
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.routing import router as new_router
from api.schemas.retailer_staff import (
    NewRetailerStaff,
    RetailerStaffAdded,
    RetailerStaffMember,
    RetailerStaffPage,
)
from points.earning.guards import retailer_staff

router = new_router(tag="earning")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_CODES: Final = {"member_codes": ["7KQ2MXB4WRTN"]}
_MEMBER: Final = {"resident_id": _ID, "declared_by": f"partner:{_ID}", "declared_at": "2026-05-01T08:30:00Z"}

_Retailer = Annotated[UUID, Path(examples=[_ID])]


@router.post(
    "/retailer-staff",
    status_code=201,
    summary="Say who of my staff takes part",
    dependencies=[ONCE],
    openapi_extra=example(_CODES),
    responses=answers(201, "Noted.", {"added": 1}),
)
async def create_retailer_staff(
    body: NewRetailerStaff, retailer: SalesPartner, session: Session, now: Now
) -> RetailerStaffAdded:
    """Declare residents as the retailer's own staff, so that what they buy there is looked at as such."""
    added = await retailer_staff.declare(
        session,
        retailer.programme_id,
        retailer.organization_id,
        body.member_codes,
        actor=retailer.label,
        now=now,
    )
    return RetailerStaffAdded(added=added)


@router.post(
    "/retailers/{retailer_id}/staff",
    status_code=201,
    summary="Say who works for a retailer",
    dependencies=[ONCE],
    openapi_extra=example(_CODES),
    responses=answers(201, "Noted.", {"added": 1}),
)
async def create_staff_of_retailer(
    retailer_id: _Retailer, body: NewRetailerStaff, staff: Operator, session: Session, now: Now
) -> RetailerStaffAdded:
    """Declare residents as a retailer's staff when the retailer has not."""
    added = await retailer_staff.declare(
        session, staff.programme_id, retailer_id, body.member_codes, actor=staff.label, now=now
    )
    return RetailerStaffAdded(added=added)


@router.get(
    "/retailers/{retailer_id}/staff",
    summary="List who works for a retailer",
    responses=answers(200, "A page.", {"members": [_MEMBER], "next_cursor": None}),
)
async def list_staff_of_retailer(
    retailer_id: _Retailer, staff: Staff, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> RetailerStaffPage:
    """List residents who were declared as a retailer's staff."""
    found = await retailer_staff.staff_of(session, staff.programme_id, retailer_id, after=cursor, limit=limit)
    return RetailerStaffPage(
        members=[RetailerStaffMember.model_validate(each) for each in found],
        next_cursor=next_cursor([each.resident_id for each in found], limit),
    )


@router.delete(
    "/retailers/{retailer_id}/staff/{resident_id}", status_code=204, summary="Say that somebody works there no more"
)
async def delete_staff_of_retailer(
    retailer_id: _Retailer,
    resident_id: Annotated[UUID, Path(examples=[_ID])],
    staff: Operator,
    session: Session,
) -> None:
    """Strike a resident off a retailer's staff. Only the programme can: a retailer would do so to claim receipts."""
    await retailer_staff.strike_off(session, staff.programme_id, retailer_id, resident_id)
