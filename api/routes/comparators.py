"""How a product compares with the usual one of its category: public, and never for sale."""

from typing import Annotated, Final

from fastapi import Path, Query, Request, Response

from api.dependencies import Now, Session
from api.etags import tagged
from api.openapi import answers
from api.routing import router as new_router
from api.schemas import Day
from api.schemas.comparators import ComparisonPage
from core.clock import local_day
from labels.comparators import ALTERNATIVES_RULE, compare
from labels.errors import UnknownProductError
from labels.gtin import parse_code, require_labelled
from labels.queries import facts_for
from labels.registrations import CERTIFIED_KINDS

router = new_router(tag="products")

_TIME_ZONE: Final = "Asia/Shanghai"
_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_EXAMPLE: Final = {
    "gtin": "09521234543213",
    "as_of": "2026-05-01",
    "comparison": {
        "certificate_number": "CL-2026-000123",
        "footprint_id": _ID,
        "milligrams_per_unit": 6_570_000,
        "baseline_id": _ID,
        "baseline_milligrams_per_unit": 9_120_000,
        "baseline_model": "category_mean",
        "functional_unit": "kg",
        "boundary": "cradle_to_grave",
        "standard": "ISO 14067",
        "region": "CN",
        "below_bp": 2796,
        "grade": "A",
        "grade_method": "quartiles/2",
        "thresholds": [
            {"grade": "A", "up_to_mg": 6_900_000},
            {"grade": "B", "up_to_mg": 9_120_000},
            {"grade": "C", "up_to_mg": 11_400_000},
            {"grade": "D", "up_to_mg": 18_150_000},
            {"grade": "E", "up_to_mg": None},
        ],
        "sample_size": 12,
        "range": {"lowest_mg": 5_900_000, "highest_mg": 14_000_000, "products": 9},
        "alternatives": [
            {
                "gtin": "09521234543220",
                "name_zh": "示范绿茶",
                "name_en": "Demonstration green tea",
                "milligrams_per_unit": 5_900_000,
                "below_bp": 1019,
            }
        ],
        "alternatives_rule": ALTERNATIVES_RULE,
    },
    "obstacle": None,
}


@router.get(
    "/products/{gtin}/comparison",
    summary="Compare a product",
    response_model=ComparisonPage,
    responses={
        **answers(200, "How it compares as of the day, or why it can not be compared.", _EXAMPLE),
        304: {"description": "It is still as the ETag in `If-None-Match` says."},
    },
)
async def show_comparison(
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
    """Show how far a product lies below the usual one, its grade, the category's range, and lower-carbon products."""
    key = require_labelled(parse_code(gtin))
    facts = (await facts_for(session, [key])).get(key)
    if facts is None:
        raise UnknownProductError(f"No product is registered under {key}.")
    day = on or local_day(now, _TIME_ZONE)
    return tagged(request, ComparisonPage.of(key, day, await compare(session, facts, day, CERTIFIED_KINDS)))
