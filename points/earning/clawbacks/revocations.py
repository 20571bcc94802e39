"""What an order about a retailer's sales keeps out once it is placed: receipts claimed and lines told after it.

Else everything that nobody had claimed or told by then would be credited as if nothing were. An order about a few
lines of receipts keeps nothing out, nor one about anything else: the register says what those find wrong.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.activities import Reason, Refusal
from points.earning.appraisals import Candidate
from points.earning.clawbacks import order_queries
from points.earning.clawbacks.last_looks import crediting
from points.earning.clawbacks.tables import Clawback
from points.earning.clawbacks.values import SCOPE, STANDING, Cause, Scope, State, kept_out
from points.earning.evidence.anonymous_lines import AnonymousLine
from points.earning.evidence.anonymous_sales import KeptLonger

_REVOKED: Final = Refusal(
    Reason.SALES_REVOKED, "The programme has revoked what this retailer sold at that time; none of it is credited."
)


async def kept_in(
    session: AsyncSession, programme_id: UUID, appraised: Sequence[Candidate | Refusal]
) -> list[Candidate | Refusal]:
    """Return what was appraised, with a refusal for each sale that an order has revoked; asks only about sales.

    An order that is placed after that, and so not seen here, takes its last look when this is committed.
    """
    retailer_ids = {each.retailer_id for each in appraised if isinstance(each, Candidate) and each.retailer_id}
    if not retailer_ids:
        return list(appraised)
    await crediting(session, programme_id, retailer_ids)
    orders = await order_queries.revocations(session, programme_id, STANDING, retailer_ids)
    return [_REVOKED if any(_is_revoked(each, order.scope) for order in orders) else each for each in appraised]


def _is_revoked(appraised: Candidate | Refusal, scope: Scope) -> bool:
    return isinstance(appraised, Candidate) and scope.revokes(appraised.retailer_id, appraised.effective_at)


def stands(order: Clawback) -> bool:
    """Tell whether an order keeps anything out."""
    return (
        order.state in STANDING
        and order.cause == Cause.RETAILER
        and SCOPE.validate_python(order.scope).scans(Cause.RETAILER)
    )


async def paused(
    session: AsyncSession, programme_id: UUID, lines: Sequence[AnonymousLine], now: datetime
) -> dict[int, timedelta]:
    """Return for how long orders kept out lines of one receipt, by their numbers: that is not the claimant's time."""
    if not lines:
        return {}
    retailer_ids = {each.retailer_id for each in lines}
    found = await order_queries.revocations(session, programme_id, (*STANDING, State.CANCELLED), retailer_ids)
    return {each.line: kept_out(found, each.retailer_id, each.sold_at, now) for each in lines}


async def lifted(session: AsyncSession, programme_id: UUID) -> list[KeptLonger]:
    """Return what can be claimed again since orders about it were lifted, each for as long as its order stood."""
    return [
        KeptLonger(scope.retailer_id, scope.from_at, scope.until_at, each.lifted_at - each.ordered_at)
        for each in await order_queries.revocations(session, programme_id, [State.CANCELLED])
        if (scope := each.scope).retailer_id and scope.from_at and scope.until_at and each.lifted_at
    ]
