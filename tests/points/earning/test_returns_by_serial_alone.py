"""A return by the serial alone is of the sale that named it, or of its resident's whose label was matched with one."""

from functools import partial
from itertools import permutations
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points.earning.activities import Outcome, Reason, Receipt, Refusal, SaleLine
from points.earning.adjustments.return_lines import Bought, Returned, ReturnLine, ReturnOutcome
from points.earning.sales import record_sales
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
from tests.factories.label_units import AGAIN_AT, BACK_AT, SOLD_AT, claimed, grams, make_codes, scanned, sold_as
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from tests.factories.retelling import Report, tell_all
from tests.factories.returns import SOLD, back, member_of, reason, returned, units
from workers.till_keys import till_keys

FULL, HALF = 1000, 500


@pytest.fixture
async def people(programme: Programme) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, 2)


@pytest.fixture
async def code(product: Labelled) -> str:
    return (await make_codes(product, 1))[0]


async def told_back(programme: Programme, line: ReturnLine) -> ReturnOutcome:
    [outcome] = await returned(programme, line)
    return outcome


async def sold_elsewhere(programme: Programme, member: str | None, code: str) -> Outcome:
    lines = [SaleLine("S1", 1, member, code, 1, SOLD_AT)]
    async with db.transaction() as session:
        [outcome] = await record_sales(session, programme.programme_id, new_id(), lines, keys=till_keys(), now=NOW)
    return outcome


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("order", list(permutations(["sale", "scan", "back"])))
async def test_in_any_order_the_sale_that_named_it_is_the_one_it_came_back_of(
    programme: Programme, people: list[UUID], code: str, order: tuple[str, ...], *, shown: bool
) -> None:
    ann, _ = people
    member = await member_of(programme, ann) if shown else None
    line = back(code, bought=None, at=BACK_AT)
    reports = {
        "sale": Report(partial(sold_as, programme, member, code)),
        "scan": Report(partial(scanned, programme, ann, code, at=SOLD_AT)),
        "back": Report(partial(told_back, programme, line)),
    }
    told = await tell_all(reports, order)
    assert isinstance(told["back"], Returned), told
    is_late = order == ("sale", "back", "scan") and not shown
    assert reason(told["scan"]) is (Reason.ALREADY_RETURNED if is_late else None), "else it tells what came back of it"
    assert await grams(programme, ann) == [0], "by whichever the half was credited, it went"
    again = await sold_as(programme, await member_of(programme, people[1]), code, receipt="S2", at=AGAIN_AT)
    assert isinstance(again, Receipt), again
    assert await grams(programme, *people) == [0, FULL]
    await assert_clean(programme)


@pytest.mark.parametrize("shown", [True, False])
async def test_what_another_retailer_sold_by_the_serial_is_not_this_ones_to_take_back(
    programme: Programme, people: list[UUID], code: str, *, shown: bool
) -> None:
    await sold_elsewhere(programme, await member_of(programme, people[0]) if shown else None, code)
    assert reason(await told_back(programme, back(code, bought=None, at=BACK_AT))) is Reason.NO_SUCH_SALE
    assert await grams(programme, people[0]) == [FULL if shown else 0]


async def test_it_does_not_come_back_of_a_sale_made_after_that(
    programme: Programme, people: list[UUID], code: str
) -> None:
    await sold_as(programme, await member_of(programme, people[0]), code, at=AGAIN_AT)
    assert reason(await told_back(programme, back(code, bought=None, at=BACK_AT))) is Reason.NO_SUCH_SALE
    assert await grams(programme, people[0]) == [FULL]


async def test_a_label_that_was_matched_means_its_residents_latest_sale(
    programme: Programme, people: list[UUID], product: Labelled, code: str
) -> None:
    """The label was matched with the older sale: which of the two its unit was of, nobody has said."""
    ann, _ = people
    member = await member_of(programme, ann)
    older = await sold_as(programme, member, product.gtin)
    told = await scanned(programme, ann, code, at=SOLD_AT)
    assert isinstance(older, Receipt)
    assert isinstance(told, Receipt)
    assert told.activity_id == older.activity_id
    newer = await sold_as(programme, member, product.gtin, receipt="S2", at=BACK_AT)
    taken = await told_back(programme, back(code, bought=None, at=BACK_AT))
    assert isinstance(newer, Receipt)
    assert isinstance(taken, Returned), taken
    assert [each.activity_id for each in taken.adjusted] == [newer.activity_id]
    named = await told_back(programme, back(product, bought=Bought("S2", 1), at=AGAIN_AT))
    assert isinstance(named, Returned), named
    assert [each.activity_id for each in named.adjusted] == [older.activity_id], "it was a guess, and gave way"
    assert await grams(programme, ann) == [0]
    await assert_clean(programme)


@pytest.mark.parametrize("claims_first", [True, False])
async def test_a_unit_whose_label_one_scanned_and_whose_receipt_another_claims_counts_once(
    programme: Programme, people: list[UUID], product: Labelled, code: str, *, claims_first: bool
) -> None:
    """The serial alone does not say of which receipt it is: it is refused until the till names the line."""
    ann, bob = people
    sale = await sold_as(programme, None, product.gtin)
    assert isinstance(await scanned(programme, ann, code, at=SOLD_AT), Receipt)
    alone, with_line = back(code, bought=None, at=BACK_AT), back(code, bought=SOLD, at=BACK_AT)
    refused = await told_back(programme, alone)
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.NO_SUCH_SALE
    assert "Name its line in `bought`" in refused.detail
    assert await grams(programme, ann, bob) == [HALF, 0], "the label keeps its half until then"
    if claims_first:
        assert isinstance(await claimed(programme, bob, sale), Receipt)
    taken = await told_back(programme, with_line)
    assert isinstance(taken, Returned), taken
    assert units(taken) == ([(1, 0), (1, 0)] if claims_first else [(1, 0)]), "the label goes, and what was claimed"
    if not claims_first:
        assert reason(await claimed(programme, bob, sale)) is Reason.ALREADY_RETURNED, "the receipt has nothing left"
    assert reason(await told_back(programme, alone)) is Reason.ALREADY_RETURNED
    for who in people:
        assert reason(await scanned(programme, who, code)) in {None, Reason.ALREADY_RETURNED}
    assert await grams(programme, ann, bob) == [0, 0]
    async with db.transaction() as session:
        [carl] = await make_residents(session, programme, 1)
    again = await sold_as(programme, await member_of(programme, carl), code, receipt="S2", at=AGAIN_AT)
    assert isinstance(again, Receipt), again
    assert await grams(programme, ann, bob, carl) == [0, 0, FULL]
    await assert_clean(programme)


async def test_a_refused_return_leaves_the_unit_as_it_was(programme: Programme, people: list[UUID], code: str) -> None:
    ann, bob = people
    for _ in range(2):
        assert reason(await told_back(programme, back(code, bought=None, at=BACK_AT))) is Reason.NO_SUCH_SALE
    assert isinstance(await scanned(programme, ann, code), Receipt)
    assert reason(await told_back(programme, back(code, bought=None, at=BACK_AT))) is Reason.NO_SUCH_SALE
    assert reason(await scanned(programme, bob, code)) is Reason.UNIT_ALREADY_CLAIMED
    sale = await sold_as(programme, await member_of(programme, ann), code)
    assert isinstance(sale, Receipt), sale
    assert await grams(programme, ann) == [FULL]
    await assert_clean(programme)
