"""A claim of a receipt that a rule refuses outright takes it from nobody: its buyer claims it at once."""

import asyncio

import pytest
from sqlmodel import select

from core import db
from points.earning import reviews
from points.earning.activities import Held, Reason, Receipt, Refusal
from points.earning.adjustments.return_lines import Bought
from points.earning.evidence.receipt_claims import ClaimedLine
from points.earning.guards.needs import Scope
from points.earning.guards.review_queries import Filters
from points.earning.guards.tables import Review, ReviewState, Tally
from points.earning.returns import record_returns
from points.errors import ReceiptAlreadyClaimedError, StateConflictError
from points.programmes.guard_terms import Guards, Rule
from tests.factories.credits import NOW, RETAILER, assert_clean
from tests.factories.labels import Labelled, make_labelled
from tests.factories.returns import back
from tests.factories.statements import counted
from tests.factories.tills import report, sold, static_code
from tests.points.earning.evidence.test_refused_claims import DAY, Shop, open_shop
from workers.till_keys import till_keys

STAFF = Guards(staff_may_claim=False)


@pytest.fixture
async def product(database: str) -> Labelled:
    async with db.transaction() as session:
        return await make_labelled(session)


@pytest.fixture
async def shop(product: Labelled) -> Shop:
    return await open_shop(product, STAFF)


async def reviews_of(shop: Shop) -> list[Review]:
    async with db.transaction() as session:
        return await reviews.queue(session, shop.programme.programme_id, Filters(), before=None, limit=99)


def grams(lines: list[ClaimedLine]) -> list[int | None]:
    """Return what each line was credited, None where a guard refused it."""
    told = [each.outcome for each in lines]
    assert all(isinstance(it, Receipt) or getattr(it, "reason", None) is Reason.REFUSED_BY_GUARD for it in told), told
    return [it.grams if isinstance(it, Receipt) else None for it in told]


async def test_the_buyer_claims_at_once_what_the_cashier_was_refused(shop: Shop) -> None:
    refused = await shop.claim(shop.cashier)
    assert grams(refused) == [None, None]
    assert [each.outcome for each in await shop.claim(shop.cashier)] == [each.outcome for each in refused]
    waiting = await reviews_of(shop)
    assert [(each.state, each.rule) for each in waiting] == [(ReviewState.REFUSED, Rule.STAFF_CLAIM)] * 2, "each once"
    assert grams(await shop.claim(shop.buyer)) == [1_000, 1_000]
    with pytest.raises(ReceiptAlreadyClaimedError, match="Somebody else has claimed"):
        await shop.claim(shop.cashier)
    await assert_clean(shop.programme)


async def test_what_the_cashier_was_refused_is_counted_once_when_its_buyer_claims_it(product: Labelled) -> None:
    guards = Guards(
        staff_may_claim=False,
        till_characters=1,
        till_lines_per_minute=3,
        resident_returns_bp=1,
        retailer_returns_bp=1,
        retailer_burst_times=2,
    )
    shop = await open_shop(product, guards)
    for _ in range(2):
        assert grams(await shop.claim(shop.cashier)) == [None, None]
    assert grams(await shop.claim(shop.buyer)) == [1_000, 1_000], "the till rang up two lines, not four"
    async with db.transaction() as session:
        tallies = (await session.exec(select(Tally).where(Tally.programme_id == shop.programme.programme_id))).all()
    found = {(each.scope, each.subject): (each.lines, each.units) for each in tallies}
    assert found.pop((Scope.RESIDENT_MONTH, str(shop.cashier))) == (0, 0)
    assert len(found) == 4
    assert set(found.values()) == {(2, 2)}
    await assert_clean(shop.programme)


async def test_its_review_can_not_be_opened_once_the_buyer_has_claimed(shop: Shop) -> None:
    await shop.claim(shop.cashier)
    await shop.claim(shop.buyer)
    for each in await reviews_of(shop):
        with pytest.raises(StateConflictError, match=r"given back.*another's by now"):
            await shop.reopen(each.review_id)
        [decided] = await shop.decide(each.review_id, accept=True)
        assert (decided.receipt, decided.problem) == (None, "This was refused before. Reopen it.")
    await assert_clean(shop.programme)


async def test_opened_again_it_is_the_refused_residents_until_it_is_decided(shop: Shop) -> None:
    await shop.claim(shop.cashier)
    second, first = await reviews_of(shop)
    assert (first.evidence["line"], second.evidence["line"]) == (1, 2)
    await shop.reopen(first.review_id, now=NOW + 4 * DAY)
    with pytest.raises(ReceiptAlreadyClaimedError, match="being reviewed"):
        await shop.claim(shop.buyer)
    [one, two] = await shop.claim(shop.cashier)
    assert isinstance(one.outcome, Held)
    assert isinstance(two.outcome, Refusal)
    await shop.reopen(second.review_id, now=NOW + 4 * DAY)
    [accepted] = await shop.decide(first.review_id, accept=True)
    [refused] = await shop.decide(second.review_id)
    assert isinstance(accepted.receipt, Receipt)
    assert not refused.released, "its other line was credited"
    with pytest.raises(ReceiptAlreadyClaimedError, match="Somebody else"):
        await shop.claim(shop.buyer)
    await assert_clean(shop.programme)


