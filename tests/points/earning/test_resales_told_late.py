"""Units that came back and are sold again to nobody known: what is told late, twice or in two ways takes none away."""

from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from points.earning.activities import Outcome, Reason, Receipt, SaleLine
from points.earning.adjustments.return_lines import Bought, Returned
from points.earning.sales import record_sales
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
from tests.factories.label_units import AGAIN_AT, BACK_AT, SOLD_AT, claimed, grams, make_codes, scanned, sold_as
from tests.factories.labels import Labelled
from tests.factories.returns import RETAILER, SOLD, back, member_of, reason, returned
from workers.till_keys import till_keys

FULL, HALF = 1000, 500


async def rung_up(programme: Programme, *lines: SaleLine) -> list[Outcome]:
    async with db.transaction() as session:
        return await record_sales(session, programme.programme_id, RETAILER, lines, keys=till_keys(), now=NOW)


def grams_of(outcome: Outcome) -> int:
    """Return what a sale is credited, nothing where all of it came back."""
    if isinstance(outcome, Receipt):
        return outcome.grams
    assert reason(outcome) is Reason.ALREADY_RETURNED
    return 0


async def bring_back(programme: Programme, *codes: str) -> None:
    """Sell each to nobody known, and bring it back."""
    for code in codes:
        await sold_as(programme, None, code, receipt=code)
        [outcome] = await returned(programme, back(code, bought=Bought(code, 1), at=BACK_AT))
        assert isinstance(outcome, Returned), outcome


@pytest.mark.parametrize(
    ("minutes", "why"),
    [(-30, Reason.UNIT_ALREADY_CLAIMED), (30, Reason.ALREADY_RETURNED)],
    ids=["earlier", "meanwhile"],
)
async def test_a_sale_from_before_it_came_back_takes_nothing_from_who_bought_it_since(
    programme: Programme, people: list[UUID], product: Labelled, minutes: int, why: Reason
) -> None:
    ann, bob = people
    [code] = await make_codes(product, 1)
    await bring_back(programme, code)
    resale = await sold_as(programme, None, code, receipt="S2", at=AGAIN_AT)
    before = SOLD_AT + timedelta(minutes=minutes)
    late = await sold_as(programme, await member_of(programme, ann), code, receipt="S0", at=before)
    assert reason(late) is why
    label = await scanned(programme, bob, code)
    assert isinstance(label, Receipt), label
    assert await grams(programme, ann, bob) == [0, HALF]
    await claimed(programme, bob, resale)
    assert await grams(programme, ann, bob) == [0, FULL]
    await assert_clean(programme)


async def test_what_is_left_of_nobodys_line_is_credited_though_its_named_unit_is_anothers_by_then(
    programme: Programme, people: list[UUID], product: Labelled
) -> None:
    ann, bob = people
    [code] = await make_codes(product, 1)
    await sold_as(programme, None, code, quantity=2)
    await returned(programme, back(code, at=BACK_AT))
    resale = await sold_as(programme, None, code, receipt="S2", at=AGAIN_AT)
    rest = await sold_as(programme, await member_of(programme, ann), code, quantity=2)
    assert isinstance(rest, Receipt), rest
    await claimed(programme, bob, resale)
    assert await grams(programme, ann, bob) == [FULL, FULL]
    await assert_clean(programme)


@pytest.mark.parametrize("quantity", [1, 2])
async def test_a_line_that_does_not_stand_sells_no_unit_again(
    programme: Programme, people: list[UUID], product: Labelled, quantity: int
) -> None:
    first, other = await make_codes(product, 2)
    await bring_back(programme, first, other)
    line = SaleLine("S9", 1, None, first, 1, AGAIN_AT)
    await rung_up(programme, line, SaleLine("S9", 1, None, other, quantity, AGAIN_AT))
    assert isinstance(await scanned(programme, people[0], first), Receipt)
    assert reason(await scanned(programme, people[0], other)) is Reason.ALREADY_RETURNED


async def test_of_two_sales_told_at_once_the_later_one_sells_it_again(
    programme: Programme, people: list[UUID], product: Labelled
) -> None:
    [code] = await make_codes(product, 1)
    await bring_back(programme, code)
    late = SaleLine("S3", 1, None, code, 1, SOLD_AT)
    await rung_up(programme, SaleLine("S9", 1, None, code, 1, AGAIN_AT), late)
    assert isinstance(await scanned(programme, people[0], code), Receipt)


@pytest.mark.parametrize("whole", [True, False])
async def test_a_line_that_was_worth_nothing_to_its_claimant_can_be_brought_back(
    programme: Programme, people: list[UUID], product: Labelled, *, whole: bool
) -> None:
    ann, bob = people
    [code] = await make_codes(product, 1)
    sale = await sold_as(programme, None, code, quantity=2)
    await sold_as(programme, await member_of(programme, bob), code, receipt="S2")
    assert reason(await claimed(programme, ann, sale)) is Reason.UNIT_ALREADY_CLAIMED
    [outcome] = await returned(programme, back(product, 2 if whole else 1, bought=SOLD, at=BACK_AT))
    assert isinstance(outcome, Returned), outcome
    assert await grams(programme, ann, bob) == [0, FULL]
    await assert_clean(programme)


@pytest.mark.parametrize("quantity", [1, 2])
@pytest.mark.parametrize("told", ["with its receipt", "by the till"])
async def test_a_scanned_unit_that_comes_back_waits_for_its_line_to_be_told(
    programme: Programme, people: list[UUID], product: Labelled, told: str, quantity: int
) -> None:
    ann, bob = people
    [code] = await make_codes(product, 1)
    anonymous = await sold_as(programme, None, code, quantity=quantity) if told == "with its receipt" else None
    await scanned(programme, ann, code, at=SOLD_AT)
    line = back(code, bought=SOLD, at=BACK_AT)
    [early] = await returned(programme, line)
    if anonymous is not None:
        assert isinstance(early, Returned), early
        sale = await claimed(programme, ann, anonymous)
        assert grams_of(sale) == (quantity - 1) * FULL
    else:
        assert reason(early) is Reason.NO_SUCH_SALE
        sale = await sold_as(programme, await member_of(programme, ann), code, quantity=quantity)
        assert grams_of(sale) == quantity * FULL - HALF
        [again_] = await returned(programme, line)
        assert isinstance(again_, Returned), "the refusal left its number free"
    again = await sold_as(programme, await member_of(programme, bob), code, receipt="S2", at=AGAIN_AT)
    assert isinstance(again, Receipt), again
    assert await grams(programme, ann, bob) == [(quantity - 1) * FULL, FULL]
    await assert_clean(programme)
