"""Receipts whose claim an operator refused: they are nobody's again, and the days of the review do not count."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points import ledger
from points.earning.activities import Sale
from points.earning.appraisals import sale_key
from points.earning.evidence.anonymous_sales import AnonymousLine, give_back, standing
from points.earning.evidence.claim_codes import claim_code
from points.earning.guards.review_queries import reviews_of
from points.earning.guards.tables import ReviewState
from points.programmes.policy import Rulebook, Terms
from points.programmes.queries import rulebook as read_rulebook


def claimable_until(line: AnonymousLine, terms: Terms) -> datetime:
    """Return the last moment at which a line can be claimed; `terms` are those of its sale."""
    window = line.sold_at + timedelta(days=terms.claim_days)
    return window if line.claimable_until is None else max(window, line.claimable_until)


async def release(
    session: AsyncSession, programme_id: UUID, refused: Mapping[UUID, Sale], *, secret: bytes, now: datetime
) -> frozenset[UUID]:
    """Let receipts be claimed again of which nothing was credited and nothing is under review any more.

    `refused` are claimed sales by the reviews that were refused just now, whose rows are locked. Returns those of the
    reviews whose receipt is nobody's again. A receipt is one household's: while another line of it is credited or
    waits, all of it stays claimed. Lines are locked before they are looked at, so that of two refusals at once the last
    one releases.
    """
    codes = {
        review_id: claim_code(programme_id, sale.retailer_id, sale.receipt, secret)
        for review_id, sale in refused.items()
    }
    if not codes:
        return frozenset()
    lines = (await standing(session, programme_id, codes.values(), lock=True)).values()
    taken = [each for each in lines if each.claimed_by is not None]
    keys = [key_of(each) for each in taken]
    found = await ledger.find(session, programme_id, [ledger.KeyUse(key, b"") for key in keys])
    leads = {line.key: each.entry_id for line, each in zip(taken, found, strict=True) if each is not None}
    known = await reviews_of(session, programme_id, {each for each in leads.values() if each is not None})
    over = {review_id for review_id, each in known.items() if each.state == ReviewState.REFUSED}
    kept = {line.claim_code for line in taken if line.key in leads and leads[line.key] not in over}
    freed = [each for each in taken if each.claim_code not in kept]
    await _give_back(session, await read_rulebook(session, programme_id), freed, now)
    again = {each.claim_code for each in freed}
    return frozenset(review_id for review_id, code in codes.items() if code in again)


async def _give_back(
    session: AsyncSession, rulebook: Rulebook, freed: Collection[AnonymousLine], now: datetime
) -> None:
    if not freed:
        return
    untils = {}
    for line in freed:
        policy, claimed_at = rulebook.policy_at(line.sold_at), line.claimed_at
        assert policy is not None, "it was claimed by the rules of its day"
        held = now - claimed_at if claimed_at is not None else timedelta()
        untils[line] = claimable_until(line, policy.terms) + max(held, timedelta())
    await give_back(session, rulebook.programme_id, untils)
    receipts = {f"receipt:{each.claim_code}" for each in freed}
    await ledger.unclaim(session, rulebook.programme_id, sorted({key_of(each) for each in freed} | receipts))


async def reviewed(
    session: AsyncSession, programme_id: UUID, lines: Collection[AnonymousLine], states: Collection[ReviewState]
) -> bool:
    """Tell whether a claim of some of the lines led to a review in one of `states`."""
    found = await ledger.find(session, programme_id, [ledger.KeyUse(key_of(each), b"") for each in lines])
    entries = {each.entry_id for each in found if each is not None and each.entry_id is not None}
    known = await reviews_of(session, programme_id, entries) if entries else {}
    return any(each.state in states for each in known.values())


async def was_released(session: AsyncSession, programme_id: UUID, review_id: UUID, sale: Sale) -> bool:
    """Tell whether the receipt of a refused review was given back: the sale's key does not stand for it any more."""
    key = sale_key(sale.retailer_id, sale.receipt, sale.line)
    [found] = await ledger.find(session, programme_id, [ledger.KeyUse(key, b"")])
    return found is None or found.entry_id != review_id


def key_of(line: AnonymousLine) -> str:
    """Return the key that makes the sale once."""
    return sale_key(line.retailer_id, line.receipt, line.line)
