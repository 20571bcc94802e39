"""Anybody who has scanned a serialised label asks whether it is genuine."""

from typing import Annotated, Final

from fastapi import Path, Request

from api import limits
from api.dependencies import Session
from api.openapi import answers
from api.routing import router as new_router
from api.schemas.units import Unit
from api.unit_keys import unit_secret
from labels.errors import UnknownUnitError
from labels.gtin import parse_code, require_labelled
from labels.units.verification import verify_units

router = new_router(tag="products")

_BY_ADDRESS: Final = limits.Bound("units-address", most=300, seconds=60)
"""Far above what people at one address scan, and far below what finding a serial by trying would take."""

_UNIT: Final = {
    "gtin": "09521234543213",
    "serial": "7Q2MXB4T9KDH3WRE5N0C",
    "state": "genuine",
    "ordered_at": "2026-05-01T02:00:00Z",
    "revoked_at": None,
    "revoked_reason": None,
}


@router.get("/units/{gtin}/{serial}", summary="Verify a serialised label", responses=answers(200, "Made here.", _UNIT))
async def show_unit(
    gtin: Annotated[str, Path(max_length=14, examples=["09521234543213"])],
    serial: Annotated[str, Path(max_length=20, description="(21), as scanned.", examples=["7Q2MXB4T9KDH3WRE5N0C"])],
    request: Request,
    session: Session,
) -> Unit:
    """Say whether a label is `genuine`, or `revoked` and why. A serial that was never made is not found.

    One address may ask 300 times a minute; an IPv6 address counts with the rest of its /64.
    """
    await limits.spend_address_if_counted(_BY_ADDRESS, request)
    key = require_labelled(parse_code(gtin))
    (unit,) = await verify_units(session, [(key, serial)], secret=unit_secret())
    if unit is None:
        raise UnknownUnitError(f"No label with this serial number was made for {key}: it may be forged or misread.")
    return Unit.model_validate(unit)
