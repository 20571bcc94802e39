"""Makers apply for certificates; certifiers review, check, grant or refuse; each side sees what happened."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path
from sqlmodel.ext.asyncio.session import AsyncSession

from api.audiences import ApplicationsPartner, ProductsPartner
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.registering import accepted
from api.routes.certificates import TIME_ZONE
from api.routing import router as new_router
from api.schemas.applications import ApplicationList, ApplicationPage, NewApplication, NewStep
from core.clock import local_day
from labels.certification.application_queries import own_application, own_applications
from labels.certification.applications import record_steps, submit
from labels.errors import UnknownApplicationError

router = new_router(tag="products")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_OTHER: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e10"
_PAGE: Final[dict[str, Any]] = {
    "application_id": _ID,
    "stage": "submitted",
    "gtin": "09521234543213",
    "scheme_id": "cn.low_carbon",
    "kind": "low_carbon",
    "footprint_id": None,
    "applicant_id": _ID,
    "certifier_id": _OTHER,
    "certificate_number": None,
    "steps": [
        {
            "step": "submitted",
            "effective_on": "2026-05-01",
            "recorded_at": "2026-05-01T02:00:00Z",
            "reason": "",
            "certificate_number": None,
        }
    ],
}

ApplicationId = Annotated[UUID, Path(examples=[_ID])]


@router.post(
    "/certificate-applications",
    status_code=201,
    summary="Apply for a certificate",
    dependencies=[ONCE],
    openapi_extra=example({"gtin": "9521234543213", "scheme_id": "cn.low_carbon", "certifier_id": _OTHER}),
    responses=answers(201, "Submitted today.", _PAGE),
)
async def create_application(
    body: NewApplication, maker: ProductsPartner, session: Session, now: Now
) -> ApplicationPage:
    """Apply for a certificate on a product that you registered or make."""
    row = body.as_row(maker.organization_id, maker.label)
    (result,) = await submit(session, [row], now=now, day=local_day(now, TIME_ZONE))
    return await _own(session, UUID(str(accepted(result).id)), maker.organization_id)


@router.get(
    "/certificate-applications",
    summary="List your applications",
    responses=answers(
        200, "Those you sent and those sent to you, newest first.", {"applications": [_PAGE], "next_cursor": None}
    ),
)
async def list_applications(
    partner: ApplicationsPartner, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> ApplicationList:
    """List the applications you sent, or were sent as a certifier."""
    found = await own_applications(session, partner.organization_id, before=cursor, limit=limit)
    pages = [ApplicationPage.of(each) for each in found]
    return ApplicationList(applications=pages, next_cursor=next_cursor([each.id for each in found], limit))


@router.get(
    "/certificate-applications/{application_id}",
    summary="Show an application",
    responses=answers(200, "The application and its steps.", _PAGE),
)
async def show_application(
    application_id: ApplicationId, partner: ApplicationsPartner, session: Session
) -> ApplicationPage:
    """Show an application that you sent, or that was sent to you."""
    return await _own(session, application_id, partner.organization_id)


@router.post(
    "/certificate-applications/{application_id}/events",
    status_code=201,
    summary="Take the next step of an application",
    dependencies=[ONCE],
    openapi_extra=example(
        {"step": "reviewed", "effective_on": "2026-05-08", "reason": "Complete; the inventory follows ISO 14067."}
    ),
    responses=answers(201, "Recorded.", _PAGE),
)
async def create_application_step(
    application_id: ApplicationId, body: NewStep, partner: ApplicationsPartner, session: Session, now: Now
) -> ApplicationPage:
    """Review, return, check on site, grant or refuse as its certifier; send again or retract as its applicant.

    Granting registers the certificate under the number given. A step that does not follow from where the application
    is, or is the other side's, is refused with what it may follow.
    """
    await _own(session, application_id, partner.organization_id)
    row = body.as_row(application_id, partner.organization_id, partner.label)
    (result,) = await record_steps(session, [row], now=now)
    accepted(result)
    return await _own(session, application_id, partner.organization_id)


async def _own(session: AsyncSession, application_id: UUID, organization_id: UUID) -> ApplicationPage:
    found = await own_application(session, application_id, organization_id)
    if found is None:
        raise UnknownApplicationError
    return ApplicationPage.of(found)
