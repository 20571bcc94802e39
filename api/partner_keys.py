"""From an API key to the partner who holds it, remembered for a few seconds so that a till costs no query per sale."""

from hashlib import sha256
from time import monotonic
from typing import Final

from api.errors import NotAuthenticatedError
from api.principals import PartnerPrincipal
from core.db import transaction
from points.programmes import access

_SECONDS: Final = 5.0
"""How long a revoked key may still work in a process that has just seen it."""
_MOST_REMEMBERED: Final = 1000

_remembered: dict[bytes, tuple[PartnerPrincipal, float]] = {}


async def partner_of(presented: str) -> PartnerPrincipal:
    """Return the partner who holds an API key.

    Raises:
        NotAuthenticatedError: when the key is unknown, wrong or revoked.
    """
    digest = sha256(presented.encode("utf-8", "surrogateescape")).digest()
    known = _remembered.get(digest)
    if known is not None and monotonic() < known[1]:
        return known[0]
    async with transaction() as session:
        key = await access.holder_of_key(session, presented)
    if key is None:
        _remembered.pop(digest, None)
        raise NotAuthenticatedError
    scopes = frozenset(key.scopes.split(","))
    partner = PartnerPrincipal(key.programme_id, key.organization_id, key.key_id, scopes)
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered[digest] = (partner, monotonic() + _SECONDS)
    return partner


def forget() -> None:
    """Forget every key seen."""
    _remembered.clear()
