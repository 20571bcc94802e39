"""A unit that came back by its label alone is one of the sale told after that, as it would be of one told before."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from random import Random
from uuid import UUID

import pytest
from sqlmodel import col, select

from core import db
from core.ids import new_id
from points.earning.activities import Outcome, Reason, Receipt, Refusal, SaleLine
from points.earning.adjustments.return_lines import Bought, Returned
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
from tests.factories.returns import RETAILER, back, member_of, reason, returned
from tests.factories.statements import counted
from workers.till_keys import till_keys

FULL, HALF = 1000, 500
_WAYS = ["claimed", "by the till"]


@pytest.fixture
async def people(programme: Programme) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, 2)


async def scanned_and_back(programme: Programme, who: UUID, code: str) -> None:
    """Scan a label and bring its unit back, by the label alone."""
    assert isinstance(await scanned(programme, who, code, at=SOLD_AT), Receipt)
    [outcome] = await returned(programme, back(code, bought=None, at=BACK_AT))
    assert isinstance(outcome, Returned), outcome


async def test_a_sale_that_turns_out_to_be_of_a_unit_brought_back_counts_for_nobody_however_often_it_is_told(
    product: Labelled,
) -> None:
    terms = replace(AT_ONCE, guards=Guards(retailer_returns_bp=9_000, resident_returns_bp=9_000))
    async with db.transaction() as session:
        programme = await make_programme(session, terms=terms)
        [ann] = await make_residents(session, programme, 1)
    [code] = await make_codes(product, 1)
    await scanned_and_back(programme, ann, code)
    for _ in range(3):
        told = await sold_as(programme, await member_of(programme, ann), product.gtin)
        assert isinstance(told, Refusal)
        assert told.reason is Reason.ALREADY_RETURNED
    async with db.transaction() as session:
        query = select(Tally).where(col(Tally.programme_id) == programme.programme_id)
        found = {each.scope: (each.lines, each.units) for each in await session.exec(query)}
    assert found[Scope.RETAILER_MONTH] == (0, 0)
    assert found[Scope.RESIDENT_MONTH] == (0, 0)
    await assert_clean(programme)


@pytest.mark.parametrize("resold_first", [True, False])
@pytest.mark.parametrize("quantity", [1, 3])
@pytest.mark.parametrize("way", _WAYS)
async def test_its_sale_credits_nothing_for_it_and_the_next_buyer_has_it_in_full(
    programme: Programme, people: list[UUID], product: Labelled, way: str, quantity: int, *, resold_first: bool
) -> None:
    ann, bob = people
    [code] = await make_codes(product, 1)
    bobs = await member_of(programme, bob)
    rung_up = await sold_as(programme, None, product.gtin, quantity=quantity) if way == "claimed" else None
    await scanned_and_back(programme, ann, code)
    if resold_first:
        await sold_as(programme, bobs, code, receipt="S2", at=AGAIN_AT)

    async def tell() -> Outcome:
        if rung_up is not None:
            return await claimed(programme, ann, rung_up)
        return await sold_as(programme, await member_of(programme, ann), product.gtin, quantity=quantity)

    for _ in range(2):
        outcome = await tell()
        if quantity == 1:
            assert reason(outcome) is Reason.ALREADY_RETURNED
        else:
            assert isinstance(outcome, Receipt), outcome
            assert (outcome.quantity, outcome.grams) == (quantity - 1, (quantity - 1) * FULL)
    if not resold_first:
        await sold_as(programme, bobs, code, receipt="S2", at=AGAIN_AT)
    assert await grams(programme, ann, bob) == [(quantity - 1) * FULL, FULL]
    await assert_clean(programme)


@pytest.mark.parametrize("order", list(permutations(["scan", "S1", "S2"])))
@pytest.mark.parametrize("named", [True, False])
async def test_who_bought_two_has_the_other_in_full_whatever_is_told_first(
    programme: Programme, people: list[UUID], product: Labelled, order: tuple[str, ...], *, named: bool
) -> None:
    ann, _ = people
    code, other = await make_codes(product, 2)
    member = await member_of(programme, ann)
    for each in order:
        if each == "scan":
            await scanned_and_back(programme, ann, code)
        else:
            sells = (code if each == "S1" else other) if named else product.gtin
            await sold_as(programme, member, sells, receipt=each)
    for each in ("S1", "S2"):  # sent again, each is told what it was told
        sells = (code if each == "S1" else other) if named else product.gtin
        await sold_as(programme, member, sells, receipt=each)
    assert await grams(programme, ann) == [FULL]
    await assert_clean(programme)


@pytest.mark.parametrize("resold", [True, False])
async def test_the_sale_that_names_it_is_the_one_it_came_back_of(
    programme: Programme, people: list[UUID], product: Labelled, *, resold: bool
) -> None:
    ann, bob = people
    [code] = await make_codes(product, 1)
    member = await member_of(programme, ann)
    await scanned_and_back(programme, ann, code)
    if resold:
        await sold_as(programme, await member_of(programme, bob), code, receipt="S9", at=AGAIN_AT)
    for _ in range(2):
        own = await sold_as(programme, member, code, receipt="S1")
        assert reason(own) is (Reason.UNIT_ALREADY_CLAIMED if resold else Reason.ALREADY_RETURNED)
    assert isinstance(await sold_as(programme, member, product.gtin, receipt="S2"), Receipt)
    assert await grams(programme, ann) == [FULL]
    await assert_clean(programme)


@pytest.mark.parametrize("resold", [True, False])
async def test_a_sale_that_was_refused_by_a_guess_is_credited_once_another_has_named_the_unit(
    programme: Programme, people: list[UUID], product: Labelled, *, resold: bool
) -> None:
    ann, bob = people
    [code] = await make_codes(product, 1)
    member = await member_of(programme, ann)
    guessed = await sold_as(programme, None, product.gtin, receipt="S2")
    await scanned_and_back(programme, ann, code)
    if resold:
        await sold_as(programme, await member_of(programme, bob), code, receipt="S9", at=AGAIN_AT)
    assert reason(await claimed(programme, ann, guessed)) is Reason.ALREADY_RETURNED
    assert isinstance(await sold_as(programme, member, code, receipt="S1"), Refusal)
    for _ in range(2):
        assert isinstance(await claimed(programme, ann, guessed), Receipt)
        assert isinstance(await sold_as(programme, member, code, receipt="S1"), Refusal)
    assert await grams(programme, ann) == [FULL]
    await assert_clean(programme)


async def test_the_label_of_another_unit_is_matched_and_its_own_credit_not_paid_twice(
    programme: Programme, people: list[UUID], product: Labelled
) -> None:
    ann, _ = people
    code, other = await make_codes(product, 2)
    await scanned(programme, ann, other, at=SOLD_AT + timedelta(minutes=1))
    await scanned_and_back(programme, ann, code)
    sale = await sold_as(programme, await member_of(programme, ann), product.gtin, quantity=2)
    assert isinstance(sale, Receipt), sale
    assert (sale.quantity, sale.grams) == (1, HALF)
    assert await grams(programme, ann) == [FULL]
    await assert_clean(programme)


@pytest.mark.parametrize("why", ["sold after that", "sold elsewhere", "somebody else's"])
async def test_other_sales_are_credited_in_full(
    programme: Programme, people: list[UUID], product: Labelled, why: str
) -> None:
    ann, bob = people
    [code] = await make_codes(product, 1)
    await scanned_and_back(programme, ann, code)
    who = bob if why == "somebody else's" else ann
    line = SaleLine(
        "S1", 1, await member_of(programme, who), product.gtin, 1, AGAIN_AT if why == "sold after that" else SOLD_AT
    )
    async with db.transaction() as session:
        retailer = new_id() if why == "sold elsewhere" else RETAILER
        [sale] = await record_sales(session, programme.programme_id, retailer, [line], keys=till_keys(), now=NOW)
    assert isinstance(sale, Receipt), sale
    assert sale.grams == FULL
    await assert_clean(programme)


@pytest.mark.parametrize("size", [2, 30])
async def test_sales_told_late_cost_the_same_number_of_statements_whatever_their_number(
    programme: Programme, people: list[UUID], product: Labelled, size: int
) -> None:
    ann, _ = people
    for code in await make_codes(product, size):
        await scanned_and_back(programme, ann, code)
    member = await member_of(programme, ann)
    lines = [SaleLine(f"S{number}", 1, member, product.gtin, 1, SOLD_AT) for number in range(size)]
    async with db.transaction() as session:
        with counted() as statements:
            outcomes = await record_sales(session, programme.programme_id, RETAILER, lines, keys=till_keys(), now=NOW)
    assert {reason(each) for each in outcomes} == {Reason.ALREADY_RETURNED}
    assert len(statements) <= 20, "\n".join(statements)


async def resold_and_scanned(programme: Programme, people: list[UUID], product: Labelled) -> str:
    """Bring back a unit of nobody's sale, sell it again to nobody known, and have the second resident scan it."""
    [code] = await make_codes(product, 1)
    await sold_as(programme, None, code, receipt="S0")
    await returned(programme, back(code, bought=Bought("S0", 1), at=BACK_AT))
    await sold_as(programme, None, code, receipt="S9", at=AGAIN_AT)
    assert isinstance(await scanned(programme, people[1], code), Receipt)
    return code


