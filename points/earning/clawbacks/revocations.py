"""What an order about a retailer's sales keeps out once it is placed: receipts claimed and lines told after it.

Else everything that nobody had claimed or told by then would be credited as if nothing were. An order about a few
lines of receipts keeps nothing out, nor one about anything else: the register says what those find wrong.
"""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.activities import Reason, Refusal
from points.earning.appraisals import Candidate
from points.earning.clawbacks import order_queries
from points.earning.clawbacks.tables import Clawback
from points.earning.clawbacks.values import SCOPE, STANDING, Cause, Scope
from points.earning.evidence.anonymous_sales import prolong
from points.programmes.queries import rulebook

_REVOKED: Final = Refusal(
    Reason.SALES_REVOKED, "The programme has revoked what this retailer sold at that time; none of it is credited."
)


async def kept_in(
    session: AsyncSession, programme_id: UUID, appraised: Sequence[Candidate | Refusal]
) -> list[Candidate | Refusal]:
    """Return what was appraised, with a refusal for each sale that an order has revoked; asks only about sales."""
    retailer_ids = {each.retailer_id for each in appraised if isinstance(each, Candidate) and each.retailer_id}
    scopes = await order_queries.revoked(session, programme_id, retailer_ids) if retailer_ids else []
    return [_REVOKED if any(_is_revoked(each, scope) for scope in scopes) else each for each in appraised]


def _is_revoked(appraised: Candidate | Refusal, scope: Scope) -> bool:
    return isinstance(appraised, Candidate) and scope.revokes(appraised.retailer_id, appraised.effective_at)


def stands(order: Clawback) -> bool:
    """Tell whether an order keeps anything out."""
    return (
        order.state in STANDING
        and order.cause == Cause.RETAILER
        and SCOPE.validate_python(order.scope).scans(Cause.RETAILER)
    )


async def lift(session: AsyncSession, order: Clawback, now: datetime) -> None:
    """Let what an order keeps out be claimed again, for as many days more as it was kept out.

    The order is about to be cancelled, and locked.
    """
    scope = SCOPE.validate_python(order.scope)
    if not stands(order) or order.ordered_at is None:
        return
    policies = sorted((await rulebook(session, order.programme_id)).policies, key=attrgetter("version"))
    await prolong(
        session,
        order.programme_id,
        scope.retailer_id,
        sold=(scope.from_at, scope.until_at),
        days={each.effective_from: each.terms.claim_days for each in policies},
        more=now - order.ordered_at,
    )