async def test_refused_after_all_it_is_the_buyers_for_as_many_days_more(shop: Shop) -> None:
    await shop.claim(shop.cashier)
    [first, _] = await reviews_of(shop)
    await shop.reopen(first.review_id, now=NOW + 4 * DAY)
    [decided] = await shop.decide(first.review_id, now=NOW + 10 * DAY)
    assert decided.released
    found = await shop.claim(shop.buyer, now=NOW + 20 * DAY)
    told = {each.line: getattr(each.outcome, "reason", None) for each in found}
    assert told == {1: Reason.CLAIM_WINDOW_OVER, 2: None}, "only that line's review took days"
    await assert_clean(shop.programme)


async def test_what_came_back_meanwhile_is_not_taken_again(product: Labelled) -> None:
    shop = await open_shop(product, STAFF, lines=1)
    await report(shop.programme, sold(product.gtin, line=2, quantity=3))
    await shop.claim(shop.cashier)
    two, one = await reviews_of(shop)
    lines = [back(product, 1, bought=Bought("R1", 1)), back(product, 2, bought=Bought("R1", 2))]
    async with db.transaction() as session:
        reported = [(RETAILER, each) for each in lines]
        await record_returns(session, shop.programme.programme_id, reported, keys=till_keys(), now=NOW)
    with pytest.raises(StateConflictError, match="all of it was brought back"):
        await shop.reopen(one.review_id)
    shown = await shop.reopen(two.review_id)
    assert (shown.review.quantity, shown.review.evidence["quantity"]) == (1, 1)
    assert isinstance((await shop.claim(shop.cashier))[1].outcome, Held)
    [decided] = await shop.decide(two.review_id, accept=True)
    assert decided.receipt is not None
    assert decided.receipt.grams == 1_000
    await assert_clean(shop.programme)


async def test_a_member_whom_the_till_names_later_has_it(product: Labelled) -> None:
    shop = await open_shop(product, STAFF, lines=1)
    await shop.claim(shop.cashier)
    member = await static_code(shop.programme, shop.buyer)
    [told] = await report(shop.programme, sold(product.gtin, member))
    assert isinstance(told, Receipt)
    [review] = await reviews_of(shop)
    with pytest.raises(StateConflictError, match="the till has named its member"):
        await shop.reopen(review.review_id)
    await assert_clean(shop.programme)


async def test_a_receipt_of_which_a_line_is_credited_stays_with_who_claimed_it(product: Labelled) -> None:
    guards = Guards(visits_per_minute=1, refusing=(Rule.VISITS_PER_MINUTE,))
    shop = await open_shop(product, guards, lines=1)
    await report(shop.programme, sold(product.gtin, line=2, at=NOW.replace(microsecond=1)))
    assert grams(await shop.claim(shop.buyer)) == [1_000, None]
    with pytest.raises(ReceiptAlreadyClaimedError, match="Somebody else"):
        await shop.claim(shop.cashier)
    await assert_clean(shop.programme)


async def test_it_can_be_claimed_by_others_within_its_window_only(shop: Shop) -> None:
    await shop.claim(shop.cashier)
    late = [each.outcome for each in await shop.claim(shop.buyer, now=NOW + 15 * DAY)]
    assert [each.reason for each in late if isinstance(each, Refusal)] == [Reason.CLAIM_WINDOW_OVER] * 2
    await assert_clean(shop.programme)


async def test_who_was_refused_is_looked_for_only_where_rules_may_refuse(product: Labelled) -> None:
    for guards, asked in ((Guards(), 0), (STAFF, 1)):
        shop = await open_shop(product, guards)
        with counted() as statements:
            await shop.claim(shop.buyer)
        assert sum("FROM review" in each for each in statements) == asked


@pytest.mark.parametrize("turn", range(6))
async def test_of_a_refused_cashier_and_the_buyer_at_once_the_buyer_has_it(shop: Shop, turn: int) -> None:
    async def one(number: int) -> list[ClaimedLine] | None:
        who = shop.buyer if number == turn else shop.cashier
        try:
            return await shop.claim(who)
        except ReceiptAlreadyClaimedError:
            assert who == shop.cashier
            return None

    told = await asyncio.gather(*(one(number) for number in range(6)))
    mine = told.pop(turn)
    assert mine is not None
    assert grams(mine) == [1_000, 1_000]
    assert all(each is None or grams(each) == [None, None] for each in told)
    await assert_clean(shop.programme)


@pytest.mark.parametrize("turn", range(4))
async def test_opening_it_again_and_claiming_it_at_once_gives_it_to_one(shop: Shop, turn: int) -> None:
    await shop.claim(shop.cashier)
    [second, first] = await reviews_of(shop)
    buyers: list[int | None] = []

    async def buyer() -> None:
        await asyncio.sleep(0.003 * turn)
        buyers.extend(grams(await shop.claim(shop.buyer)))

    told = await asyncio.gather(
        buyer(), shop.reopen(first.review_id), shop.reopen(second.review_id), return_exceptions=True
    )
    wrong = [it for it in told if isinstance(it, BaseException)]
    assert all(isinstance(it, StateConflictError | ReceiptAlreadyClaimedError) for it in wrong), wrong
    accepted = await shop.decide(first.review_id, second.review_id, accept=True)
    credited = [each.receipt.grams for each in accepted if each.receipt is not None]
    both = [1_000, 1_000]
    assert (credited, buyers) in [(both, []), ([], both)], told
    await assert_clean(shop.programme)
