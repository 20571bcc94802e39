"""ETags for what is read often and changes seldom: a strong one, from the bytes of the answer."""

from hashlib import sha256
from typing import Final

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

_LENGTH: Final = 32
_SECONDS: Final = 60


def tagged(request: Request, model: BaseModel) -> Response:
    """Return `model` as JSON with its ETag, or 304 without a body when the client has just that."""
    body = model.model_dump_json().encode()
    etag = f'"{sha256(body).hexdigest()[:_LENGTH]}"'
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={_SECONDS}"}
    if _matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _matches(sent: str, etag: str) -> bool:
    """Compare as If-None-Match wants it (RFC 9110, 13.1.2): any of a list, weak or strong, or `*`."""
    candidates = {each.strip().removeprefix("W/") for each in sent.split(",")}
    return etag in candidates or "*" in candidates
