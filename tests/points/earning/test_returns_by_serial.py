"""A serial does not tell which sale of its unit comes back: the line does, or the member, and the label goes along."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import permutations
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points.earning.activities import Reason, Receipt, Refusal, SaleLine
from points.earning.adjustments.return_lines import Bought, Returned
from points.earning.sales import record_sales
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
from tests.factories.label_units import AGAIN_AT, BACK_AT, SOLD_AT, claimed, grams, scanned, sold_as
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from tests.factories.retelling import Report, tell_all
from tests.factories.returns import RETAILER, SOLD, back, member_of, reason, told_back, units
from workers.till_keys import till_keys

FULL, HALF = 1000, 500


@pytest.mark.parametrize("known", ["nothing", "scanned", "matched", "sold to a member", "sold to nobody", "back"])
async def test_whatever_is_known_of_it_a_serial_alone_is_refused_and_changes_nothing(
    programme: Programme, people: list[UUID], product: Labelled, code: str, known: str
) -> None:
    ann, bob = people
    member = await member_of(programme, ann)
    if known in {"sold to a member", "sold to nobody", "back"}:
        await sold_as(programme, None if known == "sold to nobody" else member, code)
    if known == "matched":
        await sold_as(programme, member, product.gtin)
    if known in {"scanned", "matched"}:
        assert isinstance(await scanned(programme, ann, code, at=SOLD_AT), Receipt)
    if known == "back":
        assert isinstance(await told_back(programme, back(code, at=BACK_AT)), Returned)
    before = await grams(programme, ann, bob)
    for _ in range(2):
        refused = await told_back(programme, back(code, bought=None, at=AGAIN_AT))
        assert isinstance(refused, Refusal)
        assert refused.reason is Reason.NO_SUCH_SALE
        assert "`bought`" in refused.detail
        assert "`member_code`" in refused.detail
    assert await grams(programme, ann, bob) == before
    if known == "nothing":
        assert isinstance(await scanned(programme, bob, code), Receipt), "it left no mark"
    await assert_clean(programme)


@pytest.mark.parametrize("by", ["line", "member"])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("order", list(permutations(["sale", "scan", "back"])))
async def test_in_any_order_sale_and_label_go_with_the_return(
    programme: Programme,
    people: list[UUID],
    product: Labelled,
    code: str,
    order: tuple[str, ...],
    by: str,
    *,
    named: bool,
) -> None:
    ann, bob = people
    member = await member_of(programme, ann)
    line = back(code, receipt="B1", at=BACK_AT)
    line = line if by == "line" else replace(line, bought=None, member_code=member)
    reports = {
        "sale": Report(partial(sold_as, programme, member, code if named else product.gtin)),
        "scan": Report(partial(scanned, programme, ann, code, at=SOLD_AT), lasts=False),
        "back": Report(partial(told_back, programme, line)),
    }
    told = await tell_all(reports, order)
    assert isinstance(told["back"], Returned), told
    assert reason(told["scan"]) in {None, Reason.ALREADY_RETURNED}, "or its own receipt, which tells what came back"
    assert await grams(programme, ann) == [0], "by whichever the half was credited, it went"
    again = await sold_as(programme, await member_of(programme, bob), code, receipt="S2", at=AGAIN_AT)
    assert isinstance(again, Receipt), again
    assert await grams(programme, ann, bob) == [0, FULL]
    await assert_clean(programme)


async def test_of_several_sales_a_label_that_was_matched_does_not_say_which(
    programme: Programme, people: list[UUID], product: Labelled, code: str
) -> None:
    """The label was matched with the older sale: the member's latest is meant all the same, until one is named."""
    ann, _ = people
    member = await member_of(programme, ann)
    older = await sold_as(programme, member, product.gtin)
    told = await scanned(programme, ann, code, at=SOLD_AT)
    assert isinstance(older, Receipt)
    assert isinstance(told, Receipt)
    assert told.activity_id == older.activity_id
    newer = await sold_as(programme, member, product.gtin, receipt="S2", at=SOLD_AT + timedelta(minutes=1))
    taken = await told_back(programme, back(code, bought=None, member=member, at=BACK_AT))
    assert isinstance(newer, Receipt)
    assert isinstance(taken, Returned), taken
    assert [each.activity_id for each in taken.adjusted] == [newer.activity_id]
    named = await told_back(programme, back(product, bought=Bought("S2", 1), at=AGAIN_AT))
    assert isinstance(named, Returned), named
    assert [each.activity_id for each in named.adjusted] == [older.activity_id], "it was a guess, and gave way"
    assert await grams(programme, ann) == [0]
    await assert_clean(programme)


@pytest.mark.parametrize("retailer", ["there", "elsewhere"])
async def test_what_another_has_by_a_sale_that_named_it_is_not_taken_of_who_shows_a_code(
    programme: Programme, people: list[UUID], product: Labelled, code: str, retailer: str
) -> None:
    ann, bob = people
    line = SaleLine("S1", 1, await member_of(programme, ann), code, 1, SOLD_AT)
    async with db.transaction() as session:
        place = RETAILER if retailer == "there" else new_id()
        await record_sales(session, programme.programme_id, place, [line], keys=till_keys(), now=NOW)
    member = await member_of(programme, bob)
    await sold_as(programme, member, product.gtin, receipt="S2")
    refused = await told_back(programme, back(code, bought=None, member=member, at=BACK_AT))
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.NO_SUCH_SALE
    assert "sold to somebody else" in refused.detail
    assert await grams(programme, ann, bob) == [FULL, FULL]
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
    assert "`bought`" in refused.detail
    assert await grams(programme, ann, bob) == [HALF, 0], "the label keeps its half until then"
    if claims_first:
        assert isinstance(await claimed(programme, bob, sale), Receipt)
    taken = await told_back(programme, with_line)
    assert isinstance(taken, Returned), taken
    assert units(taken) == ([(1, 0), (1, 0)] if claims_first else [(1, 0)]), "the label goes, and what was claimed"
    if not claims_first:
        assert reason(await claimed(programme, bob, sale)) is Reason.ALREADY_RETURNED, "the receipt has nothing left"
    assert reason(await told_back(programme, alone)) is Reason.NO_SUCH_SALE
    for who in people:
        assert reason(await scanned(programme, who, code)) in {None, Reason.ALREADY_RETURNED}
    assert await grams(programme, ann, bob) == [0, 0]
    async with db.transaction() as session:
        [carl] = await make_residents(session, programme, 1)
    again = await sold_as(programme, await member_of(programme, carl), code, receipt="S2", at=AGAIN_AT)
    assert isinstance(again, Receipt), again
    assert await grams(programme, ann, bob, carl) == [0, 0, FULL]
    await assert_clean(programme)
