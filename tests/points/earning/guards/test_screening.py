"""Guards at work: what they stop is kept for review and earns nothing; shared caps hold to the gram."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from core import clock, db
from core.ids import new_id
from points.earning.activities import Cut, Held, Outcome, Reason, Receipt, Refusal, Sale, Scan
from points.earning.adjustments.return_lines import Bought, Returned
from points.earning.guards import retailer_staff
from points.earning.guards.needs import Scope
from points.earning.guards.tables import Tally
from points.programmes.guard_terms import Guards, Rule
from points.programmes.policy import Caps
from points.programmes.tables import Programme
from points.residents import households
from points.residents.queries import resident as resident_of
from tests.factories.credits import NOW, RETAILER, assert_clean, credit, sale
from tests.factories.label_units import make_codes, scanned, sold_as
from tests.factories.labels import Labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.returns import back, member_of, returned, sold
from tests.factories.statements import counted

OTHER = new_id()
MINUTE = timedelta(minutes=1)


async def guarded(
    guards: Guards | None = None, caps: Caps | None = None, residents: int = 1, **more: object
) -> tuple[Programme, list[UUID]]:
    """Establish a programme with guards and caps, and let residents join."""
    terms = replace(AT_ONCE, guards=guards or Guards(), caps=caps or Caps(), **more)  # type: ignore[arg-type]  # terms
    async with db.transaction() as session:
        programme = await make_programme(session, terms=terms)
        return programme, await make_residents(session, programme, residents)


async def live_together(programme: Programme, resident_ids: list[UUID]) -> None:
    async with db.transaction() as session:
        await households.put_together(session, programme.programme_id, resident_ids, now=NOW)


def rules(outcomes: list[Outcome]) -> list[str | None]:
    """Return what stopped each, None where it was credited."""
    return [
        each.rule if isinstance(each, Held) else each.detail.partition(":")[0] if isinstance(each, Refusal) else None
        for each in outcomes
    ]


def grams(outcomes: list[Outcome]) -> list[int]:
    return [each.grams for each in outcomes if isinstance(each, Receipt)]


async def test_a_programme_without_guards_pays_no_statement_for_them(
    programme: Programme, resident: UUID, product: Labelled
) -> None:
    await credit(programme, sale(resident, product.gtin))
    with counted() as statements:
        await credit(programme, sale(resident, product.gtin, receipt="r2"))
    told = " ".join(statements)
    assert not [table for table in ("tally", "review", "household", "retailer_staff_member") if f" {table} " in told]


async def test_a_held_sale_earns_nothing_and_is_answered_alike_again(product: Labelled) -> None:
    programme, [resident_id] = await guarded(Guards(minutes_between_retailers=0))
    here = sale(resident_id, product.gtin)
    there = replace(here, retailer_id=OTHER)
    first, second = await credit(programme, here, there)
    assert isinstance(first, Receipt)
    assert isinstance(second, Held)
    assert (second.rule, "two retailers" in second.detail) == (Rule.TWO_RETAILERS_AT_ONCE, True)
    assert (await credit(programme, there)) == [second]
    await assert_clean(programme)


async def test_one_held_sale_reported_sixteen_times_at_once_is_one_review(product: Labelled) -> None:
    programme, [resident_id] = await guarded(Guards(minutes_between_retailers=0))
    here = sale(resident_id, product.gtin)
    await credit(programme, here)
    there = replace(here, retailer_id=OTHER)
    outcomes = await asyncio.gather(*(credit(programme, there) for _ in range(16)))
    held = {each for [each] in outcomes if isinstance(each, Held)}
    assert len(held) == 1, outcomes


async def test_what_refuses_says_which_rule_and_what_to_do_every_time(product: Labelled) -> None:
    programme, [resident_id] = await guarded(caps=Caps(units_per_gtin_day=5))
    first = sale(resident_id, product.gtin, quantity=3)
    second = sale(resident_id, product.gtin, quantity=3, receipt="r2")
    outcomes = await credit(programme, first, second)
    assert rules(outcomes) == [None, Rule.UNITS_PER_GTIN_DAY]
    refusal = outcomes[1]
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.REFUSED_BY_GUARD
    assert "look again" in refusal.detail
    assert await credit(programme, second) == [refusal]


async def test_units_count_by_the_programmes_day_and_month(product: Labelled) -> None:
    """One second before and after midnight in Shanghai, at the end of a month."""
    now = datetime(2026, 5, 2, 12, tzinfo=UTC)
    midnight = datetime(2026, 4, 30, 16, 0, tzinfo=UTC)
    programme, [resident_id] = await guarded(caps=Caps(units_per_gtin_month=1))
    outcomes: list[Outcome] = []
    for number, at in enumerate([midnight - timedelta(seconds=1), midnight, midnight + timedelta(hours=30)]):
        outcomes += await credit(programme, sale(resident_id, product.gtin, receipt=f"r{number}", at=at), now=now)
    assert rules(outcomes) == [None, None, Rule.UNITS_PER_GTIN_MONTH]


async def test_visits_are_counted_over_batches_and_within_one(product: Labelled) -> None:
    programme, [resident_id] = await guarded(Guards(visits_per_minute=2))
    visits = [
        sale(resident_id, product.gtin, receipt=f"r{number}", at=NOW - timedelta(seconds=number)) for number in range(5)
    ]
    assert rules(await credit(programme, visits[0])) == [None]
    assert rules(await credit(programme, *visits[1:])) == [None, *[Rule.VISITS_PER_MINUTE] * 3]
    later = sale(resident_id, product.gtin, receipt="x", at=NOW - timedelta(minutes=2))
    assert rules(await credit(programme, later)) == [None]


async def test_a_till_that_rings_up_too_much_is_held_whoever_buys(product: Labelled) -> None:
    guards = Guards(till_characters=3, till_lines_per_minute=3)
    programme, residents = await guarded(guards, residents=5)
    lines = [sale(each, product.gtin, receipt=f"T01-{number}") for number, each in enumerate(residents)]
    other = sale(residents[0], product.gtin, receipt="T02-1")
    assert rules(await credit(programme, *lines, other)) == [None, None, None, *[Rule.TILL_BURST] * 2, None]


async def test_a_retailer_is_held_when_a_day_dwarfs_its_usual_ones(product: Labelled) -> None:
    guards = Guards(retailer_burst_times=3, retailer_burst_lines=2, usual_days_least=2)
    programme, [resident_id] = await guarded(guards)
    for day in (3, 2, 1):
        await credit(programme, sale(resident_id, product.gtin, receipt=f"d{day}", at=NOW - timedelta(days=day)))
    today = [sale(resident_id, product.gtin, receipt=f"t{number}") for number in range(5)]
    assert rules(await credit(programme, *today)) == [None, None, None, *[Rule.RETAILER_BURST] * 2]


async def test_a_resident_who_brings_most_of_it_back_is_held(product: Labelled) -> None:
    guards = Guards(resident_returns_bp=5_000, retailer_returns_bp=9_000, returns_least_units=4)
    programme, [resident_id] = await guarded(guards)
    member = await member_of(programme, resident_id)
    assert rules([await sold(programme, member, product, quantity=4)]) == [None]
    await returned(programme, back(product, 2))
    assert rules([await sold(programme, member, product, receipt="S2", quantity=1)]) == [None]
    line = back(product, 1, receipt="R")
    await returned(programme, line)
    await returned(programme, line)
    assert rules([await sold(programme, member, product, receipt="S3", quantity=1)]) == [None], "3 of 6"
    await returned(programme, back(product, 1))
    assert rules([await sold(programme, member, product, receipt="S4", quantity=1)]) == [Rule.RESIDENT_RETURNS]
    await assert_clean(programme)


async def test_a_retailer_that_takes_back_labels_by_their_serials_is_held_and_their_resident_is_not(
    product: Labelled,
) -> None:
    guards = Guards(resident_returns_bp=5_000, retailer_returns_bp=5_000, returns_least_units=2)
    programme, [ann, bob] = await guarded(guards, residents=2)
    for code in await make_codes(product, 3):
        await sold_as(programme, None, code, receipt=code)
        await scanned(programme, ann, code)
        [outcome] = await returned(programme, back(code, bought=Bought(code, 1)))
        assert isinstance(outcome, Returned), outcome
    assert rules([await sold(programme, await member_of(programme, bob), product, quantity=4)]) == [
        Rule.RETAILER_RETURNS
    ]
    async with db.transaction() as session:
        counted_of = await session.exec(select(Tally).where(col(Tally.subject) == str(ann)))
        assert not any(each.scope == Scope.RESIDENT_RETURNS for each in counted_of)
    await assert_clean(programme)


async def test_staff_are_known_by_what_their_retailer_declared(product: Labelled) -> None:
    programme, [cashier, customer] = await guarded(Guards(staff_lines_per_day=1), residents=2)
    async with db.transaction() as session:
        code = (await resident_of(session, programme.programme_id, cashier)).member_code
        added = await retailer_staff.declare(
            session, programme.programme_id, RETAILER, [code], actor="test", now=clock.now()
        )
    assert added == 1
    lines = [sale(who, product.gtin, receipt=f"{who}{number}") for who in (cashier, customer) for number in range(3)]
    held = [Rule.STAFF_SALES] * 2
    assert rules(await credit(programme, *lines)) == [None, *held, None, None, None]


async def test_scans_meet_only_rules_about_visits(product: Labelled) -> None:
    programme, [resident_id] = await guarded(
        Guards(visits_per_minute=1, minutes_between_retailers=5, till_characters=3, till_lines_per_minute=0),
        Caps(units_per_gtin_day=0, retailer_grams_per_day=0),
    )
    assert rules(await credit(programme, Scan(resident_id, product.gtin, NOW))) == [None]


@pytest.mark.parametrize(
    ("caps", "cut"),
    [
        (Caps(household_grams_per_day=2_500), Cut.HOUSEHOLD_GRAMS_PER_DAY),
        (Caps(household_grams_per_month=2_500), Cut.HOUSEHOLD_GRAMS_PER_MONTH),
        (Caps(retailer_grams_per_day=2_500), Cut.RETAILER_GRAMS_PER_DAY),
        (Caps(retailer_grams_per_month=2_500), Cut.RETAILER_GRAMS_PER_MONTH),
    ],
)
async def test_a_shared_cap_cuts_in_a_batch_and_over_batches_and_says_so(
    caps: Caps, cut: Cut, product: Labelled
) -> None:
    programme, residents = await guarded(caps=caps, residents=2)
    await live_together(programme, residents)
    first = await credit(programme, *(sale(each, product.gtin, receipt=str(each)) for each in residents))
    second = await credit(programme, *(sale(each, product.gtin, receipt=f"2{each}") for each in residents))
    assert (grams(first), grams(second)) == ([1000, 1000], [500, 0])
    assert all(isinstance(each, Receipt) and cut in each.cuts for each in second)
    await assert_clean(programme)


async def test_household_points_are_capped_apart_from_grams(product: Labelled) -> None:
    programme, residents = await guarded(caps=Caps(household_points_per_day=15), residents=2)
    await live_together(programme, residents)
    outcomes = await credit(programme, *(sale(each, product.gtin, receipt=str(each)) for each in residents))
    assert grams(outcomes) == [1000, 1000]
    assert [each.points for each in outcomes if isinstance(each, Receipt)] == [10, 5]


@pytest.mark.parametrize("caps", [Caps(household_grams_per_day=2_500), Caps(household_grams_per_month=2_500)])
async def test_who_leaves_a_household_shares_its_caps_until_the_month_is_over(product: Labelled, caps: Caps) -> None:
    programme, residents = await guarded(caps=caps, residents=2)
    stays, leaves = residents
    await live_together(programme, residents)
    await credit(programme, *(sale(each, product.gtin, receipt=str(each)) for each in residents))
    async with db.transaction() as session:
        await households.leave(session, programme.programme_id, leaves, now=NOW)
    await credit(programme, sale(leaves, product.gtin, receipt="alone"))
    assert grams(await credit(programme, sale(stays, product.gtin, receipt="at home"))) == [0]
    later = NOW + timedelta(days=32)
    bought = [sale(each, product.gtin, receipt=f"later{each}", quantity=2, at=later) for each in residents]
    assert grams(await credit(programme, *bought, now=later)) == [2_000, 2_000]
    await assert_clean(programme)


async def test_neighbours_share_nothing(product: Labelled) -> None:
    programme, residents = await guarded(caps=Caps(household_grams_per_day=1_000), residents=3)
    await live_together(programme, residents[:2])
    outcomes = await credit(programme, *(sale(each, product.gtin, receipt=str(each)) for each in residents))
    assert grams(outcomes) == [1000, 0, 1000]


async def test_members_who_earn_at_once_never_exceed_the_households_cap(product: Labelled) -> None:
    programme, residents = await guarded(caps=Caps(household_grams_per_day=5_300), residents=4)
    await live_together(programme, residents)

    def batch(number: int) -> list[Sale]:
        order = residents if number % 2 else residents[::-1]
        return [sale(each, product.gtin, receipt=f"{number}:{each}") for each in order]

    outcomes = await asyncio.gather(*(credit(programme, *batch(number)) for number in range(12)))
    assert sum(sum(grams(each)) for each in outcomes) == 5_300
    await assert_clean(programme)


async def test_buyers_at_once_never_exceed_their_retailers_cap(product: Labelled) -> None:
    programme, residents = await guarded(
        caps=Caps(retailer_grams_per_day=6_400, retailer_grams_per_month=77_000), residents=12
    )
    both = [
        [line, replace(line, retailer_id=OTHER)]
        for line in (sale(each, product.gtin, receipt=str(each)) for each in residents)
    ]
    outcomes = await asyncio.gather(*(credit(programme, *lines) for lines in both))
    assert sum(grams([each[0]])[0] for each in outcomes) == 6_400
    assert sum(grams([each[1]])[0] for each in outcomes) == 6_400
    await assert_clean(programme)


async def test_a_batch_costs_the_same_statements_whatever_its_size(product: Labelled) -> None:
    guards = Guards(
        visits_per_hour=1_000,
        minutes_between_retailers=0,
        retailer_burst_times=100,
        resident_returns_bp=9_000,
        staff_lines_per_day=1_000,
    )
    caps = Caps(household_grams_per_day=10**9, retailer_grams_per_day=10**9, units_per_gtin_month=10**6)
    programme, residents = await guarded(guards, caps, residents=20)
    await live_together(programme, residents[:4])
    await credit(programme, *(sale(each, product.gtin, receipt=str(each)) for each in residents))
    sizes = []
    for some in (residents[:1], residents):
        with counted() as statements:
            await credit(programme, *(sale(each, product.gtin, receipt=f"{len(some)}{each}") for each in some))
        sizes.append(len(statements))
    assert sizes[0] == sizes[1]
