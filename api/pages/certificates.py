"""The page of one certificate: where it stands on a day, and everything that happened to it."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.dependencies import Now, Session
from api.pages.marks import marks_on
from api.readers import shown
from api.routing import Route
from api.schemas import Day
from core.clock import local_day
from labels import listings
from labels.certification.histories import histories
from labels.certification.mark_assets import pictures_of
from labels.errors import UnknownCertificateError

router = APIRouter(route_class=Route, include_in_schema=False)

_METHODS: Final = ["GET", "HEAD"]
_TIME_ZONE: Final = "Asia/Shanghai"


@router.api_route("/certificates/{number:path}", methods=_METHODS)
async def show_certificate_page(
    number: str, request: Request, session: Session, now: Now, on: Annotated[Day | None, Query()] = None
) -> Response:
    """Show a certificate as of a day, today in China by default."""
    history = (await histories(session, [number])).get(number)
    if history is None:
        raise UnknownCertificateError
    product = await listings.product(session, history.gtin)
    today = local_day(now, _TIME_ZONE)
    day = on or today
    (mark,) = marks_on([history], day, await pictures_of(session, [history], today))
    return shown(request, "pages/certificate.html", mark=mark, product=product, shown_on=day)
