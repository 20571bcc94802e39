"""What is told late of a unit that came and went finds its place by its times, and changes nothing of what it is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import permutations
from uuid import UUID

import pytest
from sqlmodel import col, select

from core import db
from core.ids import new_id
from points.earning.activities import Outcome, Reason, Receipt, SaleLine
from points.earning.adjustments.return_lines import Bought, Returned
from points.earning.evidence.tables import UnitStay
from points.earning.evidence.units import NOBODY
from points.earning.guards.needs import Scope
from points.earning.guards.tables import Tally
from points.earning.sales import record_sales
from points.programmes.guard_terms import Guards
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
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
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.retelling import Report, tell_all
from tests.factories.returns import RETAILER, SOLD, back, member_of, reason, told_back
from workers.till_keys import till_keys

FULL, HALF = 1000, 500
MEANWHILE = SOLD_AT + timedelta(minutes=10)
BETWEEN = AGAIN_AT + timedelta(minutes=10)


async def stays(programme: Programme) -> list[UnitStay]:
    async with db.transaction() as session:
        query = select(UnitStay).where(col(UnitStay.programme_id) == programme.programme_id)
        return list((await session.exec(query.order_by(col(UnitStay.sold_at)))).all())


@pytest.mark.parametrize("by", ["line", "member"])
@pytest.mark.parametrize("order", list(permutations(["S1", "B1", "S2", "B2"])))
async def test_in_any_order_two_buyers_who_brought_it_back_one_after_the_other_have_nothing(
    programme: Programme, people: list[UUID], product: Labelled, code: str, order: Sequence[str], by: str
) -> None:
    """A sale of a unit that another has is sent without its serial, and a return of a sale not known by its line."""
    reports: dict[str, Report] = {}
    moments = [(SOLD_AT, BACK_AT), (AGAIN_AT, BACK_AGAIN_AT)]
    for number, (who, (sold_at, back_at)) in enumerate(zip(people, moments, strict=True), start=1):
        member, bought = await member_of(programme, who), Bought(f"S{number}", 1)
        sell = partial(sold_as, programme, member, receipt=f"S{number}", at=sold_at)
        reports[f"S{number}"] = Report(partial(sell, code), partial(sell, product.gtin))
        line = back(
            code,
            receipt=f"B{number}",
            bought=bought if by == "line" else None,
            member=member if by == "member" else None,
            at=back_at,
        )
        with_line = replace(line, bought=bought, member_code=None)
        tell, name = partial(told_back, programme, line), partial(told_back, programme, with_line)
        reports[f"B{number}"] = Report(tell, name, {Reason.NO_SUCH_SALE, Reason.ALREADY_RETURNED})
    told = await tell_all(reports, order)
    assert await grams(programme, *people) == [0, 0]
    if by == "line":
        assert {name: reason(each) for name, each in told.items()} == dict.fromkeys(order)
    else:  # what came back by its serial was taken of the only sale that was known by then
        assert {reason(each) for each in told.values()} <= {None, Reason.ALREADY_RETURNED}
        return
    assert [(each.sold_at, each.back_at, each.resident_id) for each in await stays(programme)] == [
        (sold_at, back_at, who) for who, (sold_at, back_at) in zip(people, moments, strict=True)
    ]
    await assert_clean(programme)


@pytest.mark.parametrize("now_with", ["a member", "nobody", "who scanned it", "the shop"])
async def test_a_return_of_an_earlier_buyer_changes_nothing_of_what_the_unit_is_now(
    programme: Programme, people: list[UUID], product: Labelled, code: str, now_with: str
) -> None:
    ann, bob = people
    await sold_as(programme, await member_of(programme, ann), product.gtin)
    resale = await sold_as(
        programme, None if now_with != "a member" else await member_of(programme, bob), code, receipt="S2", at=AGAIN_AT
    )
    if now_with == "who scanned it":
        assert isinstance(await scanned(programme, bob, code), Receipt)
    if now_with == "the shop":
        assert isinstance(await told_back(programme, back(code, bought=Bought("S2", 1), at=BACK_AGAIN_AT)), Returned)
    late = await told_back(programme, back(code, bought=SOLD, at=BACK_AT))
    assert isinstance(late, Returned), late
    has = {"a member": FULL, "nobody": 0, "who scanned it": HALF, "the shop": 0}[now_with]
    assert await grams(programme, ann, bob) == [0, has]
    if now_with in {"nobody", "who scanned it"}:
        assert isinstance(await scanned(programme, bob, code), Receipt)
        assert isinstance(await claimed(programme, bob, resale), Receipt)
        assert await grams(programme, ann, bob) == [0, FULL]
    if now_with == "a member":
        assert isinstance(await scanned(programme, bob, code), Receipt)
        third = await sold_as(programme, await member_of(programme, ann), code, receipt="S3", at=BACK_AGAIN_AT)
        assert reason(third) is Reason.UNIT_ALREADY_CLAIMED
    if now_with == "the shop":
        early = await sold_as(programme, await member_of(programme, ann), code, receipt="S4", at=BETWEEN)
        assert reason(early) is Reason.ALREADY_RETURNED
        assert reason(await scanned(programme, bob, code)) is Reason.ALREADY_RETURNED
        third = await sold_as(programme, await member_of(programme, ann), code, receipt="S3", at=ONCE_MORE_AT)
        assert isinstance(third, Receipt), third
        assert await grams(programme, ann, bob) == [FULL, 0]
    await assert_clean(programme)


@pytest.mark.parametrize("shown", [True, False])
async def test_a_stay_says_of_whom_it_was_and_one_sale_has_only_one(
    programme: Programme, people: list[UUID], product: Labelled, code: str, *, shown: bool
) -> None:
    ann, _ = people
    await sold_as(programme, await member_of(programme, ann) if shown else None, product.gtin, quantity=3)
    assert isinstance(await told_back(programme, back(code, bought=SOLD, at=BACK_AT)), Returned)
    for line in (back(code, bought=SOLD, at=BACK_AGAIN_AT), back(code, bought=SOLD, at=BACK_AT)):
        assert reason(await told_back(programme, line)) is Reason.ALREADY_RETURNED
    [stay] = await stays(programme)
    assert (stay.sold_at, stay.back_at, stay.retailer_id, stay.guessed) == (SOLD_AT, BACK_AT, RETAILER, False)
    assert stay.resident_id == (ann if shown else NOBODY)
    assert isinstance(await told_back(programme, back(product, 2, bought=SOLD, at=BACK_AT)), Returned)


async def test_what_came_back_before_it_was_sold_to_who_brought_it_back_later_waits_for_its_own_sale(
    programme: Programme, people: list[UUID], code: str
) -> None:
    """All that is known of it was later: the return is of a sale that was not told yet."""
    await sold_as(programme, await member_of(programme, people[0]), code, at=AGAIN_AT)
    member = await member_of(programme, people[1])
    await told_back(programme, back(code, at=BACK_AGAIN_AT))
    early = await told_back(programme, back(code, bought=None, member=member, at=BACK_AT))
    assert reason(early) is Reason.NO_SUCH_SALE


async def test_it_was_not_with_another_while_it_was_with_who_brought_it_back(
    programme: Programme, people: list[UUID], product: Labelled, code: str
) -> None:
    ann, bob = people
    await sold_as(programme, await member_of(programme, ann), product.gtin)
    await sold_as(programme, await member_of(programme, bob), product.gtin, receipt="S2", at=MEANWHILE)
    await told_back(programme, back(code, bought=SOLD, at=BACK_AT))
    for at in (MEANWHILE + timedelta(minutes=1), BACK_AT, AGAIN_AT):
        assert reason(await told_back(programme, back(code, bought=Bought("S2", 1), at=at))) is Reason.ALREADY_RETURNED
    assert await grams(programme, ann, bob) == [0, FULL]


@pytest.mark.parametrize("order", list(permutations(["S1", "S2", "back"])))
async def test_in_any_order_the_one_it_was_not_is_kept_when_it_came_back_without_a_receipt(
    programme: Programme, people: list[UUID], product: Labelled, code: str, order: Sequence[str]
) -> None:
    """The return takes the latest sale. The one that names the unit, told after that, is credited in its place."""
    ann, _ = people
    member = await member_of(programme, ann)
    reports = {
        "S1": Report(partial(sold_as, programme, member, code)),
        "S2": Report(partial(sold_as, programme, member, product.gtin, receipt="S2", at=MEANWHILE)),
        "back": Report(partial(told_back, programme, back(code, bought=None, member=member, at=BACK_AT))),
    }
    told = await tell_all(reports, order)
    assert {name: reason(each) for name, each in told.items()} == dict.fromkeys(order)
    assert await grams(programme, ann) == [FULL]
    [stay] = await stays(programme)
    assert (stay.back_at, stay.guessed) == (BACK_AT, True)
    await assert_clean(programme)


async def guessed(programme: Programme, who: UUID, product: Labelled, code: str) -> None:
    """Sell one and bring a unit back without a receipt: what it takes is a guess."""
    member = await member_of(programme, who)
    await sold_as(programme, member, product.gtin, receipt="S2", at=MEANWHILE)
    assert isinstance(await told_back(programme, back(code, bought=None, member=member, at=BACK_AT)), Returned)


async def test_a_guess_makes_up_for_one_sale_of_its_unit_and_no_more(
    programme: Programme, people: list[UUID], product: Labelled, code: str
) -> None:
    ann, _ = people
    member = await member_of(programme, ann)
    await guessed(programme, ann, product, code)
    for _ in range(2):
        assert isinstance(await sold_as(programme, member, code), Receipt)
    second = await sold_as(programme, member, code, receipt="S3", at=SOLD_AT + timedelta(minutes=1))
    assert reason(second) is Reason.ALREADY_RETURNED
    assert await grams(programme, ann) == [FULL]
    await assert_clean(programme)


@pytest.mark.parametrize("quantity", [1, 3])
@pytest.mark.parametrize("why", ["another's", "elsewhere"])
async def test_a_guess_makes_up_for_no_sale_to_another_or_elsewhere(
    programme: Programme, people: list[UUID], product: Labelled, code: str, why: str, quantity: int
) -> None:
    ann, bob = people
    await guessed(programme, ann, product, code)
    who, retailer = (bob, RETAILER) if why == "another's" else (ann, new_id())
    at = MEANWHILE + timedelta(minutes=10)
    line = SaleLine("S1", 1, await member_of(programme, who), code, quantity, at)
    async with db.transaction() as session:
        [late] = await record_sales(session, programme.programme_id, retailer, [line], keys=till_keys(), now=NOW)
    if quantity == 1:
        assert reason(late) is Reason.ALREADY_RETURNED
    else:
        assert isinstance(late, Receipt), late
        assert late.grams == (quantity - 1) * FULL
    assert await grams(programme, who) == [(quantity - 1) * FULL]
    await assert_clean(programme)


async def test_sales_that_a_guess_makes_up_for_are_told_in_one_batch(
    programme: Programme, people: list[UUID], product: Labelled
) -> None:
    ann, _ = people
    codes = await make_codes(product, 5)
    member = await member_of(programme, ann)
    await sold_as(programme, member, product.gtin, receipt="S0", quantity=5, at=MEANWHILE)
    for each in codes:
        assert isinstance(await told_back(programme, back(each, bought=None, member=member, at=BACK_AT)), Returned)
    lines = [SaleLine(f"L{place}", 1, member, each, 1, SOLD_AT) for place, each in enumerate(codes)]
    async with db.transaction() as session:
        outcomes: list[Outcome] = await record_sales(
            session, programme.programme_id, RETAILER, lines, keys=till_keys(), now=NOW
        )
    assert all(isinstance(each, Receipt) for each in outcomes), outcomes
    assert await grams(programme, ann) == [5 * FULL]
    assert {each.sold_at for each in await stays(programme)} == {SOLD_AT}
    await assert_clean(programme)


async def test_a_sale_of_a_unit_that_came_back_counts_for_nobody_however_often_it_is_told(product: Labelled) -> None:
    terms = replace(AT_ONCE, guards=Guards(retailer_returns_bp=9_000, resident_returns_bp=9_000))
    async with db.transaction() as session:
        programme = await make_programme(session, terms=terms)
        [ann] = await make_residents(session, programme, 1)
    [code] = await make_codes(product, 1)
    await sold_as(programme, None, code, receipt="S0")
    await scanned(programme, ann, code, at=SOLD_AT)
    assert isinstance(await told_back(programme, back(code, bought=Bought("S0", 1), at=BACK_AT)), Returned)
    for _ in range(3):
        told = await sold_as(programme, await member_of(programme, ann), code, at=MEANWHILE)
        assert reason(told) is Reason.ALREADY_RETURNED
    async with db.transaction() as session:
        query = select(Tally).where(col(Tally.programme_id) == programme.programme_id)
        found = {each.scope: (each.lines, each.units) for each in await session.exec(query)}
    assert found[Scope.RETAILER_MONTH] == (0, 0)
    assert found[Scope.RESIDENT_MONTH] == (0, 0)
    await assert_clean(programme)
