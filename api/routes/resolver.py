"""The GS1-Conformant resolver (standard 1.2): from a scanned GS1 Digital Link to what is known of the product.

Every target is an address of this service, so nobody can be sent elsewhere from here. An unknown batch or serial is
answered like its product. `/.well-known/gs1resolver` says what this resolver can do.
"""

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import RedirectResponse, Response

from api import problems
from api.addresses import root_of
from api.dependencies import Now, Session
from api.errors import ApiError, MalformedRequestError
from api.negotiation import best, preferences
from api.rendering import page
from api.routing import Handle, Route
from core.clock import local_day
from core.settings import settings
from labels.errors import InvalidCodeError, LabelsError, UnknownLinkError, UnknownProductError
from labels.gtin import parse_code
from labels.links import CONTEXT, VOCABULARY, WHOLE, Item, Link, LinkType, forwarded, link_type_of, linkset, matching
from labels.resolution import resolve

METHODS: Final = "GET, HEAD, OPTIONS"
LINKSET: Final = "application/linkset+json"
_JSON: Final = "application/json"
_JSON_LD: Final = "application/ld+json"
_HTML: Final = "text/html"
_OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Expose-Headers": "Link, Location",
    "Vary": "Accept, Accept-Language",
}
_PREFLIGHT: Final = {
    "Allow": METHODS,
    "Access-Control-Allow-Headers": "Accept, Accept-Language",
    "Access-Control-Max-Age": "86400",
}
_TIME_ZONE: Final = "Asia/Shanghai"
_CANONICAL: Final = "https://id.gs1.org"
_CONTEXT_LINK: Final = f'<{CONTEXT}>; rel="http://www.w3.org/ns/json-ld#context"; type="{_JSON_LD}"'


class OpenRoute(Route):
    """A route for any website's scripts (CORS), whose refusals a person with a browser can read."""

    def get_route_handler(self) -> Handle:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except (ApiError, LabelsError, RequestValidationError) as error:
                response = _refusal(request, error)
            response.headers.update(_OPEN)
            return response

        return answer


def _refusal(request: Request, error: Exception) -> Response:
    if best(preferences(request.headers.get("accept", "")), (problems.MEDIA_TYPE, _HTML)) != _HTML:
        return problems.response_for(request, error)
    problem = problems.type_of(error)
    return page("resolver/refusal.html", status=problem.status, problem=problem, detail=str(error))


router = APIRouter(tags=["products"], route_class=OpenRoute)

_PROBLEM: Final[dict[str, Any]] = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_EXAMPLE: Final = {
    "linkset": [
        {
            "anchor": "https://id.example.org/01/09521234543213",
            "itemDescription": "龙井茶 / Longjing tea",
            f"{VOCABULARY}defaultLink": [
                {"href": "https://id.example.org/products/09521234543213", "title": "产品信息 Product information"}
            ],
        }
    ]
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Every link of the product, as a linkset (RFC 9264).",
        "content": {LINKSET: {"example": _EXAMPLE}, _JSON: {}, _JSON_LD: {}, _HTML: {}},
    },
    300: {"description": "Several links match: a linkset of them.", "content": {LINKSET: {}, _HTML: {}}},
    307: {"description": "To the link asked for, or to the default one, with the query string passed on."},
    404: {"description": "No such product, or no such link.", "content": _PROBLEM},
}
Identifier = Annotated[
    str, Path(description="A GTIN of 14 digits and what qualifies it.", examples=["09521234543213/10/B7/21/4711"])
]
Wanted = Annotated[
    list[str],
    Query(
        alias="linkType",
        description="A link type of the GS1 Web Vocabulary, or `linkset` for every link.",
        examples=[["gs1:certificationInfo"]],
    ),
]


