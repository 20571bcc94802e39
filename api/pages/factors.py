"""Emission factors with search."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.dependencies import Session
from api.readers import shown
from api.routing import Route
from labels import factor_queries
from labels.factor_queries import FactorSearch
from labels.metrics import Metric

router = APIRouter(route_class=Route, include_in_schema=False)

_METHODS: Final = ["GET", "HEAD"]
_PAGE: Final = 50


@router.api_route("/factors", methods=_METHODS)
async def show_factors(
    request: Request,
    session: Session,
    q: Annotated[str, Query(max_length=100)] = "",
    metric: Annotated[str, Query(max_length=60)] = "",
    region: Annotated[str, Query(max_length=20)] = "",
    after: UUID | None = None,
) -> Response:
    """Show factors by words of subject and source, metric and region."""
    words, place = " ".join(q.split()), region.strip().upper()
    wanted = FactorSearch(words=words, metric=metric or None, region=place or None)
    found = await factor_queries.search(session, wanted, after=after, limit=_PAGE + 1)
    return shown(
        request,
        "pages/factors.html",
        words=words,
        metric=metric,
        place=place,
        metrics=[each.value for each in Metric],
        factors=found[:_PAGE],
        following=found[_PAGE - 1].id if len(found) > _PAGE else None,
    )
