"""Where the QR code on the receipt of an anonymous sale leads: what it is for. It says of no code whether it is one."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.readers import shown
from api.routing import Route
from points.earning.evidence.claim_codes import LENGTH, normalized
from points.errors import NotFoundError

router = APIRouter(route_class=Route, include_in_schema=False)

_METHODS: Final = ["GET", "HEAD"]
_GROUP: Final = 5


@router.api_route("/r/{claim_code}", methods=_METHODS)
async def show_receipt_claim(claim_code: str, request: Request) -> Response:
    """Show the code, and what to do with it. Whoever sees it can claim the receipt, so it is not kept anywhere."""
    code = normalized(claim_code)
    if code is None:
        raise NotFoundError("This is no code of a receipt; check the address.")
    groups = "-".join(code[place : place + _GROUP] for place in range(0, LENGTH, _GROUP))
    response = shown(request, "pages/receipt_claim.html", code=groups)
    response.headers["Cache-Control"] = "no-store"
    return response
