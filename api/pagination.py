"""Pages by cursor. A cursor is opaque to clients: the id of the last thing they saw, in 22 characters."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query
from pydantic import BeforeValidator, WithJsonSchema

_LENGTH: Final = 22
DEFAULT_LIMIT: Final = 50
HIGHEST_LIMIT: Final = 200
AS_IT_WAS: Final = "send `next_cursor` of the page before as it was, or leave it out for the first page"
"""What is told of a cursor that is none of ours."""


def cursor_after(identifier: UUID) -> str:
    """Return the cursor for what comes after the thing with this id."""
    return urlsafe_b64encode(identifier.bytes).rstrip(b"=").decode()


def identifier_in(value: str) -> UUID:
    """Return the id in a cursor.

    Raises:
        ValueError: when it is none of ours; pydantic makes of it the problem that names the parameter.
    """
    if len(value) == _LENGTH and value.isascii():
        identifier = UUID(bytes=urlsafe_b64decode(f"{value}=="))
        if cursor_after(identifier) == value:
            return identifier
    raise ValueError(AS_IT_WAS)


def _read(value: object) -> object:
    return identifier_in(value) if isinstance(value, str) else value


def next_cursor(ids: Sequence[UUID], limit: int) -> str | None:
    """Return the cursor of the page after one that holds `ids`, or None when it was not full."""
    return cursor_after(ids[-1]) if ids and len(ids) >= limit else None


_CURSOR_SCHEMA: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": "^[A-Za-z0-9_-]{21}[AQgw]$",
    "examples": ["AZqPEBwrfT6PQFprfI2eDw"],
}

Cursor = Annotated[
    UUID | None,
    BeforeValidator(_read),
    WithJsonSchema(_CURSOR_SCHEMA),
    Query(description="`next_cursor` of the page before; leave it out for the first page."),
]
"""Where the page starts; None for the first page."""

Limit = Annotated[int, Query(ge=1, le=HIGHEST_LIMIT, description="Most entries on the page.")]
"""How many entries a page has; give it DEFAULT_LIMIT as default."""