async def test_a_sale_from_before_it_came_back_takes_nothing_from_who_scanned_it_since(
    programme: Programme, people: list[UUID], product: Labelled
) -> None:
    ann, bob = people
    code = await resold_and_scanned(programme, people, product)
    late = await sold_as(programme, await member_of(programme, ann), code, at=SOLD_AT)
    assert reason(late) is Reason.ALREADY_RETURNED
    assert await grams(programme, ann, bob) == [0, HALF]
    sold_since = await sold_as(programme, await member_of(programme, ann), code, receipt="S3", at=BACK_AGAIN_AT)
    assert isinstance(sold_since, Receipt), sold_since
    assert await grams(programme, ann, bob) == [FULL, 0], "a sale since has the last word, as ever"
    await assert_clean(programme)


@pytest.mark.parametrize("after", [SOLD_AT, BACK_AT])
async def test_a_return_from_before_it_was_sold_again_takes_nothing_from_who_scanned_it_since(
    programme: Programme, people: list[UUID], product: Labelled, after: datetime
) -> None:
    code = await resold_and_scanned(programme, people, product)
    [late] = await returned(programme, back(code, bought=None, at=after + timedelta(minutes=1)))
    assert reason(late) is Reason.ALREADY_RETURNED
    assert await grams(programme, people[1]) == [HALF]
    [taken] = await returned(programme, back(code, bought=None, at=BACK_AGAIN_AT))
    assert isinstance(taken, Returned), "what came back after it was sold again is taken"
    await assert_clean(programme)


