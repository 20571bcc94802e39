"""What is taken back frees the room it used: in the day and month it was used in, once, and nowhere else."""

from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from core import db
from core.db import asyncpg_url
from core.embedded import Servers
from points.earning.activities import Outcome, Reason, Receipt, Refusal, Scan
from points.earning.adjustments.adjustments import adjust, preview
from points.earning.adjustments.return_lines import Bought
from points.earning.adjustments.values import AdjustmentKind, Change, Nothing
from points.earning.guards.queries import free
from points.programmes.guard_terms import Guards
from points.programmes.policy import Caps
from points.programmes.tables import Programme
from points.residents import households
from tests.factories.credits import NOW, assert_clean, credit
from tests.factories.labels import Labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.returns import RETAILER, back, member_of, returned, sold
from tests.factories.statements import counted
from tests.factories.units import make_units
from workers.till_keys import till_keys

LAST_MONTH = NOW.replace(day=1, hour=12) - timedelta(days=3)


async def capped(caps: Caps, residents: int = 1, guards: Guards | None = None) -> tuple[Programme, list[UUID]]:
    terms = replace(AT_ONCE, caps=caps, guards=guards or Guards(), backdating_days=90, return_days=90)
    async with db.transaction() as session:
        programme = await make_programme(session, terms=terms)
        return programme, await make_residents(session, programme, residents)


async def bought(
    programme: Programme, resident_id: UUID, product: Labelled, receipt: str, units: int = 1, at: datetime = NOW
) -> Outcome:
    member = await member_of(programme, resident_id)
    return await sold(programme, member, product, receipt=receipt, quantity=units, at=at)


def grams(outcome: Outcome) -> int | None:
    return outcome.grams if isinstance(outcome, Receipt) else None


@pytest.mark.parametrize(
    "caps",
    [
        Caps(retailer_grams_per_day=2_500),
        Caps(retailer_grams_per_month=2_500),
        Caps(household_grams_per_day=2_500),
        Caps(household_grams_per_month=2_500),
        Caps(grams_per_day=2_500),
        Caps(units_per_gtin_day=3),
        Caps(units_per_gtin_month=3),
        Caps(units_per_category_month=3),
    ],
)
async def test_a_partial_return_frees_what_it_brought_back_and_a_second_report_of_it_nothing(
    caps: Caps, product: Labelled
) -> None:
    programme, [resident_id, housemate] = await capped(caps, residents=2)
    async with db.transaction() as session:
        await households.put_together(session, programme.programme_id, [resident_id, housemate], now=NOW)
    counts_units = caps.units_per_gtin_day or caps.units_per_gtin_month or caps.units_per_category_month
    await bought(programme, resident_id, product, "S1", units=2)
    full = await bought(programme, resident_id, product, "S2", units=2)
    assert grams(full) == (None if counts_units else 500)
    line = back(product, 1, receipt="R1")
    await returned(programme, line, line)
    await returned(programme, line)
    await assert_clean(programme)
    again = [await bought(programme, resident_id, product, f"S{number}") for number in (3, 4, 5)]
    assert [grams(each) for each in again] == ([1_000, 1_000, None] if counts_units else [1_000, 0, 0])
    await assert_clean(programme)


@pytest.mark.parametrize("caps", [Caps(retailer_grams_per_month=1_000), Caps(units_per_gtin_month=1)])
async def test_what_comes_back_after_the_month_frees_room_in_the_month_it_was_bought(
    caps: Caps, product: Labelled
) -> None:
    programme, [resident_id] = await capped(caps)
    await bought(programme, resident_id, product, "S1", at=LAST_MONTH)
    await bought(programme, resident_id, product, "S2")
    await returned(programme, back(product))
    assert not grams(await bought(programme, resident_id, product, "S3"))
    assert grams(await bought(programme, resident_id, product, "S4", at=LAST_MONTH)) == 1_000
    assert not grams(await bought(programme, resident_id, product, "S5", at=LAST_MONTH))
    await assert_clean(programme)


async def test_what_a_cap_had_cut_frees_nothing(product: Labelled) -> None:
    programme, [resident_id] = await capped(Caps(retailer_grams_per_day=1_000))
    await bought(programme, resident_id, product, "S1", units=2)
    await returned(programme, back(product))
    assert grams(await bought(programme, resident_id, product, "S2")) == 0
    await returned(programme, back(product))
    assert grams(await bought(programme, resident_id, product, "S3")) == 1_000
    await assert_clean(programme)


