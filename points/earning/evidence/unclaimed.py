"""Anonymous sales that nobody claimed, once nothing can become of them any more."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.clawbacks.revocations import lifted
from points.earning.evidence.anonymous_sales import remove
from points.programmes.policy import Rulebook, Terms
from points.programmes.queries import rulebook as read_rulebook


async def sweep(session: AsyncSession, programme_id: UUID, *, now: datetime, limit: int) -> int:
    """Remove up to `limit` lines that nobody claimed or can claim, bring back or name a member for; return how many.

    Raises:
        UnknownProgrammeError: when there is no such programme.
    """
    keeping = longest_kept(await read_rulebook(session, programme_id))
    if keeping is None:
        return 0
    but = await lifted(session, programme_id)
    return await remove(session, programme_id, sold_before=now - keeping, but=but, now=now, limit=limit)


def longest_kept(rulebook: Rulebook) -> timedelta | None:
    """Return how long after its sale something can become of a line, by the most patient policy there was."""
    return max((_kept(each.terms) for each in rulebook.policies), default=None)


def _kept(terms: Terms) -> timedelta:
    """Return the longest of: its claim; a report that names its member after all; a return, reported late as well."""
    days = max(terms.claim_days, terms.return_days + terms.backdating_days)
    return timedelta(days=days, minutes=terms.clock_skew_minutes)
