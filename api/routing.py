"""The route every router uses: identity first, then strict query and body, then the work, then the answer kept."""

from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Iterator
from typing import Any, Final

import orjson
from fastapi import APIRouter, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import Response

from api import idempotency
from api.audiences import Audience
from api.dependencies import SESSION
from api.errors import UnsupportedMediaTypeError
from api.idempotency import Answer, Ticket
from api.principals import Principal
from core.db import transaction

_JSON: Final = "application/json"
_VERSION: Final = "/v1"
_TWICE: Final = "this is there more than once; send it once"
Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRequest(Request):
    """A request whose JSON is strict: no NaN, no lone surrogates, no bottomless nesting, no numbers beyond 64 bits."""

    async def json(self) -> Any:  # noqa: ANN401 - JSON is anything
        """Return the body, parsed."""
        return orjson.loads(await self.body())


class Route(APIRoute):
    """A route that knows its audience before it reads anything, and that runs once where it says ONCE."""

    def get_route_handler(self) -> Handle:
        """Return what answers a request."""
        handle = super().get_route_handler()
        audience = next(audiences_of(self.dependant), None)
        media_type = None if self.body_field is None else _media_type(self.body_field.field_info)
        once = any(idempotency.is_once(inner.call) for inner in self.dependant.dependencies)
        strict = self.path.startswith(_VERSION)  # pages and links carry what others put there: a language, a source
        known = frozenset(_query_names(self.dependant))

        async def answer(received: Request) -> Response:
            request = StrictRequest(received.scope, received.receive)
            principal = None if audience is None else await audience(request)
            if strict:
                _require_known(request, known)
            if media_type is not None and await request.body():
                _require(request, media_type)
            if once and principal is not None:
                ticket = await idempotency.ticket_of(request, principal)
                if ticket is not None:
                    return await _run_once(request, principal, ticket, handle)
            return await handle(request)

        return answer


async def _run_once(request: Request, principal: Principal, ticket: Ticket, handle: Handle) -> Response:
    """Answer with what was answered before, or do the work and keep the answer, all in one database transaction."""
    async with transaction() as session:
        (verdict,) = await idempotency.admit(session, principal.programme_id, [ticket])
        if isinstance(verdict, Exception):
            raise verdict
        if isinstance(verdict, Answer):
            return verdict.response()
        request.scope[SESSION] = session
        response = await handle(request)
        body, location = bytes(response.body).decode(), response.headers.get("location")
        answer = Answer(response.status_code, body, location)
        await idempotency.keep(session, principal.programme_id, {ticket.key: answer})
    return response


def audiences_of(dependant: Dependant) -> Iterator[Audience]:
    """Yield every audience in a route's tree of dependencies."""
    if isinstance(dependant.call, Audience):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from audiences_of(inner)


def _query_names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _query_names(inner)


def _require_known(request: Request, known: Collection[str]) -> None:
    """Refuse what nobody reads: whoever asked for a balance as of a day would take the one of now for it.

    Of a name that is there twice only the last is read. No route takes a list in its query.
    """
    sent = Counter(name for name, _ in request.query_params.multi_items())
    unknown = [{"type": "extra_forbidden", "loc": ("query", name), "msg": ""} for name in sent if name not in known]
    twice: list[dict[str, Any]] = [
        {"type": "value_error", "loc": ("query", name), "msg": "", "ctx": {"error": _TWICE}}
        for name, times in sent.items()
        if times > 1 and name in known
    ]
    if unknown or twice:
        raise RequestValidationError([*unknown, *twice])


def _media_type(field: object) -> str:
    return str(getattr(field, "media_type", _JSON))


def _require(request: Request, media_type: str) -> None:
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != media_type:
        raise UnsupportedMediaTypeError(
            None if media_type == _JSON else f"The body must be a form: send it as {media_type}."
        )


def router(*, tag: str) -> APIRouter:
    """Return an empty router for the routes of one noun, below /v1."""
    return APIRouter(prefix=_VERSION, tags=[tag], route_class=Route)
