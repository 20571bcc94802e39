"""Signed tokens of residents and staff: HS256, short-lived, checked without asking anybody."""

from datetime import datetime, timedelta
from functools import cache
from typing import Final
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from api.errors import NotAuthenticatedError
from api.principals import ResidentPrincipal, StaffPrincipal
from core import clock
from core.secrets import derived_key

ALGORITHM: Final = "HS256"
_MOST_REMEMBERED: Final = 10_000
_LONGEST: Final = 2048

TokenPrincipal = ResidentPrincipal | StaffPrincipal

_remembered: dict[str, tuple[TokenPrincipal, float]] = {}
"""Tokens whose signature was checked in this process, with the time they expire: most come again within seconds."""


def issue(principal: TokenPrincipal, *, now: datetime, minutes: int) -> str:
    """Return a token that says who `principal` is until `minutes` from `now`."""
    claims: dict[str, object] = {
        "prg": str(principal.programme_id),
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=minutes)).timestamp()),
    }
    if isinstance(principal, ResidentPrincipal):
        claims |= {"kind": "resident", "sub": str(principal.resident_id)}
    else:
        claims |= {"kind": "staff", "sub": str(principal.staff_id), "role": principal.role}
    return jwt.encode({"alg": ALGORITHM, "typ": "JWT"}, claims, _key(), algorithms=[ALGORITHM])


def read(token: str) -> TokenPrincipal:
    """Return who a token says is asking.

    Raises:
        NotAuthenticatedError: when it is not one of ours, was changed, or has expired.
    """
    moment = clock.now().timestamp()
    known = _remembered.get(token)
    if known is None:
        known = _checked(token)
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[token] = known
    principal, expires = known
    if moment >= expires:
        raise NotAuthenticatedError("The token has expired; get a new one.")
    return principal


def forget() -> None:
    """Forget every token seen, as a change of the secret demands."""
    _remembered.clear()
    _key.cache_clear()


def _checked(token: str) -> tuple[TokenPrincipal, float]:
    if len(token) > _LONGEST or not token.isascii():
        raise NotAuthenticatedError
    try:
        claims = jwt.decode(token, _key(), algorithms=[ALGORITHM]).claims
        return _principal(claims), float(claims["exp"])
    except (JoseError, KeyError, TypeError, ValueError) as error:
        raise NotAuthenticatedError from error


def _principal(claims: dict[str, object]) -> TokenPrincipal:
    programme_id, subject = UUID(str(claims["prg"])), UUID(str(claims["sub"]))
    if claims["kind"] == "resident":
        return ResidentPrincipal(programme_id, subject)
    if claims["kind"] == "staff":
        return StaffPrincipal(programme_id, subject, str(claims["role"]))
    raise ValueError("kind")


@cache
def _key() -> OctKey:
    return OctKey.import_key(derived_key("tokens"))
