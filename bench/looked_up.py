"""The service's own application with two more routes: look-ups that answer as the real ones do, with no database."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.routing import APIRoute

from api.app import create_app
from api.etags import tagged
from api.routes import comparators, products
from api.routing import router as new_router
from api.schemas.comparators import ComparisonPage
from api.schemas.products import ProductPage
from bench.registry import COMPARISON_PATH, PRODUCT_PATH
from labels.gtin import parse_code, require_labelled

app = create_app()
"""What `core.serve` runs for a measurement; production runs `api.app:app`, which has no such routes."""


def _example(routes: APIRouter, name: str) -> Any:  # noqa: ANN401 - an example is any JSON
    """Return what a route shows as its answer."""
    [route] = [route for route in routes.routes if isinstance(route, APIRoute) and route.name == name]
    return route.responses[200]["content"]["application/json"]["example"]


router = new_router(tag="products")
_PRODUCT: Final = ProductPage.model_validate(_example(products.router, "show_product"))
_COMPARISON: Final = ComparisonPage.model_validate(_example(comparators.router, "show_comparison"))
Gtin = Annotated[str, Path(pattern=r"^[0-9]{8,14}$")]


@router.get(f"{PRODUCT_PATH.removeprefix('/v1')}/{{gtin}}", response_model=ProductPage)
async def show_no_product(gtin: Gtin, request: Request) -> Response:
    """Answer as for a product."""
    return tagged(request, _PRODUCT.model_copy(update={"gtin": require_labelled(parse_code(gtin))}))


@router.get(f"{COMPARISON_PATH.removeprefix('/v1')}/{{gtin}}", response_model=ComparisonPage)
async def show_no_comparison(gtin: Gtin, request: Request) -> Response:
    """Answer as for a comparison."""
    return tagged(request, _COMPARISON.model_copy(update={"gtin": require_labelled(parse_code(gtin))}))


app.include_router(router)
