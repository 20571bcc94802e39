"""A label unit that came back is nobody's until it is sold again, whoever scans it meanwhile and whenever."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from points.earning.activities import Kind, Outcome, Reason, Receipt
from points.earning.adjustments.return_lines import Bought, Returned, ReturnOutcome
from points.programmes.tables import Programme
from tests.factories.credits import assert_clean
from tests.factories.label_units import (
    AGAIN_AT,
    BACK_AGAIN_AT,
    BACK_AT,
    ONCE_MORE_AT,
    SOLD_AT,
    claimed,
    grams,
    make_codes,
    scanned,
    sold_as,
)
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from tests.factories.returns import SOLD, back, member_of, reason, returned
from tests.factories.statements import counted

FULL, HALF = 1000, 500


@dataclass(frozen=True, slots=True)
class Buyers:
    ann: UUID
    bob: UUID
    shows: dict[UUID, str]
    """Their member codes."""


@pytest.fixture
async def buyers(programme: Programme) -> Buyers:
    async with db.transaction() as session:
        ann, bob = await make_residents(session, programme, 2)
    return Buyers(ann, bob, {each: await member_of(programme, each) for each in (ann, bob)})


def taken(outcomes: list[ReturnOutcome]) -> Returned:
    [outcome] = outcomes
    assert isinstance(outcome, Returned), outcome
    return outcome


def receipt(outcome: Outcome) -> Receipt:
    assert isinstance(outcome, Receipt), outcome
    return outcome


@pytest.mark.parametrize("by", ["line", "latest first", "nobody's line"])
async def test_a_unit_first_scanned_after_it_came_back_earns_nothing(
    programme: Programme, buyers: Buyers, product: Labelled, code: str, by: str
) -> None:
    member = None if by == "nobody's line" else buyers.shows[buyers.ann]
    await sold_as(programme, member, product.gtin)
    line = back(code, bought=None, member=member, at=BACK_AT) if by == "latest first" else back(code, at=BACK_AT)
    first = taken(await returned(programme, line))
    for who in (buyers.ann, buyers.bob):
        assert reason(await scanned(programme, who, code)) is Reason.ALREADY_RETURNED
    again = taken(await returned(programme, line))
    assert (again.replayed, again.grams, again.return_id) == (True, first.grams, first.return_id)
    assert await grams(programme, buyers.ann, buyers.bob) == [0, 0]
    await assert_clean(programme)


async def test_a_unit_whose_sale_named_it_earns_nothing_for_others(
    programme: Programme, buyers: Buyers, code: str
) -> None:
    mine = receipt(await sold_as(programme, buyers.shows[buyers.ann], code))
    member = buyers.shows[buyers.ann]
    assert taken(await returned(programme, back(code, bought=None, member=member, at=BACK_AT))).grams == FULL
    own = receipt(await scanned(programme, buyers.ann, code))
    assert (own.activity_id, own.replayed) == (mine.activity_id, True), "which tells what came back of it"
    assert reason(await scanned(programme, buyers.bob, code)) is Reason.ALREADY_RETURNED
    assert await grams(programme, buyers.ann, buyers.bob) == [0, 0]
    await assert_clean(programme)


async def test_a_refused_return_leaves_no_mark(programme: Programme, buyers: Buyers, code: str) -> None:
    [refused] = await returned(programme, back(code, at=BACK_AT))
    assert reason(refused) is Reason.NO_SUCH_SALE
    assert receipt(await scanned(programme, buyers.ann, code)).grams == HALF
    await assert_clean(programme)


async def test_a_serial_that_was_never_made_leaves_no_mark_either(
    programme: Programme, buyers: Buyers, product: Labelled, code: str
) -> None:
    forged = code[:-1] + ("0" if code[-1] != "0" else "1")
    await sold_as(programme, buyers.shows[buyers.ann], product.gtin, quantity=2)
    assert taken(await returned(programme, back(forged, at=BACK_AT))).grams == FULL
    assert taken(await returned(programme, back(forged, at=BACK_AT))).grams == FULL, "of whatever unit"


@pytest.mark.parametrize("named", [True, False])
async def test_a_member_who_buys_it_again_has_it_in_full(
    programme: Programme, buyers: Buyers, product: Labelled, code: str, *, named: bool
) -> None:
    await sold_as(programme, buyers.shows[buyers.ann], code if named else product.gtin)
    await returned(programme, back(code, at=BACK_AT))
    his = receipt(await sold_as(programme, buyers.shows[buyers.bob], code, receipt="S2", at=AGAIN_AT))
    told = receipt(await scanned(programme, buyers.bob, code))
    assert (his.grams, told.activity_id) == (FULL, his.activity_id)
    assert await grams(programme, buyers.ann, buyers.bob) == [0, FULL]
    await scanned(programme, buyers.ann, code)
    assert await grams(programme, buyers.ann, buyers.bob) == [0, FULL]
    await assert_clean(programme)


@pytest.mark.parametrize("before", ["scanned", "named", "unknown", "anonymous"])
async def test_whoever_buys_it_again_as_nobody_scans_it_and_claims_the_rest(
    programme: Programme, buyers: Buyers, product: Labelled, code: str, before: str
) -> None:
    member = None if before in {"anonymous", "scanned"} else buyers.shows[buyers.ann]
    await sold_as(programme, member, code if before == "named" else product.gtin)
    if before == "scanned":
        await scanned(programme, buyers.ann, code, at=SOLD_AT)
    taken(await returned(programme, back(code, bought=SOLD, at=BACK_AT)))
    resale = await sold_as(programme, None, code, receipt="S2", at=AGAIN_AT)
    if before != "anonymous":
        await scanned(programme, buyers.ann, code)
        assert await grams(programme, buyers.ann) == [0], "who had it before does not have it now"
    label = receipt(await scanned(programme, buyers.bob, code))
    again = receipt(await scanned(programme, buyers.bob, code))
    assert (label.kind, label.grams, again.activity_id) == (Kind.UNIT, HALF, label.activity_id)
    rest = receipt(await claimed(programme, buyers.bob, resale))
    assert (rest.grams, rest.matched) == (HALF, (label.activity_id,))
    assert await grams(programme, buyers.ann, buyers.bob) == [0, FULL]
    await assert_clean(programme)


async def test_whoever_has_the_receipt_outweighs_who_scanned_it_again(
    programme: Programme, buyers: Buyers, code: str
) -> None:
    await sold_as(programme, None, code)
    await returned(programme, back(code, at=BACK_AT))
    resale = await sold_as(programme, None, code, receipt="S2", at=AGAIN_AT)
    await scanned(programme, buyers.ann, code)
    his = receipt(await claimed(programme, buyers.bob, resale))
    assert (his.grams, await grams(programme, buyers.ann, buyers.bob)) == (FULL, [0, FULL])
    assert receipt(await scanned(programme, buyers.bob, code)).activity_id == his.activity_id
    await assert_clean(programme)


async def test_sold_again_without_its_serial_it_is_claimed_with_the_receipt(
    programme: Programme, buyers: Buyers, product: Labelled, code: str
) -> None:
    await sold_as(programme, buyers.shows[buyers.ann], product.gtin)
    await returned(programme, back(code, at=BACK_AT))
    resale = await sold_as(programme, None, product.gtin, receipt="S2", at=AGAIN_AT)
    assert reason(await scanned(programme, buyers.bob, code)) is Reason.ALREADY_RETURNED
    assert receipt(await claimed(programme, buyers.bob, resale)).grams == FULL
    assert await grams(programme, buyers.ann, buyers.bob) == [0, FULL]
    await assert_clean(programme)


@pytest.mark.parametrize("by", ["line", "member"])
async def test_back_and_forth_each_sale_and_return_counts_once(
    programme: Programme, buyers: Buyers, code: str, by: str
) -> None:
    sales = [("S1", buyers.ann, SOLD_AT, BACK_AT), ("S2", buyers.bob, AGAIN_AT, BACK_AGAIN_AT)]
    for number, who, sold_at, back_at in sales:
        assert receipt(await sold_as(programme, buyers.shows[who], code, receipt=number, at=sold_at)).grams == FULL
        bought, member = (Bought(number, 1), None) if by == "line" else (None, buyers.shows[who])
        assert taken(await returned(programme, back(code, bought=bought, member=member, at=back_at))).grams == FULL
        [twice] = await returned(programme, back(code, bought=bought, member=member, at=back_at))
        assert reason(twice) is Reason.ALREADY_RETURNED
    last = receipt(await sold_as(programme, buyers.shows[buyers.ann], code, receipt="S3", at=ONCE_MORE_AT))
    assert receipt(await scanned(programme, buyers.ann, code)).activity_id == last.activity_id
    assert await grams(programme, buyers.ann, buyers.bob) == [FULL, 0]
    await assert_clean(programme)


async def test_sold_to_nobody_twice_it_is_scanned_once_by_each_who_bought_it(
    programme: Programme, buyers: Buyers, code: str
) -> None:
    await sold_as(programme, None, code)
    await returned(programme, back(code, at=BACK_AT))
    await sold_as(programme, None, code, receipt="S2", at=AGAIN_AT)
    assert receipt(await scanned(programme, buyers.ann, code)).grams == HALF
    assert taken(await returned(programme, back(code, bought=Bought("S2", 1), at=BACK_AGAIN_AT))).grams == HALF
    await sold_as(programme, None, code, receipt="S3", at=ONCE_MORE_AT)
    assert receipt(await scanned(programme, buyers.bob, code)).grams == HALF
    await scanned(programme, buyers.ann, code)
    assert await grams(programme, buyers.ann, buyers.bob) == [0, HALF]
    await assert_clean(programme)


async def test_the_same_unit_does_not_come_back_twice_of_a_line_of_two(
    programme: Programme, buyers: Buyers, product: Labelled, code: str
) -> None:
    await sold_as(programme, buyers.shows[buyers.ann], product.gtin, quantity=2)
    both = await returned(programme, back(code, at=BACK_AT), back(code, at=BACK_AT))
    [later] = await returned(programme, back(code, at=BACK_AGAIN_AT))
    assert [reason(each) for each in (*both, later)] == [None, *[Reason.ALREADY_RETURNED] * 2]
    assert await grams(programme, buyers.ann) == [FULL]
    await assert_clean(programme)


@pytest.mark.parametrize("named", [True, False])
async def test_another_label_is_not_taken_for_the_unit_that_came_back(
    programme: Programme, buyers: Buyers, product: Labelled, *, named: bool
) -> None:
    gone, other = await make_codes(product, 2)
    await sold_as(programme, buyers.shows[buyers.ann], gone if named else product.gtin)
    await returned(programme, back(gone, at=BACK_AT))
    label = receipt(await scanned(programme, buyers.ann, other))
    assert (label.kind, label.grams, await grams(programme, buyers.ann)) == (Kind.UNIT, HALF, [HALF])
    await assert_clean(programme)


async def test_a_line_that_does_not_sell_the_unit_takes_nothing_back_for_it(
    programme: Programme, buyers: Buyers, product: Labelled, code: str
) -> None:
    await sold_as(programme, buyers.shows[buyers.ann], code)
    await sold_as(programme, buyers.shows[buyers.bob], product.gtin, receipt="S2")
    [refused] = await returned(programme, back(code, bought=Bought("S2", 1), at=BACK_AT))
    assert reason(refused) is Reason.NO_SUCH_SALE
    assert await grams(programme, buyers.ann, buyers.bob) == [FULL, FULL]


async def test_a_sale_reported_after_its_unit_came_back_credits_nothing(
    programme: Programme, buyers: Buyers, code: str
) -> None:
    await sold_as(programme, None, code, receipt="S0")
    await scanned(programme, buyers.ann, code, at=SOLD_AT)
    taken(await returned(programme, back(code, bought=Bought("S0", 1), at=BACK_AT)))
    late = await sold_as(programme, buyers.shows[buyers.ann], code, receipt="S1", at=SOLD_AT + timedelta(minutes=1))
    assert (reason(late), await grams(programme, buyers.ann)) == (Reason.ALREADY_RETURNED, [0])
    await assert_clean(programme)


@pytest.mark.parametrize("scans", [True, False])
async def test_what_is_left_of_nobodys_line_is_credited_once_it_has_a_member(
    programme: Programme, buyers: Buyers, code: str, *, scans: bool
) -> None:
    await sold_as(programme, None, code, quantity=2)
    if scans:
        await scanned(programme, buyers.ann, code)
    await returned(programme, back(code, at=BACK_AT))
    assert receipt(await sold_as(programme, buyers.shows[buyers.ann], code, quantity=2)).grams == FULL
    assert receipt(await sold_as(programme, buyers.shows[buyers.bob], code, receipt="S2", at=AGAIN_AT)).grams == FULL
    assert await grams(programme, buyers.ann, buyers.bob) == [FULL, FULL]
    await assert_clean(programme)


async def test_a_named_unit_may_be_back_when_some_of_its_line_is_and_a_sale_after_that_says_so(
    programme: Programme, buyers: Buyers, product: Labelled, code: str
) -> None:
    await sold_as(programme, buyers.shows[buyers.ann], code, quantity=2)
    await returned(programme, back(product, 1, at=BACK_AT))
    early = await sold_as(programme, buyers.shows[buyers.bob], code, receipt="S2", at=BACK_AT - timedelta(minutes=1))
    assert reason(early) is Reason.UNIT_ALREADY_CLAIMED, "nothing had come back by then"
    his = receipt(await sold_as(programme, buyers.shows[buyers.bob], code, receipt="S2", at=AGAIN_AT))
    assert (his.grams, await grams(programme, buyers.ann, buyers.bob)) == (FULL, [FULL, FULL])
    taken(await returned(programme, back(product, 1, at=BACK_AT)))
    assert await grams(programme, buyers.ann, buyers.bob) == [0, FULL], "the other unit goes with its own line"
    await assert_clean(programme)


async def test_the_label_of_nobodys_line_that_named_it_goes_when_the_whole_line_comes_back(
    programme: Programme, buyers: Buyers, product: Labelled, code: str
) -> None:
    await sold_as(programme, None, code)
    await scanned(programme, buyers.ann, code)
    assert taken(await returned(programme, back(product, 1, at=BACK_AT))).grams == HALF
    assert reason(await scanned(programme, buyers.bob, code)) is Reason.ALREADY_RETURNED
    assert await grams(programme, buyers.ann, buyers.bob) == [0, 0]
    await assert_clean(programme)


@pytest.mark.parametrize("size", [2, 40])
async def test_returns_that_name_serials_cost_the_same_number_of_statements_whatever_their_number(
    programme: Programme, buyers: Buyers, product: Labelled, size: int
) -> None:
    codes = await make_codes(product, size)
    for place, each in enumerate(codes):
        await sold_as(programme, buyers.shows[buyers.ann], each if place % 2 else product.gtin, receipt=each)
    lines = [back(each, bought=Bought(each, 1), at=BACK_AT) for each in codes]
    with counted() as statements:
        outcomes = await returned(programme, *lines)
    assert all(isinstance(each, Returned) for each in outcomes)
    assert len(statements) <= 45, "\n".join(statements)
