"""ETags for what is read often and changes seldom: a strong one, from the bytes of the answer."""

from hashlib import sha256
from typing import Any, Final

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "It is still as the ETag in `If-None-Match` says."}
}
"""What a route that answers with `tagged` adds to its `responses`."""

_LENGTH: Final = 32
_SECONDS: Final = 60


def tagged(request: Request, model: BaseModel) -> Response:
    """Return `model` as JSON with its ETag, or 304 without a body when the client has just that."""
    return tagged_bytes(request, model.model_dump_json().encode(), "application/json")


def tagged_bytes(request: Request, body: bytes, media_type: str) -> Response:
    """Return a body with its ETag, or 304 without one when the client has just that."""
    etag = f'"{sha256(body).hexdigest()[:_LENGTH]}"'
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={_SECONDS}"}
    if _matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _matches(sent: str, etag: str) -> bool:
    """Compare as If-None-Match wants it (RFC 9110, 13.1.2): any of a list, weak or strong, or `*`."""
    candidates = {each.strip().removeprefix("W/") for each in sent.split(",")}
    return etag in candidates or "*" in candidates
