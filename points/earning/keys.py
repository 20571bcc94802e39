"""What makes an activity once, whoever reports it and however often: the keys of its claims. Pure."""

from base64 import urlsafe_b64encode
from datetime import date
from hashlib import sha256
from typing import Final
from uuid import UUID

UnitKey = tuple[str, str]
"""A product's number and the serial of one unit of it."""

_DIGEST_BYTES: Final = 12
"""So that among a billion keys two are the same once in 10^10 times; who makes some on purpose cheats themselves."""
_PLACE_BYTES: Final = 3
"""Sixteen million places: with ten billion lines, those of a place still lie on a few pages of the index."""
_RUNNING: Final = 2
"""Characters at the end of a receipt's number that change from one receipt of a till to the next."""


def sale_key(retailer_id: UUID, receipt: str, line: int) -> str:
    """Return what makes a line of a till's receipt once, whoever reports or claims it and however often.

    A quarter of it is the same for receipts whose numbers differ in their last two characters: what a till sells one
    after another lies side by side in the index of claims. With ten million of them there, each line read, changed and
    logged a page of its own before.
    """
    place = _digest(retailer_id, receipt[:-_RUNNING])[:_PLACE_BYTES]
    return f"sale:{_text(place + _digest(retailer_id, receipt, line)[_PLACE_BYTES:])}"


def unit_key(unit: UnitKey) -> str:
    """Return what makes a label unit once, whoever scans it, or sells it."""
    return f"unit:{_text(_digest(*unit))}"


def scan_key(resident_id: UUID, gtin: str, day: date) -> str:
    """Return what makes a bare scan once: one of a product a day."""
    return f"scan:{_text(_digest(resident_id, gtin, day))}"


def _digest(*parts: object) -> bytes:
    """Return the first bytes of SHA-256: keys are kept for good, in a table and its index."""
    return sha256("\x1f".join(map(str, parts)).encode()).digest()[:_DIGEST_BYTES]


def _text(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
