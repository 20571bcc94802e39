"""The reference: a plain page made from the OpenAPI document, which needs nothing from elsewhere."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from api.openapi import TAGS
from api.rendering import page
from api.routing import Route

router = APIRouter(route_class=Route, include_in_schema=False)


@router.get("/docs", summary="The API reference", response_class=HTMLResponse)
async def show_reference(request: Request) -> HTMLResponse:
    """Show every operation with its parameters, bodies and answers."""
    document: dict[str, Any] = request.app.openapi()
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    groups = [(tag, [row for row in operations if tag["name"] in row.get("tags", ())]) for tag in TAGS]
    return page("reference.html", info=document["info"], groups=groups, schemas=document["components"]["schemas"])
