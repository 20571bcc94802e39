"""A retailer reports sales."""

from typing import Final

from api.audiences import SalesPartner
from api.boards import note_gains
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas.receipts import RESULT_EXAMPLE
from api.schemas.sales import NewSales, SalesResult
from core.settings import settings
from points.earning.sales import record_sales
from workers.till_keys import till_keys

router = new_router(tag="earning")

_LINE: Final = {
    "receipt": "S042-20260501-0317",
    "line": 1,
    "member_code": "7KQ2MXB4WRTN",
    "code": "9521234543213",
    "quantity": 2,
    "sold_at": "2026-05-01T16:30:00+08:00",
}
_RESULT: Final = RESULT_EXAMPLE | {
    "till_receipt": _LINE["receipt"],
    "line": 1,
    "claim_code": None,
    "claim_url": None,
}


@router.post(
    "/sales",
    summary="Report up to 1,000 lines of sales",
    dependencies=[ONCE],
    openapi_extra=example({"lines": [_LINE]}),
    responses=answers(
        200, "One result for each line.", {"credited": 1, "replayed": 0, "refused": 0, "held": 0, "results": [_RESULT]}
    ),
)
async def create_sales(body: NewSales, retailer: SalesPartner, session: Session, now: Now) -> SalesResult:
    """Credit each line to the resident whose code it names. A line is credited once, however often it comes.

    A line that names nobody is refused as `anonymous` and comes with a `claim_code` to print on the receipt: whoever
    has the receipt claims the sale at `/v1/receipt-claims`.
    """
    lines = [line.as_sale_line() for line in body.lines]
    outcomes = await record_sales(
        session, retailer.programme_id, retailer.organization_id, lines, keys=till_keys(), now=now
    )
    note_gains(session, retailer.programme_id, outcomes)
    return SalesResult.of(body.lines, outcomes, _address_of)


def _address_of(claim_code: str) -> str | None:
    """Return where a receipt is claimed, for a QR code; None where nothing says how people reach this service."""
    public_url = settings().public_url
    return None if public_url is None else f"{public_url}/r/{claim_code}"
