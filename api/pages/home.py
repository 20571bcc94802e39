"""The front page, and how everything is worked out."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.dependencies import Session
from api.readers import shown
from api.routing import Route
from labels import grades, listings

router = APIRouter(route_class=Route, include_in_schema=False)

_METHODS: Final = ["GET", "HEAD"]
_SHOWN: Final = 6


@router.api_route("/", methods=_METHODS)
async def show_home(request: Request, session: Session) -> Response:
    """Show what this is, with a search and a few labelled products."""
    products = await listings.products(session, certified=True, limit=_SHOWN)
    return shown(request, "pages/home.html", products=products)


@router.api_route("/methodology", methods=_METHODS)
async def show_methodology(request: Request) -> Response:
    """Show how savings, grades and alternatives are worked out."""
    return shown(request, "pages/methodology.html", method=grades.METHOD)
