"""Label artwork: one label for anybody who may show it, and archives of many for partners."""

import csv
from collections.abc import Mapping
from io import StringIO
from typing import Annotated, Final

from anyio.to_thread import run_sync
from fastapi import Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.audiences import ProductsPartner
from api.dependencies import Now, Session
from api.errors import InvalidParameterError, MissingCharactersError
from api.etags import tagged_bytes
from api.openapi import example, refusal
from api.printing import archive, fonts, png_of, svg_of, unprintable
from api.routing import router as new_router
from api.schemas.artwork import ArtworkOrder, Dpi, Form
from core.clock import local_day
from core.settings import settings
from labels.artwork import Face, Size, face_of
from labels.comparators import label_facts_of
from labels.errors import InvalidCodeError, NoLabelError, UnknownProductError
from labels.gtin import parse_code, require_labelled
from labels.label_facts import LabelFacts
from labels.queries import facts_for
from labels.registrations import CERTIFIED_KINDS
from labels.savings import Obstacle
from labels.wording import Language

router = new_router(tag="products")

_TIME_ZONE: Final = "Asia/Shanghai"
_GLOBAL_ROOT: Final = "https://id.gs1.org"
_TYPES: Final = {Form.SVG: "image/svg+xml", Form.PNG: "image/png"}
_ZIP: Final = "application/zip"


def link_of(gtin: str) -> str:
    """Return the GS1 Digital Link a label's QR code holds: plain, on this programme's domain or GS1's own."""
    return f"{settings().public_url or _GLOBAL_ROOT}/01/{gtin}"


@router.get(
    "/products/{gtin}/label.{form}",
    summary="Draw a product's label",
    response_class=Response,
    responses={
        200: {"description": "The label, in its size in print.", "content": {media: {} for media in _TYPES.values()}},
        304: {"description": "It is still as the ETag in `If-None-Match` says."},
        **refusal(409),
    },
)
async def show_label(
    gtin: Annotated[str, Path(pattern=r"^[0-9]{8,14}$", examples=["9521234543213"])],
    form: Annotated[Form, Path(examples=["png"])],
    request: Request,
    session: Session,
    now: Now,
    language: Annotated[Language, Query()] = Language.CHINESE,
    size: Annotated[Size, Query()] = Size.SMALL,
    dpi: Annotated[Dpi, Query()] = 203,
) -> Response:
    """Draw the programme's own label with figure, comparison, grade, certificate and a QR code, as SVG or PNG.

    The QR code holds the product's GS1 Digital Link. 409 when no certificate of the product is valid today,
    and for a PNG whose name has characters that the fonts here lack.
    """
    key = require_labelled(parse_code(gtin))
    facts = await facts_for(session, [key])
    if key not in facts:
        raise UnknownProductError(f"No product is registered under {key}.")
    placed = (await label_facts_of(session, facts, local_day(now, _TIME_ZONE), CERTIFIED_KINDS))[key]
    if isinstance(placed, Obstacle):
        raise NoLabelError(f"{key} may not carry a label today: {placed.detail}", reason=placed.reason.value)
    face = face_of(placed, link_of(key), language)
    if form is Form.PNG and (lack := await run_sync(unprintable, face)) is not None:
        raise MissingCharactersError(f"{key}: {lack}")
    drawn = svg_of(face, size)
    body = drawn.encode() if form is Form.SVG else await run_sync(png_of, drawn, dpi)
    return tagged_bytes(request, body, _TYPES[form])


@router.post(
    "/artwork",
    summary="Draw labels of many products",
    response_class=StreamingResponse,
    openapi_extra=example({"gtins": ["9521234543213"], "form": "png", "language": "zh", "size": "small", "dpi": 203}),
    responses={200: {"description": "A ZIP: one file for each label, and `report.csv`.", "content": {_ZIP: {}}}},
)
async def create_artwork(
    body: ArtworkOrder,
    partner: ProductsPartner,  # noqa: ARG001 - says who may order
    session: Session,
    now: Now,
) -> StreamingResponse:
    """Draw labels of up to 500 products. `report.csv` in the archive says of every GTIN what became of it."""
    keys = _keys(body.gtins)
    facts = await facts_for(session, keys)
    placed = await label_facts_of(session, facts, local_day(now, _TIME_ZONE), CERTIFIED_KINDS)
    if body.form is Form.PNG:
        fonts()
    faces = {
        gtin: face_of(each, link_of(gtin), body.language)
        for gtin, each in placed.items()
        if isinstance(each, LabelFacts)
    }
    lacks = await run_sync(_lacks, faces) if body.form is Form.PNG else {}
    drawn = {gtin: face for gtin, face in faces.items() if gtin not in lacks}
    dpi = body.dpi if body.form is Form.PNG else None
    pieces = archive(drawn, body.size, dpi, _report(keys, placed, lacks, body.form))
    headers = {"Content-Disposition": 'attachment; filename="labels.zip"'}
    return StreamingResponse(pieces, media_type=_ZIP, headers=headers)


def _keys(gtins: list[str]) -> list[str]:
    keys: dict[str, None] = {}
    for place, gtin in enumerate(gtins):
        try:
            keys[require_labelled(parse_code(gtin))] = None
        except InvalidCodeError as error:
            raise InvalidParameterError(f"{gtin}: {error}", pointer=f"#/gtins/{place}", part="body") from error
    return list(keys)


def _lacks(faces: Mapping[str, Face]) -> dict[str, str]:
    """Return what to say of the labels that can not be drawn with the fonts here."""
    return {gtin: lack for gtin, face in faces.items() if (lack := unprintable(face)) is not None}


def _report(keys: list[str], placed: Mapping[str, LabelFacts | Obstacle], lacks: Mapping[str, str], form: Form) -> str:
    """Return a line for each product: its file, or why it has none."""
    text = StringIO()
    lines = csv.writer(text)
    lines.writerow(["gtin", "file", "reason", "detail"])
    for key in keys:
        found = placed.get(key)
        if key in lacks:
            lines.writerow([key, "", "unprintable_characters", lacks[key]])
        elif isinstance(found, LabelFacts):
            lines.writerow([key, f"{key}.{form}", "", ""])
        elif found is None:
            lines.writerow([key, "", "unknown_product", "No product is registered under this GTIN."])
        else:
            lines.writerow([key, "", found.reason.value, found.detail])
    return text.getvalue()
