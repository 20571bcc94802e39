"""A receipt whose claim was refused after a review is nobody's again, and no day of the review counts."""

import asyncio
import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from core import db
from points.earning import reviews
from points.earning.activities import Claimable, Held, Reason, Receipt, Refusal
from points.earning.evidence import unclaimed
from points.earning.evidence.receipt_claims import ClaimedLine
from points.earning.guards import retailer_staff
from points.earning.guards.tables import ReviewState
from points.earning.reviews import Decided, Shown
from points.errors import ReceiptAlreadyClaimedError, StateConflictError
from points.programmes.guard_terms import Guards
from points.programmes.tables import Programme
from tests.factories.credits import NOW, RETAILER, assert_clean
from tests.factories.labels import Labelled, make_labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.tills import claimed, report, sold, static_code
from workers.till_keys import till_keys

DAY = timedelta(days=1)


@pytest.fixture
async def product(database: str) -> Labelled:
    async with db.transaction() as session:
        return await make_labelled(session)


class Shop:
    """A programme whose staff claims are held, an anonymous receipt, and who wants it."""

    programme: Programme
    cashier: UUID
    buyer: UUID
    code: str

    async def claim(self, who: UUID, *, now: datetime = NOW) -> list[ClaimedLine]:
        return await claimed(self.programme, who, self.code, now=now)

    async def decide(self, *review_ids: UUID, accept: bool = False, now: datetime = NOW) -> list[Decided]:
        async with db.transaction() as session:
            programme_id, note = self.programme.programme_id, {"note": "n", "actor": "staff:1", "now": now}
            if accept:
                return await reviews.accept(session, programme_id, review_ids, **note)  # type: ignore[arg-type]
            return await reviews.refuse(
                session,
                programme_id,
                review_ids,
                claim_secret=till_keys().claims,
                **note,  # type: ignore[arg-type]
            )

    async def reopen(self, review_id: UUID, *, now: datetime = NOW) -> Shown:
        programme_id, secret = self.programme.programme_id, till_keys().claims
        async with db.transaction() as session:
            note = {"note": "n", "actor": "staff:1", "now": now, "claim_secret": secret}
            return await reviews.reopen(session, programme_id, review_id, **note)  # type: ignore[arg-type]  # a note


def held(lines: list[ClaimedLine]) -> list[UUID]:
    assert all(isinstance(each.outcome, Held) for each in lines), lines
    return [each.outcome.review_id for each in lines if isinstance(each.outcome, Held)]


@pytest.fixture
async def shop(product: Labelled) -> Shop:
    return await open_shop(product, Guards(staff_may_claim=False, refusing=()))


async def open_shop(product: Labelled, guards: Guards, *, lines: int = 2) -> Shop:
    found = Shop()
    terms = replace(AT_ONCE, guards=guards, claim_days=14)
    async with db.transaction() as session:
        found.programme = await make_programme(session, terms=terms)
        found.cashier, found.buyer = await make_residents(session, found.programme, 2)
    member = await static_code(found.programme, found.cashier)
    async with db.transaction() as session:
        await retailer_staff.declare(session, found.programme.programme_id, RETAILER, [member], actor="test", now=NOW)
    outcomes = await report(found.programme, *(sold(product.gtin, line=number) for number in range(1, lines + 1)))
    assert isinstance(outcomes[0], Claimable)
    found.code = outcomes[0].claim_code
    return found


async def test_who_claims_again_what_was_accepted_has_its_receipts(shop: Shop) -> None:
    decided = await shop.decide(*held(await shop.claim(shop.cashier)), accept=True)
    again = [each.outcome for each in await shop.claim(shop.cashier)]
    told = [(each.activity_id, each.replayed) for each in again if isinstance(each, Receipt)]
    assert told == [(each.receipt_id, True) for each in decided]
    with pytest.raises(ReceiptAlreadyClaimedError, match="Somebody else has claimed"):
        await shop.claim(shop.buyer)
    await assert_clean(shop.programme)


