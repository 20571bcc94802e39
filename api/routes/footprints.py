"""Certifiers and makers register footprints; anybody reads them in the form that companies exchange them in."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path, Request, Response

from api.audiences import FootprintsPartner
from api.dependencies import Now, Session
from api.etags import tagged
from api.idempotency import ONCE
from api.openapi import answers, example
from api.registering import EXAMPLE, registration
from api.routing import router as new_router
from api.schemas.footprints import FootprintPage, NewFootprint
from api.schemas.products import Registration
from labels.catalogue import register_footprints
from labels.disclosures.publications import published
from labels.errors import UnknownFootprintError

router = new_router(tag="products")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_PAGE: Final[dict[str, Any]] = {
    "data": {
        "id": _ID,
        "specVersion": "3.0.0",
        "created": "2026-01-05T02:00:00Z",
        "status": "Active",
        "validityPeriodStart": "2026-01-01T00:00:00Z",
        "validityPeriodEnd": "2029-01-01T00:00:00Z",
        "companyName": "示范茶厂",
        "companyIds": [f"urn:uuid:{_ID}"],
        "productDescription": "Demo Demonstration oolong tea 33克*30",
        "productIds": ["urn:gtin:09521234543213"],
        "productNameCompany": "示范乌龙茶",
        "pcf": {
            "declaredUnitOfMeasurement": "kilogram",
            "declaredUnitAmount": "1",
            "productMassPerDeclaredUnit": "1",
            "pcfExcludingBiogenicUptake": "8.91",
            "pcfIncludingBiogenicUptake": "7.41",
            "fossilGhgEmissions": "8.5",
            "landUseChangeGhgEmissions": "0.41",
            "biogenicCO2Uptake": "-1.5",
            "crossSectoralStandards": ["ISO14067"],
        },
    },
    "missing": ["pcf.fossilCarbonContent"],
}


@router.post(
    "/footprints",
    status_code=201,
    summary="Register a footprint",
    dependencies=[ONCE],
    openapi_extra=example(
        {
            "gtin": "9521234543213",
            "milligrams_per_unit": 8_910_000,
            "functional_unit": "kg",
            "boundary": "cradle_to_grave",
            "standard": "ISO 14067",
            "region": "CN",
            "valid_from": "2026-01-01",
            "uptake_mg": 1_500_000,
            "disclosure": {
                "declared_unit": "kilogram",
                "declared_unit_amount_micro": 1_000_000,
                "reference_period_start": "2025-01-01",
                "reference_period_end": "2026-01-01",
                "geography": "CN-ZJ",
                "fossil_mg": 8_500_000,
                "land_use_change_mg": 410_000,
                "biogenic_uptake_mg": 1_500_000,
                "stages": {"raw_material_acquisition": 4_000_000, "production": 4_910_000},
                "primary_data_share_bp": 6_500,
            },
        }
    ),
    responses={
        **answers(201, "Registered.", EXAMPLE),
        200: {"model": Registration, "description": "The same was registered before."},
    },
)
async def create_footprint(
    body: NewFootprint, partner: FootprintsPartner, session: Session, now: Now, response: Response
) -> Registration:
    """Register a version of a product's footprint. One no product of its category can have is kept for review.

    For the product's maker, for who registered it, and for certifiers.
    With a `disclosure`, the parts must add up to the figures as PACT has them, or it is refused with the right sum.
    """
    (result,) = await register_footprints(session, [body.as_row()], now=now, by_id=partner.organization_id)
    return registration(result, response)


@router.get(
    "/footprints/{footprint_id}",
    summary="Show a footprint",
    response_model=FootprintPage,
    responses={
        **answers(200, "The footprint in PACT's data model, and what it lacks of it.", _PAGE),
        304: {"description": "It is still as the ETag in `If-None-Match` says."},
    },
)
async def show_footprint(
    footprint_id: Annotated[UUID, Path(examples=[_ID])], request: Request, session: Session
) -> Response:
    """Show a footprint as a ProductFootprint of PACT's Technical Specifications 3.0; amounts are kg, in text."""
    found = await published(session, footprint_id)
    if found is None:
        raise UnknownFootprintError
    return tagged(request, FootprintPage.of(found))
