"""One physical unit is credited once, whichever way and in whichever order it is reported."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from core import db
from points import ledger
from points.earning.activities import Evidence, Kind, Outcome, Reason, Receipt, Refusal, Scan
from points.programmes.policy import Terms
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import Labelled, make_labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.statements import counted
from tests.factories.units import make_units

FULL, HALF = 1000, 500
"""Grams a unit saves, and what its label alone is worth of them."""


@pytest.fixture
async def product(database: str) -> Labelled:
    async with db.transaction() as session:
        return await make_labelled(session)


@pytest.fixture
async def residents(programme: Programme) -> list[UUID]:
    async with db.transaction() as session:
        return await make_residents(session, programme, 2)


@pytest.fixture
async def codes(product: Labelled) -> list[str]:
    async with db.transaction() as session:
        return await make_units(session, product, 6)


async def grams(programme: Programme, resident_id: UUID) -> int:
    async with db.transaction() as session:
        return (await ledger.holdings(session, programme.programme_id, resident_id, now=NOW)).grams


def receipts(outcomes: list[Outcome]) -> list[Receipt]:
    assert all(isinstance(each, Receipt) for each in outcomes), outcomes
    return [each for each in outcomes if isinstance(each, Receipt)]


def reason(outcome: Outcome) -> Reason:
    assert isinstance(outcome, Refusal), outcome
    return outcome.reason


async def test_a_label_is_worth_half_and_its_sale_the_other_half(
    programme: Programme, residents: list[UUID], product: Labelled, codes: list[str]
) -> None:
    ann, _ = residents
    [unit] = receipts(await credit(programme, Scan(ann, codes[0], NOW)))
    [sold] = receipts(await credit(programme, sale(ann, product.gtin, quantity=2)))
    assert (unit.kind, unit.saving_grams, unit.grams, unit.potential_grams) == (Kind.UNIT, HALF, HALF, FULL)
    assert (sold.kind, sold.saving_grams, sold.potential_grams) == (Kind.SALE, 2 * FULL - HALF, 2 * FULL)
    assert sold.matched == (unit.activity_id,)
    assert await grams(programme, ann) == 2 * FULL
    await assert_clean(programme)


async def test_a_label_scanned_after_its_sale_is_answered_with_the_sale(
    programme: Programme, residents: list[UUID], product: Labelled, codes: list[str]
) -> None:
    ann, _ = residents
    [sold] = receipts(await credit(programme, sale(ann, product.gtin, quantity=2)))
    for _ in range(2):
        told = receipts(await credit(programme, *(Scan(ann, code, NOW) for code in codes[:3])))
        assert [each.activity_id == sold.activity_id for each in told] == [True, True, False]
    assert (told[0].replayed, told[2].kind, told[2].replayed) == (True, Kind.UNIT, True)
    assert await grams(programme, ann) == 2 * FULL + HALF, "the third label is of a unit nobody reported as sold"
    await assert_clean(programme)


async def test_the_sale_wins_against_somebody_else_who_scanned_the_label(
    programme: Programme, residents: list[UUID], product: Labelled, codes: list[str]
) -> None:
    ann, bob = residents
    await credit(programme, Scan(bob, codes[0], NOW))
    [sold] = receipts(await credit(programme, sale(ann, codes[0])))
    assert (sold.grams, sold.matched) == (FULL, ())
    assert (await grams(programme, ann), await grams(programme, bob)) == (FULL, 0)
    [told] = receipts(await credit(programme, Scan(ann, codes[0], NOW)))
    assert told.activity_id == sold.activity_id
    [his] = receipts(await credit(programme, Scan(bob, codes[0], NOW)))
    assert (his.kind, his.replayed) == (Kind.UNIT, True), "his own receipt, which tells that it was taken back"
    await assert_clean(programme)


async def test_a_unit_is_refused_to_whoever_comes_second(
    programme: Programme, residents: list[UUID], product: Labelled, codes: list[str]
) -> None:
    ann, bob = residents
    await credit(programme, Scan(ann, codes[0], NOW), sale(ann, codes[1]))
    taken, sold = await credit(programme, Scan(bob, codes[0], NOW), Scan(bob, codes[1], NOW))
    assert reason(taken) is reason(sold) is Reason.UNIT_ALREADY_CLAIMED
    [twice] = await credit(programme, sale(bob, codes[1], receipt="other"))
    assert reason(twice) is Reason.UNIT_ALREADY_CLAIMED
    [plain] = receipts(await credit(programme, sale(bob, product.gtin, receipt="other")))
    assert plain.grams == FULL, "the refused line took no claim"
    await assert_clean(programme)


async def test_labels_that_are_not_genuine_or_revoked_are_refused_and_a_makers_own_serial_is_a_bare_scan(
    programme: Programme, residents: list[UUID], product: Labelled, codes: list[str]
) -> None:
    ann, _ = residents
    async with db.transaction() as session:
        [revoked] = await make_units(session, product, 1, revoked="printed twice")
    forged = codes[0][:-1] + ("0" if codes[0][-1] != "0" else "1")
    outcomes = await credit(programme, Scan(ann, forged, NOW), Scan(ann, revoked, NOW))
    assert [reason(each) for each in outcomes] == [Reason.UNIT_NOT_GENUINE, Reason.UNIT_REVOKED]
    own, sold = receipts(await credit(programme, Scan(ann, f"(01){product.gtin}(21)LOT-7", NOW), sale(ann, forged)))
    assert (own.kind, own.grams) == (Kind.SCAN, 0)
    assert sold.grams == FULL, "the till saw a unit, whatever its label says"
    await assert_clean(programme)


async def test_what_lies_further_apart_than_the_window_is_not_matched(product: Labelled, codes: list[str]) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=Terms(maturity_days=0, matching_days=3, scan_backdating_days=9))
        [ann] = await make_residents(session, programme, 1)
    await credit(programme, Scan(ann, codes[0], NOW - timedelta(days=4)), Scan(ann, codes[1], NOW - timedelta(days=3)))
    [sold] = receipts(await credit(programme, sale(ann, product.gtin, quantity=2)))
    assert sold.saving_grams == 2 * FULL - HALF
    await assert_clean(programme)


async def test_points_of_a_label_wait_longer_than_those_of_a_sale(product: Labelled, codes: list[str]) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=Terms(maturity_days=0, unit_maturity_days=14))
        [ann] = await make_residents(session, programme, 1)
    await credit(programme, Scan(ann, codes[0], NOW), sale(ann, product.gtin))
    async with db.transaction() as session:
        has = await ledger.holdings(session, programme.programme_id, ann, now=NOW)
    assert (has.available, has.pending) == (10, 0), "the sale came first: the label is answered with it"
    await credit(programme, Scan(ann, codes[1], NOW))
    async with db.transaction() as session:
        has = await ledger.holdings(session, programme.programme_id, ann, now=NOW)
    assert (has.available, has.pending) == (10, 5)


@pytest.mark.parametrize("round_", range(4))
async def test_a_sale_and_a_scan_of_one_unit_at_once_credit_it_once(
    programme: Programme, residents: list[UUID], product: Labelled, codes: list[str], round_: int
) -> None:
    ann, bob = residents
    named = round_ % 2 == 0
    for place, code in enumerate(codes):
        reports: list[Evidence] = [sale(ann, code if named else product.gtin, line=place + 1), Scan(ann, code, NOW)]
        reports += [Scan(bob, code, NOW)] if named else []
        await asyncio.gather(*(credit(programme, each) for each in reports))
    assert (await grams(programme, ann), await grams(programme, bob)) == (FULL * len(codes), 0)
    await assert_clean(programme)


@dataclass(frozen=True, slots=True)
class City:
    """A programme's residents with reports to be made, and what each of them really bought."""

    programme: Programme
    reports: list[Evidence]
    bought: dict[UUID, int]


