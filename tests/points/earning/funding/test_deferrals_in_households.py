"""Points that wait count under the caps of the household too: once, waiting or paid."""

import asyncio
from dataclasses import replace

import pytest

from core import db
from points.earning.activities import Cut, Receipt
from points.earning.adjustments.values import UnitsKept
from points.programmes.policy import Caps
from points.residents import households
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import Labelled
from tests.factories.programmes import make_programme
from tests.factories.residents import make_residents
from tests.points.earning.funding.conftest import WAITING
from tests.points.earning.funding.test_deferrals import available, back, fund, grant


def caps_of(receipt: Receipt) -> list[Cut]:
    return [each for each in receipt.cuts if each is not Cut.BUDGET]


@pytest.mark.parametrize("caps", [Caps(household_points_per_day=25), Caps(household_points_per_month=25)])
async def test_what_waits_counts_under_the_caps_of_its_household_and_once(product: Labelled, caps: Caps) -> None:
    async with db.transaction() as session:
        short = await make_programme(session, terms=replace(WAITING, caps=caps), base_points=0)
        one, other = await make_residents(session, short, 2)
        await households.put_together(session, short.programme_id, [one, other], now=NOW)
    first = await credit(short, sale(one, product.gtin, receipt="a", quantity=2))
    second = await credit(short, *(sale(who, product.gtin, receipt=f"b{who}") for who in (other, one)))
    told = [(each.waiting_points, set(caps_of(each))) for each in (*first, *second) if isinstance(each, Receipt)]
    [cut] = {each for _, cuts in told for each in cuts}
    assert told == [(20, set()), (5, {cut}), (0, {cut})]
    await fund(short, 100)
    [third] = await credit(short, sale(other, product.gtin, receipt="c"))
    assert isinstance(third, Receipt)
    assert (third.points, third.waiting_points) == (0, 0), "funded, and not granted yet"
    assert await grant(short) == 2
    [fourth] = await credit(short, sale(one, product.gtin, receipt="d"))
    assert isinstance(fourth, Receipt)
    assert (fourth.points, fourth.waiting_points) == (0, 0), "granted"
    assert sum(await available(short, one, other)) == 25
    assert isinstance(first[0], Receipt)
    await back(short, first[0].activity_id, UnitsKept(1))
    [fifth] = await credit(short, sale(other, product.gtin, receipt="e", quantity=2))
    assert isinstance(fifth, Receipt)
    assert fifth.points == 10, "what came back makes room, and what waited was counted once"
    await assert_clean(short)


@pytest.mark.parametrize("round_", range(4))
async def test_a_household_that_is_credited_and_granted_at_once_never_passes_its_cap(
    product: Labelled, round_: int
) -> None:
    async with db.transaction() as session:
        terms = replace(WAITING, caps=Caps(household_points_per_day=55))
        short = await make_programme(session, terms=terms, base_points=0)
        members = await make_residents(session, short, 4)
        await households.put_together(session, short.programme_id, members, now=NOW)
    await credit(short, *(sale(each, product.gtin, receipt=f"{each}") for each in members))
    await fund(short, 500)
    more = [credit(short, sale(each, product.gtin, receipt=f"more{each}", quantity=2)) for each in members]
    await asyncio.gather(*more[:round_], grant(short), *more[round_:], grant(short, limit=2))
    while await grant(short):
        pass
    assert sum(await available(short, *members)) == 55
    await assert_clean(short)
