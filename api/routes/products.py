"""Products: a public page for each, and how partners register them."""

from typing import Annotated, Final

from fastapi import Path, Query, Request, Response

from api.audiences import ProductsPartner
from api.dependencies import Now, Session
from api.etags import tagged
from api.idempotency import ONCE
from api.openapi import answers, example
from api.registering import registration
from api.routing import router as new_router
from api.schemas import Day
from api.schemas.products import NewProduct, ProductPage, Registration
from core.clock import local_day
from labels import listings
from labels.catalogue import register_products
from labels.errors import UnknownProductError
from labels.gtin import parse_code, require_labelled
from labels.queries import facts_for

router = new_router(tag="products")

_TIME_ZONE: Final = "Asia/Shanghai"
_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_PAGE: Final = {
    "gtin": "09521234543213",
    "name_zh": "示范乌龙茶",
    "name_en": "Demonstration oolong tea",
    "brand": "Demo",
    "pack": "33克*30",
    "category_id": "tea",
    "net_content_micro": 990_000,
    "as_of": "2026-05-01",
    "certificates": [
        {
            "number": "CL-2026-000123",
            "scheme": "cn.carbon_footprint",
            "kind": "carbon_label",
            "status": "valid",
            "valid_from": "2026-01-01",
            "valid_until": "2029-01-01",
        }
    ],
    "footprints": [],
    "potential": {
        "saving_grams": 206,
        "certificate_number": "CL-2026-000123",
        "footprint_id": _ID,
        "baseline_id": _ID,
        "baseline_milligrams_per_unit": 9_120_000,
        "baseline_model": "category_mean",
    },
    "obstacle": None,
}


@router.get(
    "/products/{gtin}",
    summary="Show a product",
    response_model=ProductPage,
    responses={
        **answers(200, "The product as of the day.", _PAGE),
        304: {"description": "It is still as the ETag in `If-None-Match` says."},
    },
)
async def show_product(
    gtin: Annotated[
        str, Path(pattern=r"^[0-9]{8,14}$", description="8, 12, 13 or 14 digits.", examples=["9521234543213"])
    ],
    request: Request,
    session: Session,
    now: Now,
    on: Annotated[
        Day | None, Query(description="The day that counts; today in China by default.", examples=["2026-05-01"])
    ] = None,
) -> Response:
    """Show a product, the marks on it and their status, its footprints, and what one unit saves or why none is told."""
    key = require_labelled(parse_code(gtin))
    product = await listings.product(session, key)
    if product is None:
        raise UnknownProductError(f"No product is registered under {key}.")
    facts = (await facts_for(session, [key]))[key]
    return tagged(request, ProductPage.of(product, facts, on or local_day(now, _TIME_ZONE)))


@router.post(
    "/products",
    status_code=201,
    summary="Register a product",
    dependencies=[ONCE],
    openapi_extra=example(
        {"gtin": "9521234543213", "name_zh": "示范乌龙茶", "category_id": "tea", "pack": "33克*30", "brand": "Demo"}
    ),
    responses={
        **answers(201, "Registered.", {"id": "09521234543213", "status": "accepted"}),
        200: {"model": Registration, "description": "The same was registered before."},
    },
)
async def create_product(
    body: NewProduct, partner: ProductsPartner, session: Session, now: Now, response: Response
) -> Registration:
    """Register a trade item under its GTIN. Ranges that shops use for themselves, coupons and books are refused."""
    (result,) = await register_products(session, [body.as_row(partner.organization_id)], now=now)
    return registration(result, response)
