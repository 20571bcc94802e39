"""Certifiers and makers register footprints."""

from fastapi import Response

from api.audiences import FootprintsPartner
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.registering import EXAMPLE, registration
from api.routing import router as new_router
from api.schemas.footprints import NewFootprint
from api.schemas.products import Registration
from labels.catalogue import register_footprints

router = new_router(tag="products")


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
    """Register a version of a product's footprint. One no product of its category can have is kept for review."""
    del partner  # that its key has the scope is all that counts
    (result,) = await register_footprints(session, [body.as_row()], now=now)
    return registration(result, response)