async def make_city(random: Random, product: Labelled) -> City:
    """Return lines of one or two units by two residents; labels scanned by the buyer, or by others if sold by name."""
    async with db.transaction() as session:
        programme = await make_programme(session, terms=AT_ONCE)
        people = await make_residents(session, programme, 2)
        codes = iter(await make_units(session, product, 12))
    reports: list[Evidence] = []
    bought = dict.fromkeys(people, 0)
    for line in range(random.randint(1, 5)):
        buyer, units = random.choice(people), [next(codes) for _ in range(random.choice((1, 1, 2)))]
        named = random.random() < 0.5
        at = NOW - timedelta(hours=random.randint(0, 40))
        reports.append(sale(buyer, units[0] if named else product.gtin, line=line + 1, quantity=len(units), at=at))
        bought[buyer] += len(units)
        for place, code in enumerate(units):
            thief = named and place == 0 and random.random() < 0.3
            if random.random() < 0.7:
                reports.append(Scan(random.choice(people) if thief else buyer, code, at))
    random.shuffle(reports)
    reports += random.sample(reports, random.randint(0, len(reports)))
    return City(programme, reports, bought)


@pytest.mark.parametrize("seed", range(3))
async def test_reports_in_any_order_add_up_to_what_was_really_bought(database: str, seed: int) -> None:
    async with db.transaction() as session:
        product = await make_labelled(session)
    for number in range(12):
        city = await make_city(Random(f"{seed}/{number}"), product)
        for report in city.reports:
            await credit(city.programme, report)
        has = {resident_id: await grams(city.programme, resident_id) for resident_id in city.bought}
        assert has == {resident_id: FULL * units for resident_id, units in city.bought.items()}, city.reports
        await assert_clean(city.programme)


@pytest.mark.parametrize("size", [2, 60])
async def test_a_batch_with_units_costs_the_same_number_of_statements_whatever_its_size(
    programme: Programme, product: Labelled, size: int
) -> None:
    async with db.transaction() as session:
        residents = await make_residents(session, programme, size)
        codes = await make_units(session, product, size)
    for ann, bob in zip(residents, [*residents[1:], residents[0]], strict=True):
        await credit(programme, Scan(bob if ann != residents[0] else ann, codes[residents.index(ann)], NOW))
    sales: list[Evidence] = [sale(each, code, receipt=code) for each, code in zip(residents, codes, strict=True)]
    with counted() as statements:
        await credit(programme, *sales, *(Scan(each, product.gtin, NOW) for each in residents))
    assert len(statements) <= 60, "\n".join(statements)
    await assert_clean(programme)
