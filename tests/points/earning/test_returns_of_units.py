"""Goods that come back with a serial on their label: the unit itself tells what it was credited as."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points import ledger
from points.earning.activities import Outcome, Reason, Receipt, Refusal, SaleLine, Scan
from points.earning.adjustments.return_lines import Bought, Returned
from points.earning.sales import record_sales
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit
from tests.factories.label_units import claimed, grams
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from tests.factories.returns import RETAILER, back, member_of, reason, returned, sold, units
from tests.factories.units import make_units
from workers.till_keys import till_keys


@pytest.fixture
async def code(product: Labelled) -> str:
    return (await codes(product, 1))[0]


async def codes(product: Labelled, number: int) -> list[str]:
    async with db.transaction() as session:
        return await make_units(session, product, number, secret=till_keys().units)


async def scanned(programme: Programme, resident_id: UUID, code: str) -> Outcome:
    [outcome] = await credit(programme, Scan(resident_id, code, NOW), secret=till_keys().units)
    return outcome


async def sold_as(
    programme: Programme, member: str | None, code: str, *, receipt: str = "S1", units: int = 1
) -> Outcome:
    lines = [SaleLine(receipt, 1, member, code, units, NOW)]
    async with db.transaction() as session:
        [outcome] = await record_sales(session, programme.programme_id, RETAILER, lines, keys=till_keys(), now=NOW)
    return outcome


async def test_a_label_that_was_only_scanned_does_not_say_which_receipt_its_unit_was_sold_on(
    programme: Programme, resident: UUID, product: Labelled, code: str
) -> None:
    await scanned(programme, resident, code)
    line = back(code, bought=None, receipt="R1")
    [refused] = await returned(programme, line)
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.NO_SUCH_SALE
    assert "`bought`" in refused.detail
    assert "`member_code`" in refused.detail
    async with db.transaction() as session:
        held = await ledger.holdings(session, programme.programme_id, resident, now=NOW)
    assert held.grams == 500, "it stays until the line is named"
    await sold_as(programme, None, product.gtin, receipt="S9")
    [taken] = await returned(programme, replace(line, bought=Bought("S9", 1)))
    assert isinstance(taken, Returned), "the refusal left its number free"
    assert (taken.grams, units(taken)) == (500, [(1, 0)])
    await assert_clean(programme)


async def test_the_label_of_a_line_of_nobodys_goes_with_its_own_credit(
    programme: Programme, resident: UUID, code: str
) -> None:
    await sold_as(programme, None, code)
    await scanned(programme, resident, code)
    digital_link = f"https://id.example.com/01/{code[4:18]}/21/{code[22:]}"
    line = back(digital_link, receipt="R1")
    [taken] = await returned(programme, line)
    [again] = await returned(programme, line)
    [other] = await returned(programme, back(code))
    assert isinstance(taken, Returned)
    assert (taken.grams, units(taken)) == (500, [(1, 0)])
    assert isinstance(again, Returned)
    assert again.replayed
    assert reason(other) is Reason.ALREADY_RETURNED
    await assert_clean(programme)


async def test_its_anonymous_line_can_not_be_claimed_any_more_either(
    programme: Programme, resident: UUID, code: str
) -> None:
    await sold_as(programme, None, code)
    await scanned(programme, resident, code)
    [taken, more] = await returned(programme, back(code), back(code))
    assert isinstance(taken, Returned)
    assert (taken.grams, units(taken)) == (500, [(1, 0)])
    assert reason(more) is Reason.ALREADY_RETURNED
    await assert_clean(programme)


async def test_a_unit_that_a_sale_confirmed_comes_back_from_that_sale(
    programme: Programme, resident: UUID, product: Labelled, code: str
) -> None:
    member = await member_of(programme, resident)
    await scanned(programme, resident, code)
    await sold(programme, member, product, receipt="S1", quantity=2)
    await sold(programme, member, product, receipt="S2", quantity=2)
    [taken] = await returned(programme, back(code, 2, bought=None, member=member))
    assert isinstance(taken, Returned)
    assert (taken.grams, units(taken)) == (2000, [(2, 0)])
    await assert_clean(programme)


async def test_what_another_retailer_sold_is_none_of_this_ones_business(
    programme: Programme, resident: UUID, product: Labelled, code: str
) -> None:
    await scanned(programme, resident, code)
    member = await member_of(programme, resident)
    await sold(programme, member, product, quantity=1, retailer=new_id())
    [refused] = await returned(programme, back(code, bought=None, member=member))
    assert reason(refused) is Reason.NO_SUCH_SALE


async def test_more_units_than_the_line_that_named_it_sold_do_not_come_back(
    programme: Programme, resident: UUID, code: str
) -> None:
    await sold_as(programme, None, code)
    await scanned(programme, resident, code)
    [more] = await returned(programme, back(code, 2))
    [late] = await returned(programme, back(code, at=NOW + timedelta(days=31)), now=NOW + timedelta(days=31))
    assert [reason(more), reason(late)] == [Reason.MORE_THAN_BOUGHT, Reason.TOO_LATE_TO_RETURN]
    await assert_clean(programme)


async def test_a_unit_that_came_back_is_sold_again_for_all_it_saves(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    """It confirms no sale any more, nor does the label of another unit make up for it."""
    async with db.transaction() as session:
        [other] = await make_residents(session, programme, 1)
    [code, *kept] = await codes(product, 3)
    await sold_as(programme, None, code, receipt="S0")
    await scanned(programme, resident, code)
    [gone] = await returned(programme, back(code, bought=Bought("S0", 1)))
    mine = await sold(programme, await member_of(programme, resident), product, quantity=1)
    for each in kept:  # the first is of that sale
        await scanned(programme, resident, each)
    again = await sold_as(programme, await member_of(programme, other), code, receipt="S2")
    assert isinstance(gone, Returned)
    assert isinstance(mine, Receipt)
    assert isinstance(again, Receipt)
    assert (mine.grams, mine.matched, again.grams, again.matched) == (1000, (), 1000, ())
    async with db.transaction() as session:
        held = await ledger.holdings(session, programme.programme_id, resident, now=NOW)
    assert held.grams == 1000 + 500
    await assert_clean(programme)


async def test_a_named_line_comes_back_with_the_label_somebody_else_scanned(
    programme: Programme, resident: UUID, product: Labelled, code: str
) -> None:
    async with db.transaction() as session:
        [other] = await make_residents(session, programme, 1)
    await sold(programme, await member_of(programme, resident), product, quantity=2)
    await scanned(programme, other, code)
    [taken] = await returned(programme, back(code, bought=Bought("S1", 1)))
    assert isinstance(taken, Returned)
    assert (taken.grams, units(taken)) == (1500, [(1, 1), (1, 0)])
    await assert_clean(programme)


async def test_what_is_left_of_nobodys_line_takes_in_any_label_of_its_claimant(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    """The line named one of two; which of them came back without its serial, nobody knows: one is left all the same."""
    named, other = await codes(product, 2)
    line = await sold_as(programme, None, named, units=2)
    await scanned(programme, resident, other)
    [taken] = await returned(programme, back(product))
    assert isinstance(taken, Returned), taken
    assert isinstance(await claimed(programme, resident, line), Receipt)
    async with db.transaction() as session:
        held = await ledger.holdings(session, programme.programme_id, resident, now=NOW)
    assert held.grams == 1000
    await assert_clean(programme)


@pytest.mark.parametrize("is_member", [True, False])
async def test_a_line_that_named_its_one_unit_takes_no_other_back(
    programme: Programme, resident: UUID, product: Labelled, *, is_member: bool
) -> None:
    async with db.transaction() as session:
        [other] = await make_residents(session, programme, 1)
    code, foreign = await codes(product, 2)
    line = await sold_as(programme, await member_of(programme, resident) if is_member else None, code)
    [refused] = await returned(programme, back(foreign, receipt="R1"))
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.NO_SUCH_SALE
    assert "serial" in refused.detail
    if not is_member:
        assert isinstance(await claimed(programme, resident, line), Receipt), "all of the line is there"
    assert await grams(programme, resident) == [1000]
    assert isinstance(await scanned(programme, other, foreign), Receipt), "whoever has that unit has its label"
    [own] = await returned(programme, back(code, receipt="R1"))
    assert units(own) == [(1, 0)], "the refusal left the number of the return free"
    await assert_clean(programme)


async def test_a_line_that_named_its_one_unit_comes_back_without_a_serial(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    code, foreign = await codes(product, 2)
    await sold_as(programme, await member_of(programme, resident), code)
    [refused, taken] = await returned(programme, back(foreign), back(product))
    assert reason(refused) is Reason.NO_SUCH_SALE
    assert units(taken) == [(1, 0)]
    await assert_clean(programme)


@pytest.mark.parametrize("is_one_batch", [True, False])
async def test_a_line_whose_units_are_all_known_takes_no_other_back(
    programme: Programme, resident: UUID, product: Labelled, *, is_one_batch: bool
) -> None:
    named, second, foreign = await codes(product, 3)
    await sold_as(programme, await member_of(programme, resident), named, units=2)
    lines = [back(second), back(foreign), back(named)]
    told = await returned(programme, *lines) if is_one_batch else [(await returned(programme, it))[0] for it in lines]
    assert [reason(each) for each in told] == [None, Reason.NO_SUCH_SALE, None]
    assert await grams(programme, resident) == [0]
    await assert_clean(programme)


@pytest.mark.parametrize("is_member", [True, False])
async def test_a_line_that_named_a_serial_nobody_made_takes_any_back(
    programme: Programme, resident: UUID, product: Labelled, *, is_member: bool
) -> None:
    [code] = await codes(product, 1)
    copied = code[:-14] + "0" * 14
    await sold_as(programme, await member_of(programme, resident) if is_member else None, copied)
    [taken] = await returned(programme, back(code))
    assert isinstance(taken, Returned), taken
    await assert_clean(programme)
