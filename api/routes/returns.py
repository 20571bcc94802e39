"""A retailer reports goods that came back."""

from typing import Final

from api.audiences import SalesPartner
from api.boards import note_changes
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas.returns import RESULT_EXAMPLE, NewReturns, ReturnsResult
from points.earning.adjustments.return_lines import Returned
from points.earning.returns import record_returns
from workers.till_keys import till_keys

router = new_router(tag="earning")

_LINE: Final = {
    "receipt": "S042-20260503-0021",
    "line": 1,
    "bought": {"receipt": "S042-20260501-0317", "line": 1},
    "member_code": None,
    "code": "9521234543213",
    "quantity": 1,
    "returned_at": "2026-05-03T11:05:00+08:00",
}


@router.post(
    "/returns",
    summary="Report up to 1,000 lines of returns",
    dependencies=[ONCE],
    openapi_extra=example({"lines": [_LINE]}),
    responses=answers(
        200, "One result for each line.", {"returned": 1, "replayed": 0, "refused": 0, "results": [RESULT_EXAMPLE]}
    ),
)
async def create_returns(body: NewReturns, retailer: SalesPartner, session: Session, now: Now) -> ReturnsResult:
    """Take back what the sales of returned goods had credited. A line is taken once, however often it comes.

    What goes is what the sale would not have credited without these units, by its own day's rules. Points that are
    spent already are owed, or the programme bears them, as its policy says.

    Where a line names no sale, the member's latest ones are taken; should another return be of one of these, and
    nothing be left of it, that takes of the member's others instead, so that it makes no difference which is sent
    first.

    A refusal leaves nothing behind: a return that came before its sale (`no_such_sale`) is sent again after it, with
    the same receipt and line, but under a new `Idempotency-Key`, for the old one is answered as the first time.
    """
    reported = [(retailer.organization_id, line.as_return_line()) for line in body.lines]
    outcomes = await record_returns(session, retailer.programme_id, reported, keys=till_keys(), now=now)
    taken = [each for outcome in outcomes if isinstance(outcome, Returned) for each in outcome.adjusted]
    note_changes(session, retailer.programme_id, {each.resident_id for each in taken if not each.replayed})
    return ReturnsResult.of(body.lines, outcomes)