async def test_the_buyer_claims_what_an_operator_refused_the_cashier(shop: Shop) -> None:
    one, two = held(await shop.claim(shop.cashier))
    with pytest.raises(ReceiptAlreadyClaimedError, match=r"being reviewed.*try again tomorrow"):
        await shop.claim(shop.buyer)
    [first] = await shop.decide(one)
    assert (first.state, first.released) == (ReviewState.REFUSED, False), "its other line waits"
    with pytest.raises(ReceiptAlreadyClaimedError, match="being reviewed"):
        await shop.claim(shop.buyer)
    [second] = await shop.decide(two)
    assert (second.state, second.released) == (ReviewState.REFUSED, True)
    lines = await shop.claim(shop.buyer)
    assert [each.outcome.grams for each in lines if isinstance(each.outcome, Receipt)] == [1_000, 1_000]
    with pytest.raises(ReceiptAlreadyClaimedError, match="Somebody else has claimed"):
        await shop.claim(shop.cashier)
    with pytest.raises(StateConflictError, match=r"given back.*another's"):
        await shop.reopen(one)
    await assert_clean(shop.programme)


async def test_a_receipt_of_which_a_line_was_accepted_stays_with_who_claimed_it(shop: Shop) -> None:
    one, two = held(await shop.claim(shop.cashier))
    await shop.decide(one, accept=True)
    [refused] = await shop.decide(two)
    assert not refused.released
    with pytest.raises(ReceiptAlreadyClaimedError, match="Somebody else"):
        await shop.claim(shop.buyer)
    await assert_clean(shop.programme)


async def test_days_of_the_review_are_added_to_the_window(shop: Shop) -> None:
    """Bought today, claimed on day 4, refused on day 14: whoever claims it has until day 24."""
    lines = held(await shop.claim(shop.cashier, now=NOW + 4 * DAY))
    await shop.decide(*lines, now=NOW + 14 * DAY)
    found = await shop.claim(shop.buyer, now=NOW + 24 * DAY)
    assert all(isinstance(each.outcome, Receipt) for each in found)
    await assert_clean(shop.programme)


async def test_what_can_be_claimed_longer_is_kept_longer(shop: Shop) -> None:
    lines = held(await shop.claim(shop.cashier))
    await shop.decide(*lines, now=NOW + 80 * DAY)
    removed = []
    for days in (94, 95):
        async with db.transaction() as session:
            programme_id, now = shop.programme.programme_id, NOW + days * DAY
            removed.append(await unclaimed.sweep(session, programme_id, now=now, limit=9))
    assert removed == [0, 2]


async def test_past_the_added_days_it_can_not_be_claimed(shop: Shop) -> None:
    lines = held(await shop.claim(shop.cashier, now=NOW + 4 * DAY))
    await shop.decide(*lines, now=NOW + 14 * DAY)
    late = NOW + 24 * DAY + timedelta(seconds=1)
    found = [each.outcome for each in await shop.claim(shop.buyer, now=late)]
    assert [each.reason for each in found if isinstance(each, Refusal)] == [Reason.CLAIM_WINDOW_OVER] * 2


async def test_who_was_refused_after_a_review_is_refused_again_until_it_is_opened_again(shop: Shop) -> None:
    lines = held(await shop.claim(shop.cashier))
    await shop.decide(*lines)
    again = [each.outcome for each in await shop.claim(shop.cashier)]
    assert [each.reason for each in again if isinstance(each, Refusal)] == [Reason.REFUSED_BY_GUARD] * 2
    await shop.reopen(lines[0])
    with pytest.raises(ReceiptAlreadyClaimedError, match="being reviewed"):
        await shop.claim(shop.buyer)
    [decided] = await shop.decide(lines[0], accept=True)
    assert isinstance(decided.receipt, Receipt)
    await assert_clean(shop.programme)


@pytest.mark.parametrize("turn", range(4))
async def test_accepting_and_refusing_and_claiming_at_once_credit_it_once(shop: Shop, turn: int) -> None:
    lines = held(await shop.claim(shop.cashier))

    async def buyer() -> list[ClaimedLine]:
        await asyncio.sleep(0.004 * turn)
        return await shop.claim(shop.buyer)

    results = await asyncio.gather(
        shop.decide(*lines, accept=True),
        shop.decide(lines[0]),
        shop.decide(*lines[::-1]),
        buyer(),
        return_exceptions=True,
    )
    unexpected = [each for each in results if isinstance(each, BaseException)]
    assert all(isinstance(each, ReceiptAlreadyClaimedError) for each in unexpected), unexpected
    decided = [
        each for each in itertools.chain(*(it for it in results if isinstance(it, list))) if isinstance(each, Decided)
    ]
    assert sum(each.problem is None for each in decided) == 2, "each line once"
    await assert_clean(shop.programme)
