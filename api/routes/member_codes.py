"""A resident's app shows a code at the till."""

from io import BytesIO
from typing import Final

import segno
from fastapi import Response

from api.audiences import Resident
from api.dependencies import Now, Session
from api.openapi import answers, refusal
from api.routing import router as new_router
from api.schemas.member_codes import MemberCode
from core.signing_keys import signing_keys
from points.errors import StateConflictError
from points.residents.member_codes import issue
from points.residents.queries import resident as resident_by_id
from workers.till_keys import till_keys

router = new_router(tag="me")

_CODE: Final = {
    "programme_id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f",
    "code": "0Y7ZC2Q5RA8HG3" + "K" * 108,
    "issued_at": "2026-05-01T08:30:00Z",
    "refresh_after": "2026-05-01T08:31:00Z",
    "expires_at": "2026-05-01T08:31:30Z",
    "qr_svg": "<svg/>",
}


@router.get(
    "/me/member-code",
    summary="What do I show at the till?",
    responses={**answers(200, "The code.", _CODE), **refusal(409)},
)
async def show_member_code(resident: Resident, session: Session, now: Now, response: Response) -> MemberCode:
    """Make the code of this moment, as text and as a QR code. Ask again from `refresh_after` on.

    The till checks it with the keys at `/.well-known/jwks.json`, and sends it as `member_code` with the sale, at once
    or hours later.
    """
    found = await resident_by_id(session, resident.programme_id, resident.resident_id)
    keys = signing_keys()
    secret = till_keys().members
    issued = issue(
        resident.programme_id, found.member_code, now=now, secret=secret, mark=keys.mark, sign=keys.signature
    )
    if issued is None:
        raise StateConflictError("Your member code can not be turned into one that changes; show it as it is.")
    response.headers["Cache-Control"] = "no-store"
    return MemberCode(
        programme_id=resident.programme_id,
        code=issued.text,
        issued_at=issued.issued_at,
        refresh_after=issued.refresh_after,
        expires_at=issued.expires_at,
        qr_svg=_drawn(issued.text),
    )


def _drawn(text: str) -> str:
    """Return an SVG of the QR code, at level M: a phone's screen is smudged, not torn."""
    drawn = BytesIO()
    code = segno.make_qr(text, error="m", boost_error=False)
    code.save(drawn, kind="svg", scale=8, light="#fff", xmldecl=False)
    return drawn.getvalue().decode()
