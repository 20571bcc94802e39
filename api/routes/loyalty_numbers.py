"""Residents link a retailer's loyalty number, so that nothing has to be shown at its tills."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path

from api import limits
from api.audiences import Resident
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas.loyalty_numbers import Consent, LoyaltyNumber, LoyaltyNumbers, NewLoyaltyNumber
from points.residents.loyalty_numbers import CONSENT, link, numbers, withdraw
from workers.till_keys import till_keys

router = new_router(tag="me")

_BY_RESIDENT: Final = limits.Bound("loyalty-numbers", most=20, seconds=86_400)
"""Numbers of retailers can be guessed: more than a day's worth of honest mistakes would be trying."""

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_NUMBER: Final = {
    "loyalty_number_id": _ID,
    "retailer_id": _ID,
    "retailer_name_zh": "绿野超市",
    "retailer_name_en": "Green Mart",
    "consent_version": CONSENT.version,
    "linked_at": "2026-05-01T08:30:00Z",
    "withdrawn_at": None,
}
_CONSENT: Final = {"version": CONSENT.version, "text_zh": CONSENT.text_zh, "text_en": CONSENT.text_en}

Id = Annotated[UUID, Path(examples=[_ID])]


@router.get(
    "/me/loyalty-numbers",
    summary="Which loyalty numbers are linked?",
    responses=answers(200, "The links, newest first.", {"consent": _CONSENT, "loyalty_numbers": [_NUMBER]}),
)
async def list_loyalty_numbers(resident: Resident, session: Session) -> LoyaltyNumbers:
    """List the retailers whose numbers are or were linked, and the text to agree to before linking one."""
    linked = await numbers(session, resident.programme_id, resident.resident_id)
    return LoyaltyNumbers(
        consent=Consent.model_validate(CONSENT),
        loyalty_numbers=[LoyaltyNumber.model_validate(each) for each in linked],
    )


@router.post(
    "/me/loyalty-numbers",
    status_code=201,
    summary="Link a loyalty number",
    dependencies=[ONCE],
    openapi_extra=example({"retailer_id": _ID, "number": "6688 1234 5678", "consent_version": CONSENT.version}),
    responses=answers(201, "The link.", _NUMBER),
)
async def create_loyalty_number(
    body: NewLoyaltyNumber, resident: Resident, session: Session, now: Now
) -> LoyaltyNumber:
    """Let a retailer report what is bought under its own number, from now on. One number for each retailer.

    A number that somebody else has linked is a conflict (409): who holds the card gets a new number from the retailer.
    20 tries a day.
    """
    await limits.spend(_BY_RESIDENT, str(resident.resident_id))
    linked = await link(
        session,
        resident.programme_id,
        resident.resident_id,
        body.retailer_id,
        body.number,
        consent_version=body.consent_version,
        secret=till_keys().numbers,
        now=now,
    )
    return LoyaltyNumber.model_validate(linked)


@router.post(
    "/me/loyalty-numbers/{loyalty_number_id}/withdrawals",
    summary="Withdraw a loyalty number",
    dependencies=[ONCE],
    responses=answers(200, "The link, which has ended.", _NUMBER | {"withdrawn_at": "2026-06-01T08:30:00Z"}),
)
async def withdraw_loyalty_number(
    loyalty_number_id: Id, resident: Resident, session: Session, now: Now
) -> LoyaltyNumber:
    """End a link at once, and forget the number: later sales under it are nobody's. What was credited stays."""
    ended = await withdraw(session, resident.programme_id, resident.resident_id, loyalty_number_id, now=now)
    return LoyaltyNumber.model_validate(ended)