async def test_a_household_gets_back_what_a_member_returns_who_has_left_it(product: Labelled) -> None:
    programme, [stays, leaves] = await capped(Caps(household_grams_per_month=2_000), residents=2)
    async with db.transaction() as session:
        await households.put_together(session, programme.programme_id, [stays, leaves], now=NOW)
    await bought(programme, leaves, product, "S1", units=2)
    async with db.transaction() as session:
        await households.leave(session, programme.programme_id, leaves, now=NOW)
    assert grams(await bought(programme, stays, product, "S2")) == 0
    await returned(programme, back(product))
    assert [grams(await bought(programme, stays, product, f"S{number}")) for number in (3, 4)] == [1_000, 0]
    await assert_clean(programme)


async def test_what_is_clawed_back_frees_room_and_what_is_only_tried_out_does_not(product: Labelled) -> None:
    programme, [resident_id] = await capped(Caps(retailer_grams_per_day=1_000, units_per_gtin_day=2))
    receipt = await bought(programme, resident_id, product, "S1")
    assert isinstance(receipt, Receipt)
    order = Change("test:1", receipt.activity_id, AdjustmentKind.CLAWBACK, Nothing(), "test", None, NOW)
    async with db.transaction() as session:
        await preview(session, programme.programme_id, [order], now=NOW)
    assert grams(await bought(programme, resident_id, product, "S2")) == 0
    for _ in range(2):
        async with db.transaction() as session:
            await adjust(session, programme.programme_id, [order], now=NOW)
    outcomes = [await bought(programme, resident_id, product, receipt) for receipt in ("S3", "S4")]
    assert [grams(each) for each in outcomes] == [1_000, None]
    await assert_clean(programme)


async def test_units_that_were_scanned_and_then_sold_count_once_until_they_come_back(product: Labelled) -> None:
    programme, [resident_id] = await capped(Caps(units_per_gtin_day=4))
    async with db.transaction() as session:
        codes = await make_units(session, product, 2, secret=till_keys().units)
    await credit(programme, *(Scan(resident_id, code, NOW) for code in codes), secret=till_keys().units)
    await bought(programme, resident_id, product, "S1", units=2)
    await bought(programme, resident_id, product, "S2", units=1)
    left = [2, 1]
    for taken in (Bought("S2", 1), Bought("S1", 1)):
        await returned(programme, back(product, bought=taken))
        most = left.pop(0)
        refused = await bought(programme, resident_id, product, f"{taken.receipt}-more", units=5 - most)
        assert isinstance(refused, Refusal), "one more than is left"
        assert refused.reason is Reason.REFUSED_BY_GUARD
    assert grams(await bought(programme, resident_id, product, "S3", units=3)) == 3_000
    await assert_clean(programme)


async def test_a_programme_without_such_a_cap_pays_nothing_for_it_and_one_with_it_a_single_statement(
    product: Labelled,
) -> None:
    sizes = {}
    for caps in (Caps(), Caps(retailer_grams_per_day=10**6, retailer_grams_per_month=10**6)):
        programme, [resident_id] = await capped(caps)
        for number in range(12):
            await bought(programme, resident_id, product, f"S{number}")
        for numbers in (range(1), range(1, 12)):
            with counted() as statements:
                await returned(programme, *(back(product, bought=Bought(f"S{number}", 1)) for number in numbers))
            sizes[caps.retailer_grams_per_day, len(numbers)] = len(statements)
            assert any(" tally " in each for each in statements) == bool(caps.retailer_grams_per_day)
    [plain, plain_many, with_cap, with_cap_many] = sizes.values()
    assert (plain_many, with_cap_many) == (plain, with_cap)
    assert with_cap == plain + 1


async def test_what_was_taken_back_before_is_counted_out_by_the_revision_that_lets_caps_know(
    embedded: Servers, product: Labelled
) -> None:
    programme, [resident_id] = await capped(Caps(retailer_grams_per_day=9_000, retailer_grams_per_month=9_000))
    await bought(programme, resident_id, product, "S1", units=3)
    await returned(programme, back(product, 2))
    revision = import_module("migrations.versions.0017_freed_room")
    grams, programme_id = "UPDATE tally SET grams = 3000 WHERE programme_id = :id", {"id": programme.programme_id}
    read = text("SELECT DISTINCT grams FROM tally WHERE programme_id = :id")
    engine = create_async_engine(asyncpg_url(embedded.migration_database_url or ""))
    async with engine.connect() as connection:  # closed without a commit: it is about every programme
        await connection.execute(text(grams), programme_id)
        for sign, stands in (("+", 1_000), ("-", 3_000)):
            await connection.execute(text(revision._COUNT.format(sign=sign)))
            assert (await connection.execute(read, programme_id)).scalars().all() == [stands]
    await engine.dispose()


async def test_freeing_nothing_asks_nothing() -> None:
    async with db.transaction() as session:
        with counted() as statements:
            await free(session, RETAILER, {})
    assert statements == []
