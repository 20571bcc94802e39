"""Signed statements of where a certificate stands, which a procurement platform checks without asking us again."""

from datetime import date, datetime
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.addresses import root_of
from api.dependencies import Now, Session
from api.routes.certificates import TIME_ZONE, KnownAt, Number, On
from api.routing import Route
from api.routing import router as new_router
from api.schemas.statements import KeySet
from core.clock import local_day
from core.signing_keys import signing_keys
from labels.certification.histories import History, histories
from labels.certification.statements import TYPE, Stated, claims
from labels.errors import UnknownCertificateError


class KeySetResponse(JSONResponse):
    """A JSON Web Key Set under its own media type (RFC 7517, 8.5.2)."""

    media_type = "application/jwk-set+json"


router = new_router(tag="products")
well_known = APIRouter(tags=["products"], route_class=Route)

_MEDIA_TYPE: Final = "application/jwt"
_MAX_AGE: Final = "public, max-age=3600"
_STATEMENT: Final = "eyJhbGciOiJFZERTQSIsInR5cCI6ImNlcnRpZmljYXRlLXN0YXR1cytqd3QifQ.eyJzdWIiOiJDTC0yMDI2In0.c2ln"
_KEY: Final = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    "use": "sig",
    "alg": "EdDSA",
}


@router.get(
    "/certificates/{number:path}/statement",
    summary="Get a signed statement",
    response_class=Response,
    responses={
        200: {
            "description": "A compact JWS, signed with EdDSA (Ed25519) by the key its header names.",
            "content": {_MEDIA_TYPE: {"schema": {"type": "string"}, "example": _STATEMENT}},
        }
    },
)
async def show_statement(
    number: Number, request: Request, session: Session, now: Now, on: On = None, known_at: KnownAt = None
) -> Response:
    """State where a certificate stands on a day, as known at a time, signed; good for 24 hours.

    Check it with the keys at `/.well-known/jwks.json`, its `typ` and its `exp`: docs/statements.md shows how.
    """
    history = (await histories(session, [number])).get(number)
    if history is None or (known_at is not None and history.recorded_at > known_at):
        raise UnknownCertificateError
    day = on or local_day(now, TIME_ZONE)
    made = _stated(history, day, known_at, now)
    statement = signing_keys().signed(claims(made, issuer=root_of(request), now=now), kind=TYPE)
    return Response(statement, media_type=_MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _stated(history: History, day: date, known_at: datetime | None, now: datetime) -> Stated:
    return Stated(
        number=history.number,
        status=history.status_on(day, known_at),
        as_of=day,
        known_at=known_at or now,
        scheme=history.scheme.id,
        kind=history.kind,
        gtin=history.gtin,
        certifier_id=str(history.certifier_id),
        certifier_name=history.certifier_name_zh,
        valid_from=history.valid_from,
        valid_until=history.valid_until_on(day, known_at),
        footprint_id=None if history.footprint_id is None else str(history.footprint_id),
    )


@well_known.get(
    "/.well-known/jwks.json",
    summary="List the keys statements are signed with",
    response_class=KeySetResponse,
    response_model=KeySet,
    responses={
        200: {
            "description": "Every key a statement may name (RFC 7517); the one that signs now is first.",
            "content": {KeySetResponse.media_type: {"example": {"keys": [_KEY]}}},
        }
    },
)
async def show_signing_keys() -> Response:
    """List the public keys. Keep those you have seen: a statement is checked with the key its header names."""
    keys = KeySet.model_validate({"keys": signing_keys().published()})
    return KeySetResponse(keys.model_dump(), headers={"Cache-Control": _MAX_AGE})
