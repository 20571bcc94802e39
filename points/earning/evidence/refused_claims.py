"""Receipts whose claim was refused: they are nobody's again, and the days of a review do not count.

Whoever was refused is told so again, by their review: only an operator opens that again, which takes the receipt for
them if nobody else has it by then.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points import ledger
from points.earning.activities import Held, Refusal, Sale
from points.earning.appraisals import Identified, identify
from points.earning.claims import held_use
from points.earning.evidence.anonymous_lines import AnonymousLine
from points.earning.evidence.anonymous_sales import give_back, standing, take
from points.earning.evidence.claim_codes import claim_code
from points.earning.guards.needs import asks_anything
from points.earning.guards.reported import restored
from points.earning.guards.review_queries import refused_claims, reviews_of
from points.earning.guards.screening import note_given_up, outcome_of
from points.earning.guards.tables import Review, ReviewState
from points.earning.keys import sale_key
from points.errors import StateConflictError
from points.ledger import ClaimState
from points.programmes.policy import Rulebook, Terms
from points.programmes.queries import rulebook as read_rulebook

_TAKEN: Final = (
    "The receipt was given back when this was refused, and is another's by now: somebody else has claimed it, or the "
    "till has named its member. This stays refused; if the other claim is refused too, it can be opened again."
)
_GONE: Final = (
    "The receipt was given back when this was refused, and nothing of it is left to be claimed: all of it was brought "
    "back, or its time is long over."
)


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
    receipts = {receipt_key(each.claim_code) for each in freed}
    await ledger.unclaim(session, rulebook.programme_id, sorted({key_of(each) for each in freed} | receipts))


async def refused_before(
    session: AsyncSession, rulebook: Rulebook, resident_id: UUID, lines: Collection[AnonymousLine]
) -> dict[int, Held | Refusal]:
    """Return what a resident is told of lines of a receipt that they were refused and that were given back.

    Asks nothing where no policy has guards.
    """
    free = [each for each in lines if each.claimed_by is None]
    if not free or not any(asks_anything(each.terms) for each in rulebook.policies):
        return {}
    [retailer_id, receipt] = free[0].retailer_id, free[0].receipt
    found = await refused_claims(session, rulebook.programme_id, resident_id, retailer_id, receipt)
    told = {each.evidence["line"]: outcome_of(each) for each in found}
    return {each.line: told[each.line] for each in free if each.line in told}


async def give_up(
    session: AsyncSession, rulebook: Rulebook, code: str, stopped: Collection[AnonymousLine], *, again: bool
) -> bool:
    """Let a receipt that was claimed just now be claimed by others, where guards refused it; tell whether they did.

    Nothing of it was credited, or waits. `stopped` are lines that guards refuse; a key that led to the refusal of the
    till's own report is not the claim's to give back. `again` says that some lines had been refused before.
    """
    programme_id = rulebook.programme_id
    found = await ledger.find(session, programme_id, [ledger.KeyUse(key_of(each), b"") for each in stopped])
    leads = {each.entry_id: key_of(line) for line, each in zip(stopped, found, strict=True) if each is not None}
    known = await reviews_of(session, programme_id, {each for each in leads if each is not None}) if leads else {}
    sales = {each: sale for each, review in known.items() if (sale := claim_of(review)) is not None}
    keys = [leads[review_id] for review_id in sales]
    if not keys and not again:
        return False
    await ledger.unclaim(session, programme_id, sorted([*keys, receipt_key(code)]))
    await note_given_up(session, rulebook, sales.values())
    return True


async def take_again(
    session: AsyncSession, rulebook: Rulebook, review_id: UUID, sale: Sale, *, secret: bytes | None, now: datetime
) -> Sale:
    """Take a line that was given back for the resident whose refused claim is opened again; return what is left of it.

    Does nothing where it was never given back. Keys are claimed as by whoever claims the receipt: one of both has it.

    Raises:
        StateConflictError: when it is somebody else's by now, or nothing of it is left.
    """
    programme_id = rulebook.programme_id
    if not await _was_released(session, programme_id, review_id, sale):
        return sale
    if secret is None:
        raise StateConflictError(_TAKEN)
    code = claim_code(programme_id, sale.retailer_id, sale.receipt, secret)
    line = (await standing(session, programme_id, [code])).get((code, sale.line))
    if line is None or line.returned >= line.quantity:
        raise StateConflictError(_GONE)
    left = replace(sale, quantity=line.quantity - line.returned, returned=line.returned)
    identified = identify(left, rulebook.time_zone)
    assert isinstance(identified, Identified), "it was, when it was refused"
    uses = [ledger.KeyUse(receipt_key(code), ledger.input_hash(sale.resident_id)), held_use(identified, review_id)]
    [whose, own] = await ledger.claim(session, programme_id, uses)
    if whose.state is ClaimState.CONFLICT or own.state is not ClaimState.FRESH or sale.resident_id is None:
        raise StateConflictError(_TAKEN)
    if line.claimed_by is None:
        await take(session, programme_id, {line: sale.resident_id}, now=now)
    return left


async def reviewed(
    session: AsyncSession, programme_id: UUID, lines: Collection[AnonymousLine], states: Collection[ReviewState]
) -> bool:
    """Tell whether a claim of some of the lines led to a review in one of `states`."""
    found = await ledger.find(session, programme_id, [ledger.KeyUse(key_of(each), b"") for each in lines])
    entries = {each.entry_id for each in found if each is not None and each.entry_id is not None}
    known = await reviews_of(session, programme_id, entries) if entries else {}
    return any(each.state in states for each in known.values())


async def _was_released(session: AsyncSession, programme_id: UUID, review_id: UUID, sale: Sale) -> bool:
    """Tell whether the receipt of a refused review was given back: the sale's key does not stand for it any more."""
    key = sale_key(sale.retailer_id, sale.receipt, sale.line)
    [found] = await ledger.find(session, programme_id, [ledger.KeyUse(key, b"")])
    return found is None or found.entry_id != review_id


def claim_of(review: Review) -> Sale | None:
    """Return the anonymous sale that a review is a claim of, if it is one."""
    evidence = restored(review.evidence)
    return evidence if isinstance(evidence, Sale) and evidence.claimed else None


def receipt_key(code: str) -> str:
    """Return the key that makes a receipt one resident's."""
    return f"receipt:{code}"


def key_of(line: AnonymousLine) -> str:
    """Return the key that makes the sale once."""
    return sale_key(line.retailer_id, line.receipt, line.line)
