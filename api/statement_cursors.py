"""Where a statement goes on: the entry, as in every cursor, and the balance there under our seal.

Whoever changes a balance, or sends it with another resident's token or other times, breaks the seal: then only the
entry is believed, and what it all comes to is added up anew.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import astuple, dataclass
from datetime import datetime
from string import ascii_letters, digits
from struct import Struct
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, WithJsonSchema

from api.pagination import AS_IT_WAS, cursor_after, identifier_in
from core.secrets import derived_key
from points.ledger import LATEST, Carried, Holdings

_ALPHABET: Final = frozenset(ascii_letters + digits + "-_")
_BALANCES: Final = Struct(">16s5q5q")
_SEAL: Final = 15
_LENGTH: Final = 148
"""Of 96 bytes and a seal of 15, in base 64: no padding, and no bits that say nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose statement it is, and until when."""

    resident_id: UUID
    recorded_until: datetime | None = None
    effective_until: datetime | None = None


def start_at(cursor: str | None, asked: Asked) -> Carried | UUID:
    """Return where a page goes on; with the balance there if the seal is ours, and of the statement that is asked."""
    if cursor is None:
        return LATEST
    before, sealed = _parts(cursor)
    told, seal = sealed[:-_SEAL], sealed[-_SEAL:]
    if not sealed or not hmac.compare_digest(seal, _seal(before, told, asked)):
        return before
    newest, *numbers = _BALANCES.unpack(told)
    return Carried(before, UUID(bytes=newest), Holdings(*numbers[:5]), Holdings(*numbers[5:]))


def sealed_cursor(carried: Carried, asked: Asked) -> str:
    """Return the cursor of the page that goes on at `carried`."""
    told = _BALANCES.pack(carried.newest.bytes, *astuple(carried.kept), *astuple(carried.balance))
    sealed = urlsafe_b64encode(told + _seal(carried.before, told, asked)).decode()
    return f"{cursor_after(carried.before)}.{sealed}"


def _seal(before: UUID, told: bytes, asked: Asked) -> bytes:
    times = [each and each.timestamp() for each in (asked.recorded_until, asked.effective_until)]
    message = asked.resident_id.bytes + before.bytes + told + repr(times).encode()
    return hmac.digest(derived_key("statement cursors"), message, "sha256")[:_SEAL]


def _parts(cursor: str) -> tuple[UUID, bytes]:
    """Return the entry in a cursor and what is under its seal: nothing in one of an earlier release."""
    entry, dot, told = cursor.partition(".")
    before = identifier_in(entry)
    if not dot:
        return before, b""
    if len(told) != _LENGTH or not _ALPHABET.issuperset(told):
        raise ValueError(AS_IT_WAS)
    return before, urlsafe_b64decode(told)


def _checked(cursor: str | None) -> str | None:
    """Refuse what has not the shape of a cursor; pydantic makes of it the problem that names the parameter."""
    if cursor is not None:
        _parts(cursor)
    return cursor


_SCHEMA: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": rf"^[A-Za-z0-9_-]{{21}}[AQgw](\.[A-Za-z0-9_-]{{{_LENGTH}}})?$",
    "examples": ["AZqPEBwrfT6PQFprfI2eDw"],
}

StatementCursor = Annotated[
    str | None,
    AfterValidator(_checked),
    WithJsonSchema(_SCHEMA),
    Query(description="`next_cursor` of the page before, asked with the same times; leave it out for the first page."),
]
"""Where the page starts, see `start_at`; None for the first page."""
