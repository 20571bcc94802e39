"""Products: search, and the page that a scanned label leads to."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import Now, Session
from api.pages import linked_data
from api.pages.marks import marks_on
from api.pages.scales import scale_of
from api.pages.stages import shares
from api.readers import reader_of, shown
from api.routes.artwork import link_of
from api.routing import Route
from api.schemas import Day
from core.clock import local_day
from core.settings import settings
from labels import listings
from labels.certification.histories import histories_of
from labels.certification.mark_assets import pictures_of
from labels.comparators import Comparator, compare
from labels.disclosures.disclosures import disclosures_of
from labels.errors import InvalidCodeError, UnknownProductError
from labels.gtin import parse_code, require_labelled
from labels.queries import facts_for
from labels.registrations import CERTIFIED_KINDS
from labels.savings import BASIS_POINTS, Obstacle, Saving, certified_on, saving

router = APIRouter(route_class=Route, include_in_schema=False)

TIME_ZONE: Final = "Asia/Shanghai"
_METHODS: Final = ["GET", "HEAD"]

_PAGE: Final = 24
Words = Annotated[str, Query(max_length=100)]


@router.api_route("/products", methods=_METHODS)
async def search_products(
    request: Request, session: Session, q: Words = "", after: Annotated[str, Query(max_length=14)] = ""
) -> Response:
    """Show labelled products by name, brand or number; the number of a registered product leads straight to it."""
    words = " ".join(q.split())
    gtin = _gtin(words)
    if gtin is not None and await listings.product(session, gtin) is not None:
        return RedirectResponse(reader_of(request).at(f"/products/{gtin}"), 303)
    found = await listings.products(session, words=words, certified=True, after=after, limit=_PAGE + 1)
    following = found[_PAGE - 1].gtin if len(found) > _PAGE else None
    return shown(request, "pages/products.html", words=words, gtin=gtin, products=found[:_PAGE], following=following)


def _gtin(words: str) -> str | None:
    try:
        return require_labelled(parse_code(words)) if words else None
    except InvalidCodeError:
        return None


@router.api_route("/products/{gtin}", methods=_METHODS)
async def show_product_page(
    gtin: str, request: Request, session: Session, now: Now, on: Annotated[Day | None, Query()] = None
) -> Response:
    """Show a product with its footprint, comparison, grade, certificates and their history."""
    key = require_labelled(parse_code(gtin))
    product = await listings.product(session, key)
    if product is None:
        raise UnknownProductError(f"No product is registered under {key}.")
    today = local_day(now, TIME_ZONE)
    day = on or today
    facts = (await facts_for(session, [key]))[key]
    found = await compare(session, facts, day, CERTIFIED_KINDS)
    certified = certified_on(facts, day, CERTIFIED_KINDS)
    footprint = None if isinstance(certified, Obstacle) else certified[1]
    saved = saving(found.basis, quantity=1, evidence_bp=BASIS_POINTS) if isinstance(found, Comparator) else None
    disclosed = None if footprint is None else (await disclosures_of(session, [footprint.id])).get(footprint.id)
    certificates = await histories_of(session, [key])
    marks = marks_on(certificates, day, await pictures_of(session, certificates, today))
    category = product.category_id and await listings.category(session, product.category_id)
    return shown(
        request,
        "pages/product.html",
        product=product,
        shown_on=day,
        is_today=day == today,
        footprint=footprint,
        comparison=found if isinstance(found, Comparator) else None,
        obstacle=found if isinstance(found, Obstacle) else None,
        scale=scale_of(found) if isinstance(found, Comparator) else None,
        saved=saved.full_grams if isinstance(saved, Saving) else None,
        marks=marks,
        category=category,
        disclosed=disclosed,
        stages=[] if disclosed is None else shares(disclosed.stages),
        link=link_of(key),
        contact=settings().contact,
        json_ld=linked_data.script(linked_data.document(product, marks, footprint, link_of(key))),
    )
