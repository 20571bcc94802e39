"""Certifiers register certificates and what happens to them; anybody asks where they stand."""

from typing import Annotated, Any, Final

from fastapi import Path, Query, Request, Response

from api.audiences import CertificatesPartner
from api.dependencies import Now, Session
from api.etags import tagged
from api.idempotency import ONCE
from api.openapi import answers, example
from api.registering import EXAMPLE, registration
from api.routing import router as new_router
from api.schemas import Day, Moment
from api.schemas.certificates import (
    CertificatePage,
    NewCertificate,
    NewEvent,
    Verification,
    VerificationList,
    Verifications,
)
from api.schemas.products import Registration
from core.clock import local_day
from labels.catalogue import record_event, register_certificates
from labels.certification.histories import histories
from labels.errors import UnknownCertificateError

router = new_router(tag="products")

TIME_ZONE: Final = "Asia/Shanghai"
_NUMBER: Final = "CL-2026-000123"
_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_STANDS: Final[dict[str, Any]] = {
    "number": _NUMBER,
    "status": "valid",
    "gtin": "09521234543213",
    "kind": "carbon_label",
    "valid_from": "2026-01-01",
    "valid_until": "2029-01-01",
}
_PAGE: Final = _STANDS | {
    "as_of": "2026-05-01",
    "known_at": None,
    "scheme": {
        "id": "cn.carbon_footprint",
        "name_zh": "产品碳足迹标识认证",
        "name_en": "China product carbon footprint mark",
        "owner_zh": "国家认证认可监督管理委员会",
        "owner_en": "Certification and Accreditation Administration of China (CNCA)",
        "region": "CN",
        "self_declared": False,
    },
    "certifier": {"organization_id": _ID, "name_zh": "示范认证机构", "name_en": "Demonstration Certification"},
    "footprint_id": _ID,
    "mark_use": None,
    "events": [
        {
            "kind": "issued",
            "effective_on": "2026-01-01",
            "recorded_at": "2025-12-20T02:00:00Z",
            "recorded_by": "certifier",
            "reason": "",
            "valid_until": None,
        }
    ],
}

Number = Annotated[
    str, Path(min_length=1, max_length=100, description="As printed on the certificate.", examples=[_NUMBER])
]
On = Annotated[
    Day | None, Query(description="The day that counts; today in China by default.", examples=["2026-05-01"])
]
KnownAt = Annotated[
    Moment | None,
    Query(
        description="Only what was recorded by then counts; everything by default.", examples=["2026-05-01T00:00:00Z"]
    ),
]


@router.post(
    "/certificates",
    status_code=201,
    summary="Register a certificate",
    dependencies=[ONCE],
    openapi_extra=example(
        {
            "number": _NUMBER,
            "scheme": "cn.carbon_footprint",
            "kind": "carbon_label",
            "gtin": "9521234543213",
            "footprint_id": _ID,
            "valid_from": "2026-01-01",
            "valid_until": "2029-01-01",
        }
    ),
    responses={
        **answers(201, "Registered, and issued on `issued_on` or `valid_from`.", EXAMPLE),
        200: {"model": Registration, "description": "The same was registered before."},
    },
)
async def create_certificate(
    body: NewCertificate, certifier: CertificatesPartner, session: Session, now: Now, response: Response
) -> Registration:
    """Register a mark on a product; the certifier is the organization whose key is used."""
    row = body.as_row(certifier.organization_id, certifier.label)
    (result,) = await register_certificates(session, [row], now=now)
    return registration(result, response)


@router.post(
    "/certificates/verifications",
    summary="Verify many certificates",
    openapi_extra=example({"numbers": [_NUMBER, "CL-0000-000000"], "on": "2026-05-01"}),
    responses=answers(
        200,
        "One answer for each number, in order.",
        {
            "as_of": "2026-05-01",
            "known_at": None,
            "verifications": [
                _STANDS | {"scheme": "cn.carbon_footprint", "certifier_id": _ID},
                dict.fromkeys([*_STANDS, "scheme", "certifier_id"]) | {"number": "CL-0000-000000"},
            ],
        },
    ),
)
async def verify_certificates(body: Verifications, session: Session, now: Now) -> VerificationList:
    """Say where up to 1,000 certificates stand on a day, as known at a time. An unknown number is answered so."""
    day = body.on or local_day(now, TIME_ZONE)
    found = await histories(session, body.numbers)
    return VerificationList(
        as_of=day,
        known_at=body.known_at,
        verifications=[Verification.of(each, found.get(each), day, body.known_at) for each in body.numbers],
    )


@router.get(
    "/certificates/{number:path}",
    summary="Show a certificate",
    response_model=CertificatePage,
    responses={
        **answers(200, "Where it stands, and everything that happened to it.", _PAGE),
        304: {"description": "It is still as the ETag in `If-None-Match` says."},
    },
)
async def show_certificate(
    number: Number, request: Request, session: Session, now: Now, on: On = None, known_at: KnownAt = None
) -> Response:
    """Show where a certificate stands on a day, as known at a time, its history, and what its mark may be used for.

    `on` and `known_at` are two times: how it stands on a day by what is known now, and how it stood on that day by what
    was known then.
    """
    history = (await histories(session, [number])).get(number)
    if history is None or (known_at is not None and history.recorded_at > known_at):
        raise UnknownCertificateError
    return tagged(request, CertificatePage.of(history, on or local_day(now, TIME_ZONE), known_at))


@router.post(
    "/certificates/{number:path}/events",
    status_code=201,
    summary="Record what happened to a certificate",
    dependencies=[ONCE],
    openapi_extra=example(
        {"kind": "suspended", "effective_on": "2026-05-01", "reason": "Surveillance found another raw material."}
    ),
    responses=answers(201, "Recorded; it counts from `effective_on`.", EXAMPLE),
)
async def create_certificate_event(
    number: Number, body: NewEvent, certifier: CertificatesPartner, session: Session, now: Now, response: Response
) -> Registration:
    """Record surveillance, suspension, reinstatement, renewal, withdrawal or expiry of a certificate of your own.

    What makes no sense from where the certificate stands on that day is refused with the statuses it may come from.
    """
    if number not in await histories(session, [number]):
        raise UnknownCertificateError
    row = body.as_row(number, certifier.organization_id, certifier.label)
    return registration(await record_event(session, row, now=now), response)
