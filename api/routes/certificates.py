"""Certifiers register certificates."""

from fastapi import Response

from api.audiences import CertificatesPartner
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.registering import EXAMPLE, registration
from api.routing import router as new_router
from api.schemas.certificates import NewCertificate
from api.schemas.products import Registration
from labels.catalogue import register_certificates

router = new_router(tag="products")


@router.post(
    "/certificates",
    status_code=201,
    summary="Register a certificate",
    dependencies=[ONCE],
    openapi_extra=example(
        {
            "number": "CL-2026-000123",
            "scheme": "CN-CFP",
            "kind": "carbon_label",
            "gtin": "9521234543213",
            "footprint_id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f",
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
