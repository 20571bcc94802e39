"""A resident claims a sale with the code on the till's receipt."""

from typing import Final

from fastapi import Request

from api import limits
from api.audiences import Resident
from api.boards import note_gains
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas.receipt_claims import NewReceiptClaim, ReceiptClaim
from api.schemas.receipts import RECEIPT_EXAMPLE, RESIDENT_EXAMPLE
from api.unit_keys import unit_secret
from points.earning.adjustments.remaining import remaining
from points.earning.evidence.receipt_claims import claim

router = new_router(tag="earning")

_BY_RESIDENT: Final = limits.Bound("receipt-claims", most=30, seconds=3600)
_BY_ADDRESS: Final = limits.Bound("receipt-claims-address", most=300, seconds=3600)
"""More than anybody shops, and nothing to somebody who tries codes: there are 2^100."""

_RESULT: Final = RESIDENT_EXAMPLE | {
    "receipt": RECEIPT_EXAMPLE | {"kind": "claimed"},
    "line": 1,
    "gtin": RECEIPT_EXAMPLE["gtin"],
    "quantity": 2,
}


@router.post(
    "/receipt-claims",
    summary="Claim a till receipt",
    dependencies=[ONCE],
    openapi_extra=example({"claim_code": "7Q2MX-B4T9K-DH3WR-E5N0C"}),
    responses=answers(
        200,
        "One result for each line of the receipt.",
        {"credited": 1, "replayed": 0, "refused": 0, "held": 0, "results": [_RESULT]},
    ),
)
async def create_receipt_claim(
    body: NewReceiptClaim, request: Request, resident: Resident, session: Session, now: Now
) -> ReceiptClaim:
    """Credit a sale for which no code was shown, by the code on its receipt: once, within the days the policy gives.

    Claimed again by the same resident, it is answered with the same receipts, and with what is left of them. Claimed by
    somebody else, it is refused. A code nobody was given is not found, whatever it looks like. 30 tries an hour for
    each resident.
    """
    await limits.spend(_BY_RESIDENT, str(resident.resident_id))
    await limits.spend_address(_BY_ADDRESS, request)
    claimed = await claim(
        session, resident.programme_id, resident.resident_id, body.claim_code, now=now, unit_secret=unit_secret()
    )
    outcomes = [each.outcome for each in claimed]
    note_gains(session, resident.programme_id, outcomes)
    return ReceiptClaim.of(claimed, await remaining(session, resident.programme_id, outcomes))
