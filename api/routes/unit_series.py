"""Makers order serialised labels, take them as CSV or as sheets to print, and revoke them."""

from collections.abc import Iterator
from typing import Annotated, Final
from uuid import UUID

from fastapi import Path, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.addresses import root_of
from api.audiences import UnitsPartner
from api.dependencies import Now, Session
from api.errors import InvalidParameterError
from api.idempotency import ONCE
from api.openapi import answers, example
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, next_cursor
from api.routing import router as new_router
from api.schemas.unit_series import NewRevocation, NewUnitSeries, UnitSeries, UnitSeriesPage
from api.unit_keys import unit_secret
from labels.units import tables
from labels.units.serials import SeriesKey
from labels.units.sheets import Label, numbers_on, sheet_svg, sheets_for
from labels.units.unit_series import (
    NewSeries,
    find_series,
    list_series,
    order_series,
    printing_key,
    revoke_series,
)

router = new_router(tag="products")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_SERIES: Final = {
    "id": _ID,
    "gtin": "09521234543213",
    "count": 5000,
    "sheets": 125,
    "note": "春茶 2026",
    "ordered_at": "2026-05-01T02:00:00Z",
    "revoked_at": None,
    "revoked_reason": None,
}
_REVOKED: Final = _SERIES | {"revoked_at": "2026-06-01T02:00:00Z", "revoked_reason": "A roll was stolen."}
_ROWS_AT_ONCE: Final = 1000
SeriesId = Annotated[UUID, Path(examples=[_ID])]


@router.post(
    "/unit-series",
    status_code=201,
    summary="Order serialised labels",
    dependencies=[ONCE],
    openapi_extra=example({"gtin": "9521234543213", "count": 5000, "note": "春茶 2026"}),
    responses=answers(201, "Ordered; fetch the labels as CSV or sheets.", _SERIES),
)
async def create_unit_series(
    body: NewUnitSeries, maker: UnitsPartner, session: Session, now: Now, response: Response
) -> UnitSeries:
    """Make a series of labels, each with a serial number that nobody can guess."""
    order = NewSeries(body.gtin, body.count, maker.organization_id, maker.label, body.note or "")
    series = await order_series(session, order, secret=unit_secret(), now=now)
    response.headers["Location"] = f"/v1/unit-series/{series.id}"
    return _shown(series)


@router.get(
    "/unit-series",
    summary="List your series of labels",
    responses=answers(200, "The newest first.", {"series": [_SERIES], "next_cursor": None}),
)
async def list_unit_series(
    maker: UnitsPartner, session: Session, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> UnitSeriesPage:
    """Show the series your organization ordered."""
    found = await list_series(session, maker.organization_id, after=cursor, limit=limit)
    following = next_cursor([series.id for series in found], limit)
    return UnitSeriesPage(series=[_shown(series) for series in found], next_cursor=following)


@router.get(
    "/unit-series/{series_id}", summary="Show a series of labels", responses=answers(200, "The series.", _SERIES)
)
async def show_unit_series(series_id: SeriesId, maker: UnitsPartner, session: Session) -> UnitSeries:
    """Show one of your series."""
    return _shown(await find_series(session, maker.organization_id, series_id))


@router.get(
    "/unit-series/{series_id}/serials.csv",
    summary="Fetch the labels of a series as CSV",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One line for each label.",
            "content": {"text/csv": {"example": "number,gtin,serial,uri\r\n"}},
        }
    },
)
async def list_serials(
    series_id: SeriesId, request: Request, maker: UnitsPartner, session: Session
) -> StreamingResponse:
    """Stream number, GTIN, serial and GS1 Digital Link of every label, however many there are."""
    series = await find_series(session, maker.organization_id, series_id)
    lines = _csv(printing_key(series, unit_secret()), _stem(request, series), series.gtin, series.count)
    headers = {"Content-Disposition": f'attachment; filename="serials-{series.code}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type="text/csv", headers=headers)


@router.get(
    "/unit-series/{series_id}/sheets/{sheet}",
    summary="Fetch a sheet of labels to print",
    response_class=Response,
    responses={200: {"description": "An A4 sheet of QR codes.", "content": {"image/svg+xml": {}}}},
)
async def show_sheet(
    series_id: SeriesId,
    sheet: Annotated[int, Path(ge=1, description="1 to the series' `sheets`.", examples=[1])],
    request: Request,
    maker: UnitsPartner,
    session: Session,
) -> Response:
    """Return one sheet as SVG: forty labels, each a QR code of its GS1 Digital Link with the serial below."""
    series = await find_series(session, maker.organization_id, series_id)
    if sheet > sheets_for(series.count):
        detail = f"This series has {sheets_for(series.count)} sheets; ask for one of them."
        raise InvalidParameterError(detail, pointer="#/sheet", part="path")
    key, stem = printing_key(series, unit_secret()), _stem(request, series)
    serials = [key.serial(number) for number in numbers_on(sheet, series.count)]
    labels = [Label(series.gtin, serial, stem + serial) for serial in serials]
    title = f"{series.gtin} {series.note} {sheet}/{sheets_for(series.count)}"
    svg = await run_in_threadpool(sheet_svg, labels, title)
    return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@router.post(
    "/unit-series/{series_id}/revocations",
    status_code=201,
    summary="Revoke a series of labels",
    dependencies=[ONCE],
    openapi_extra=example({"reason": "A roll was stolen."}),
    responses=answers(201, "Revoked: none of its labels verifies any more.", _REVOKED),
)
async def create_unit_series_revocation(
    series_id: SeriesId, body: NewRevocation, maker: UnitsPartner, session: Session, now: Now
) -> UnitSeries:
    """Revoke a series for good. Revoking it again changes nothing."""
    organization_id, by = maker.organization_id, maker.label
    return _shown(await revoke_series(session, organization_id, series_id, reason=body.reason, by=by, now=now))


def _shown(series: tables.UnitSeries) -> UnitSeries:
    given = series.model_dump(include=set(UnitSeries.model_fields) - {"sheets"})
    return UnitSeries(**given, sheets=sheets_for(series.count))


def _stem(request: Request, series: tables.UnitSeries) -> str:
    """Return what stands before the serial in a label's GS1 Digital Link; serials need no escaping."""
    return f"{root_of(request)}/01/{series.gtin}/21/"


def _csv(key: SeriesKey, stem: str, gtin: str, count: int) -> Iterator[str]:
    """Yield the lines of the file, many at once: each piece is made in a thread of its own."""
    yield "number,gtin,serial,uri\r\n"
    for first in range(1, count + 1, _ROWS_AT_ONCE):
        numbers = range(first, min(first + _ROWS_AT_ONCE, count + 1))
        rows = ((number, key.serial(number)) for number in numbers)
        yield "".join(f"{number},{gtin},{serial},{stem}{serial}\r\n" for number, serial in rows)
