"""Proving who one is: residents by a one-time code, staff by a password. Partners carry their keys."""

import secrets
from datetime import timedelta
from typing import Final

from fastapi import Request

from api import codes, limits, passwords, tokens
from api.delivery import delivery
from api.dependencies import Now, Session
from api.errors import NotAuthenticatedError
from api.openapi import answers, example
from api.principals import ResidentPrincipal, StaffPrincipal
from api.routing import router as new_router
from api.schemas.tokens import (
    CodeRequest,
    CodeSent,
    ResidentToken,
    ResidentTokenRequest,
    StaffToken,
    StaffTokenRequest,
)
from core.db import transaction
from core.settings import settings
from points.programmes import access_queries
from points.programmes.access import normalized
from points.programmes.queries import programme_by_slug
from points.residents.residents import join, require_district

router = new_router(tag="identity")

_CODES: Final = limits.Bound("codes", most=5, seconds=600)
_CODES_A_DAY: Final = limits.Bound("codes-day", most=20, seconds=86_400)
"""With five tries each, whoever guesses from many addresses at once has a chance of 1 in 10,000 a day."""
_CODES_BY_ADDRESS: Final = limits.Bound("codes-address", most=60, seconds=600)
_TRIES_BY_ADDRESS: Final = limits.Bound("tries-address", most=120, seconds=600)
_PASSWORDS: Final = limits.Bound("passwords", most=10, seconds=900)

BEARER: Final = "Bearer"
_TOKEN_EXAMPLE: Final = {
    "token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...",
    "token_type": "Bearer",
    "expires_at": "2026-05-01T09:00:00Z",
}


@router.post(
    "/residents/codes",
    status_code=202,
    summary="Send a resident a one-time code",
    openapi_extra=example({"programme": "demo", "contact": "13800138000"}),
    responses=answers(202, "On its way.", {"expires_in_seconds": codes.SECONDS}),
)
async def create_code(body: CodeRequest, request: Request) -> CodeSent:
    """Send six digits to a mobile number or e-mail address; good for ten minutes, five tries, once."""
    contact = codes.normalized(body.contact)
    async with transaction() as session:  # closed before the slow part: a slow delivery must not hold the connections
        programme = await programme_by_slug(session, body.programme)
    digest = codes.contact_digest(programme.programme_id, contact)
    await limits.spend_address(_CODES_BY_ADDRESS, request)
    await limits.spend(_CODES, digest.hex())
    await limits.spend(_CODES_A_DAY, digest.hex())
    await delivery().deliver(contact, await codes.make(digest))
    return CodeSent(expires_in_seconds=codes.SECONDS)


@router.post(
    "/residents/tokens",
    status_code=201,
    summary="Exchange a one-time code for a resident's token",
    openapi_extra=example({"programme": "demo", "contact": "13800138000", "code": "482913", "nickname": "青柳"}),
    responses=answers(
        201,
        "The token. Whoever comes for the first time has joined.",
        _TOKEN_EXAMPLE | {"resident_id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f", "member_code": "7KQ2MXB4WRTN"},
    ),
)
async def create_resident_token(
    body: ResidentTokenRequest, request: Request, session: Session, now: Now
) -> ResidentToken:
    """Check the code; on first use the resident joins the programme."""
    await limits.spend_address(_TRIES_BY_ADDRESS, request)
    programme = await programme_by_slug(session, body.programme)
    digest = codes.contact_digest(programme.programme_id, codes.normalized(body.contact))
    await require_district(session, programme.programme_id, body.district_id)  # before the code is used up
    if not await codes.use(digest, body.code):
        raise NotAuthenticatedError("The code is wrong, was used, or has ended; ask for a new one.")
    nickname = body.nickname or f"碳友{secrets.token_hex(3)}"
    resident = await join(
        session,
        programme.programme_id,
        digest,
        nickname=nickname,
        district_id=body.district_id,
        ranked=body.ranked,
    )
    principal = ResidentPrincipal(programme.programme_id, resident.resident_id)
    minutes = settings().token_minutes
    return ResidentToken(
        token=tokens.issue(principal, now=now, minutes=minutes),
        token_type=BEARER,
        expires_at=now + timedelta(minutes=minutes),
        resident_id=resident.resident_id,
        member_code=resident.member_code,
    )


@router.post(
    "/staff/tokens",
    status_code=201,
    summary="Exchange a password for a staff member's token",
    openapi_extra=example(
        {"programme": "huzhou", "email": "ling@example.org", "password": "correct horse battery staple"}
    ),
    responses=answers(201, "The token.", _TOKEN_EXAMPLE | {"role": "operator"}),
)
async def create_staff_token(body: StaffTokenRequest, request: Request, now: Now) -> StaffToken:
    """Check the password. An unknown address takes as long and is answered as a wrong password is."""
    email = normalized(body.email)
    await limits.spend_address(_TRIES_BY_ADDRESS, request)
    async with transaction() as session:  # closed before the slow part: guessers must not use up the connections
        programme = await programme_by_slug(session, body.programme)
        staff = await access_queries.staff_by_email(session, programme.programme_id, email)
    await limits.spend(_PASSWORDS, f"{programme.programme_id}:{email}")
    known = staff if staff is not None and staff.disabled_at is None else None
    if not await passwords.matches(body.password, None if known is None else known.password_hash) or known is None:
        raise NotAuthenticatedError("The address or the password is wrong.")
    minutes = settings().token_minutes
    return StaffToken(
        token=tokens.issue(StaffPrincipal(known.programme_id, known.staff_id, known.role), now=now, minutes=minutes),
        token_type=BEARER,
        expires_at=now + timedelta(minutes=minutes),
        role=known.role,
    )
