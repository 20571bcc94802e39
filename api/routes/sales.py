"""A retailer reports sales."""

from collections.abc import Sequence
from typing import Final

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from api.audiences import SalesPartner
from api.boards import note_gains
from api.dependencies import Now
from api.idempotency import ONCE_DECLARED, Answer, ticket_of
from api.openapi import answers, example
from api.routing import router as new_router
from api.sale_answers import answer_of
from api.schemas.receipts import RESULT_EXAMPLE
from api.schemas.sales import NewSales, SalesResult
from api.slices import answered_once, in_slices
from core.settings import settings
from points.earning.activities import Outcome, SaleLine
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
    response_model=SalesResult,
    dependencies=[ONCE_DECLARED],
    openapi_extra=example({"lines": [_LINE]}),
    responses=answers(
        200, "One result for each line.", {"credited": 1, "replayed": 0, "refused": 0, "held": 0, "results": [_RESULT]}
    ),
)
async def create_sales(body: NewSales, request: Request, retailer: SalesPartner, now: Now) -> Response:
    """Credit each line to the resident whose code it names. A line is credited once, however often it comes.

    A line that names nobody is refused as `anonymous` and comes with a `claim_code` to print on the receipt: whoever
    has the receipt claims the sale at `/v1/receipt-claims`. Lines are recorded some at a time: after a failure, send
    all of them again, and those that were recorded come back as `replayed`.

    A receipt says what this sale was credited. Which caps of its buyer or household cut it, and which labels they had
    scanned before, stays theirs: `cuts` names your own caps and an empty budget, `matched` is empty.
    """

    async def record(session: AsyncSession, lines: Sequence[SaleLine]) -> list[Outcome]:
        outcomes = await record_sales(
            session, retailer.programme_id, retailer.organization_id, lines, keys=till_keys(), now=now
        )
        note_gains(session, retailer.programme_id, outcomes)
        return outcomes

    async def answer() -> Answer:
        outcomes = await in_slices([line.as_sale_line() for line in body.lines], record)
        return Answer(200, answer_of(body.lines, outcomes, _address_of))

    answered = await answered_once(retailer.programme_id, await ticket_of(request, retailer), answer)
    return answered.response()


def _address_of(claim_code: str) -> str | None:
    """Return where a receipt is claimed, for a QR code; None where nothing says how people reach this service."""
    public_url = settings().public_url
    return None if public_url is None else f"{public_url}/r/{claim_code}"
