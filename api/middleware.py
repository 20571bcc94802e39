"""What wraps every request: an id, metrics, safe headers, a bound on its size. Plain ASGI, no task per request."""

import re
from collections.abc import Mapping
from time import perf_counter
from typing import Any, Final, cast

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.errors import BodyTooLargeError, MalformedRequestError
from core.ids import new_id

_SANE_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9_.:\-]{8,100}")
_MOST_DIGITS: Final = 15
_ENCODED_NUL: Final = b"%00"
_CONTENT_POLICY: Final = (
    b"default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    b"frame-ancestors 'none'"
)
_SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", _CONTENT_POLICY),
    (b"cross-origin-resource-policy", b"cross-origin"),
)

REQUESTS: Final = Counter("tanhui_http_requests_total", "Requests answered.", ("operation", "status"))
SECONDS: Final = Histogram(
    "tanhui_http_request_seconds",
    "Time to answer.",
    ("operation",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

_log = structlog.get_logger("api.requests")


class RequestContext:
    """Gives each request an id that runs through logs, tasks and the answer, and counts it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope["request_id"] = _request_id(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, status = perf_counter(), 500

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                headers += [header for header in _SECURITY_HEADERS if header[0] not in present]
                headers.append((b"x-request-id", request_id.encode()))
                message["headers"] = headers
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        finally:
            _observe(scope, status, perf_counter() - started)


def _request_id(scope: Scope) -> str:
    """Return the caller's X-Request-ID when it is harmless to log and to send back, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_REQUEST_ID.fullmatch(value):
            return cast("bytes", value).decode()
    return str(new_id())


def _observe(scope: Scope, status: int, seconds: float) -> None:
    endpoint = scope.get("endpoint")
    operation = getattr(endpoint, "__name__", "none")
    REQUESTS.labels(operation, status).inc()
    SECONDS.labels(operation).observe(seconds)
    _log.debug("request", operation=operation, method=scope["method"], status=status, seconds=round(seconds, 6))


class Bounds:
    """Refuses what no route should ever see: NUL in an address, and a body beyond the limit, announced or not."""

    def __init__(self, app: ASGIApp, *, body_limit_bytes: int, larger_bytes: Mapping[str, int] | None = None) -> None:
        """Take the limit, and the paths that have a larger one."""
        self._app = app
        self._limit, self._larger = body_limit_bytes, larger_bytes or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], self._limit)
        refusal = self._refusal(scope, limit)
        if refusal is not None:
            response = problems.response_for(Request(scope), refusal)
            if isinstance(refusal, BodyTooLargeError):  # do not read what we refused, merely to keep the connection
                MutableHeaders(raw=response.raw_headers)["Connection"] = "close"
            await response(scope, receive, send)
            return
        await self._app(scope, self._counted(receive, limit), send)

    def _refusal(self, scope: Scope, limit: int) -> Exception | None:
        if "\x00" in scope["path"] or _ENCODED_NUL in scope["query_string"]:
            return MalformedRequestError("The address contains a NUL character; remove it.")
        for name, value in scope["headers"]:
            if name == b"content-length" and not (
                value.isdigit() and len(value) <= _MOST_DIGITS and int(value) <= limit
            ):
                return BodyTooLargeError(f"The body may have {limit:,} bytes; split it into several requests.")
            if b"\x00" in value:
                return MalformedRequestError("A header contains a NUL character; remove it.")
        return None

    def _counted(self, receive: Receive, limit: int) -> Receive:
        """Return `receive`, counting: a chunked body announces no length."""
        total = 0

        async def counted() -> Message:
            nonlocal total
            message: dict[str, Any] = dict(await receive())
            total += len(message.get("body", b""))
            if total > limit:
                raise BodyTooLargeError(f"The body may have {limit:,} bytes; split it into several requests.")
            return message

        return counted