@router.get(
    "/01/{identifier:path}",
    summary="Resolve a GS1 Digital Link",
    status_code=307,
    response_class=Response,
    responses=_ANSWERS,
)
@router.head("/01/{identifier:path}", name="probe_digital_link", include_in_schema=False)
async def resolve_digital_link(
    identifier: Identifier,  # noqa: ARG001 - declared for the reference; what is read is the path as it was sent
    request: Request,
    session: Session,
    now: Now,
    wanted: Wanted = [],  # noqa: B006 - only read
) -> Response:
    """Redirect to the product's default link or the type of link asked for, or list the links."""
    gtin = _gtin(request)
    item = await resolve(session, gtin, day=local_day(now, _TIME_ZONE))
    if item is None:
        raise UnknownProductError(f"{gtin} is a valid number, but no product is registered under it here.")
    accepted = preferences(request.headers.get("accept", ""))
    named = _named(wanted)
    if named in WHOLE or best(accepted, (_HTML, LINKSET)) == LINKSET:
        return _listed(request, item, item.links, accepted)
    languages = preferences(request.headers.get("accept-language", ""))
    link_type = LinkType.DEFAULT if named is None else link_type_of(named)
    found = () if link_type is None else matching(item.links, link_type, media=accepted, languages=languages)
    if not found:
        raise UnknownLinkError(f"{gtin} has no link of this type; linkType=linkset lists those it has.")
    if len(found) > 1:
        return _listed(request, item, found, accepted, status=300)
    target = root_of(request) + forwarded(found[0].path, request.url.query)
    headers = {"Link": _to_linkset(request, item)}
    if settings().public_url is None:  # the target names the host that was asked, which is not everybody's
        headers["Cache-Control"] = "private, no-store"
    return RedirectResponse(target, 307, headers=headers)


@router.get("/.well-known/gs1resolver", summary="Describe the resolver", response_class=Response)
@router.head("/.well-known/gs1resolver", name="probe_resolver", include_in_schema=False)
async def show_resolver(request: Request) -> Response:
    """Say which keys and link types are resolved here, as GS1's schema of description files wants it."""
    description = {
        "name": "Tanhui 碳惠",
        "resolverRoot": root_of(request),
        "supportedPrimaryKeys": ["01"],
        "supportedLinkType": [{"namespace": VOCABULARY, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
        "jsonLdContextLocation": CONTEXT,
    }
    return Response(orjson.dumps(description), media_type=_JSON)


@router.options("/01/{identifier:path}", include_in_schema=False)  # noqa: FAST003 - any path is answered alike
@router.options("/.well-known/gs1resolver", name="list_resolver_methods", include_in_schema=False)
async def list_methods() -> Response:
    """Say what may be asked, to a script of any origin."""
    return Response(status_code=204, headers=_PREFLIGHT)


def _gtin(request: Request) -> str:
    """Return the GTIN of the address asked for, after checking the whole of it as GS1's engine would.

    Raises:
        MalformedRequestError: when it is no GS1 Digital Link, or holds more than one.
    """
    path = request.scope["raw_path"].decode("latin-1").removesuffix("/")
    query = request.url.query
    try:
        code = parse_code(f"{_CANONICAL}{path}?{query}" if query else _CANONICAL + path)
    except InvalidCodeError as error:
        raise MalformedRequestError(f"This is no GS1 Digital Link: {error}") from error
    if code.gtin is None or 2 * code.path_length != path.count("/"):
        raise MalformedRequestError("This is no GS1 Digital Link: something stands before its key.")
    return code.gtin


def _named(wanted: list[str]) -> str | None:
    named = sorted({each for each in wanted if each})
    if len(named) > 1:
        raise MalformedRequestError("linkType is there twice, with different values; send one.")
    return named[0] if named else None


def _to_linkset(request: Request, item: Item) -> str:
    return f'<{root_of(request)}{item.path}?linkType=linkset>; rel="linkset"; type="{LINKSET}"; title="All links"'


def _listed(
    request: Request, item: Item, links: tuple[Link, ...], accepted: tuple[str, ...], *, status: int = 200
) -> Response:
    """Return links as the client would rather have them; who says nothing gets JSON."""
    root = root_of(request)
    form = best(accepted, (LINKSET, _JSON, _JSON_LD, _HTML)) or LINKSET
    document: dict[str, Any] = linkset(item, links, root)
    linked = {"@context": CONTEXT, **document}
    if form == _HTML:
        shown = orjson.dumps(linked).decode().replace("<", "\\u003c")
        shown_as: dict[str, Any] = {
            "item": item,
            "links": links,
            "root": root,
            "several": links != item.links,
            "json_ld": shown,
        }
        response: Response = page("resolver/links.html", status=status, **shown_as)
    else:
        response = Response(orjson.dumps(linked if form == _JSON_LD else document), status)
        response.headers["Content-Type"] = form
    response.headers["Link"] = f"{_to_linkset(request, item)}, {_CONTEXT_LINK}"
    return response