@pytest.mark.parametrize("seed", range(24))
async def test_in_any_order_what_was_kept_is_credited(
    programme: Programme, people: list[UUID], product: Labelled, seed: int
) -> None:
    """Two lines at the till and one of an anonymous receipt, some of their labels, and some units brought back."""
    random = Random(seed)
    ann, _ = people
    member = await member_of(programme, ann)
    bought = {receipt: random.randint(1, 2) for receipt in ("S1", "S2", "S3")}
    rung_up = await sold_as(programme, None, product.gtin, receipt="S3", quantity=bought["S3"])
    codes = await make_codes(product, random.randint(1, sum(bought.values())))
    back_again = random.sample(codes, random.randint(1, len(codes)))
    reports = [*bought, *codes]
    random.shuffle(reports)
    if seed % 2:
        reports.sort(key=lambda each: each in bought)  # the till's reports are the last
    for code in back_again:
        place = reports.index(code) + 1
        reports.insert(random.choice([place, random.randint(place, len(reports))]), f"{code} back")
    for each in [*reports, *bought]:  # sales are sent again, and told the same
        if each == "S3":
            await claimed(programme, ann, rung_up)
        elif each in bought:
            await sold_as(programme, member, product.gtin, receipt=each, quantity=bought[each])
        elif each in codes:
            await scanned(programme, ann, each, at=SOLD_AT)
        else:
            [outcome] = await returned(programme, back(each.removesuffix(" back"), bought=None, at=BACK_AT))
            assert isinstance(outcome, Returned), outcome
    assert await grams(programme, ann) == [(sum(bought.values()) - len(back_again)) * FULL], reports
    await assert_clean(programme)
