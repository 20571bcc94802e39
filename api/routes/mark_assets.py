"""The official pictures of marks: certifiers upload them, and anybody may see one while its certificate is valid."""

from typing import Final
from urllib.parse import quote

from fastapi import Request, Response

from api.audiences import CertificatesPartner
from api.dependencies import Now, Session
from api.etags import UNCHANGED, tagged_bytes
from api.idempotency import ONCE
from api.openapi import answers, example
from api.registering import EXAMPLE, registration
from api.routes.certificates import TIME_ZONE, Number
from api.routing import router as new_router
from api.schemas.mark_assets import NewMarkPicture
from api.schemas.products import Registration
from core.clock import local_day
from labels.certification.mark_assets import keep_mark, picture
from labels.certification.pictures import MediaType

router = new_router(tag="products")

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""An SVG opened by itself is a document: it may set its own colours and do nothing else at all."""
_DOT: Final = "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQAAAABbAUdZAAAADElEQVR4nGNgGNwAAACgAAGwBmIYAAAAAElFTkSuQmCC"


@router.post(
    "/certificates/{number:path}/mark",
    status_code=201,
    summary="Upload the official picture of a mark",
    dependencies=[ONCE],
    openapi_extra=example({"media_type": "image/png", "data": _DOT}),
    responses={
        **answers(201, "Kept; it takes the place of the one before.", EXAMPLE),
        200: {"model": Registration, "description": "This very picture is the mark already."},
    },
)
async def create_certificate_mark(
    number: Number,
    body: NewMarkPicture,
    certifier: CertificatesPartner,
    session: Session,
    now: Now,
    response: Response,
) -> Registration:
    """Tie the official picture of its mark to a certificate of your own: PNG or SVG, at most 512 KiB, kept unaltered.

    It is shown on the pages of certificate and product while the certificate is valid.
    """
    kept = registration(await keep_mark(session, body.for_certificate(number, certifier), now=now), response)
    response.headers["Location"] = f"/v1/certificates/{quote(number, safe='')}/mark"
    return kept


@router.get(
    "/certificates/{number:path}/mark",
    summary="Show the official picture of a mark",
    response_class=Response,
    responses={
        200: {"description": "The picture, as uploaded.", "content": {each.value: {} for each in MediaType}},
        **UNCHANGED,
    },
)
async def show_certificate_mark(number: Number, request: Request, session: Session, now: Now) -> Response:
    """Show the mark of a certificate that is valid today; no other one's mark may be shown, so it is not found."""
    media_type, data = await picture(session, number, local_day(now, TIME_ZONE))
    response = tagged_bytes(request, data, media_type)
    response.headers["Content-Security-Policy"] = _POLICY
    return response
