import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from core import db
from core.ids import new_id
from points import ledger
from points.campaigns import campaigns
from points.campaigns.campaigns import CampaignDraft
from points.campaigns.rules import Bonus
from points.earning.activities import Cut, Receipt
from points.earning.adjustments.adjustments import adjust
from points.earning.adjustments.queries import adjustments_of
from points.earning.adjustments.values import Adjusted, AdjustmentKind, Change, Nothing, UnitsKept
from points.earning.funding import deferrals
from points.earning.funding.tables import WaitingAward
from points.earning.funding.waiting import State
from points.programmes.policy import Caps
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, credit, sale
from tests.factories.labels import Labelled
from tests.factories.programmes import make_programme
from tests.factories.residents import make_residents
from tests.points.earning.funding.conftest import WAITING


async def fund(programme: Programme, points: int) -> None:
    async with db.transaction() as session:
        budget_id = programme.base_budget_id
        await ledger.fund(session, programme.programme_id, budget_id, points, key=f"fund:{new_id()}", now=NOW)


async def grant(programme: Programme, *, now: datetime = NOW, limit: int = 100) -> int:
    async with db.transaction() as session:
        return await deferrals.grant(session, programme.programme_id, now=now, limit=limit)


async def waiting(programme: Programme) -> list[tuple[int, State]]:
    statement = select(WaitingAward).where(col(WaitingAward.programme_id) == programme.programme_id)
    async with db.transaction() as session:
        rows = (await session.exec(statement.order_by(col(WaitingAward.activity_id)))).all()
    return [(row.points, State(row.state)) for row in rows]


async def available(programme: Programme, *residents: UUID) -> list[int]:
    async with db.transaction() as session:
        found = [await ledger.holdings(session, programme.programme_id, each, now=NOW) for each in residents]
    return [each.available for each in found]


async def back(programme: Programme, activity_id: UUID, keep: UnitsKept | Nothing) -> Adjusted:
    change = Change(f"test:{new_id()}", activity_id, AdjustmentKind.CORRECTION, keep, "Came back.", None, NOW)
    async with db.transaction() as session:
        [done] = await adjust(session, programme.programme_id, [change], now=NOW)
    assert isinstance(done, Adjusted)
    return done


async def test_points_that_the_budget_cuts_wait_and_the_receipt_says_how_many(
    short: Programme, residents: list[UUID], product: Labelled
) -> None:
    first, second, third = [
        each
        for each in await credit(short, *(sale(one, product.gtin, receipt=f"{n}") for n, one in enumerate(residents)))
        if isinstance(each, Receipt)
    ]
    assert [(each.grams, each.points, each.waiting_points) for each in (first, second, third)] == [
        (1000, 10, 0),
        (1000, 5, 5),
        (1000, 0, 10),
    ]
    assert third.cuts == (Cut.BUDGET,)
    assert await waiting(short) == [(5, State.WAITING), (10, State.WAITING)]
    [again] = await credit(short, sale(residents[2], product.gtin, receipt="2"))
    assert isinstance(again, Receipt)
    assert (again.replayed, again.waiting_points) == (True, 10)
    await assert_clean(short)


async def test_they_are_granted_oldest_first_each_once_and_stand_in_the_totals_of_their_day(
    short: Programme, residents: list[UUID], product: Labelled
) -> None:
    for number, one in enumerate(residents):
        await credit(short, sale(one, product.gtin, receipt=f"{number}"))
    assert await grant(short) == 0, "nothing was put in"
    await fund(short, 12)
    assert await grant(short) == 1
    assert await grant(short) == 0, "the 7 points left do not cover the next award"
    assert await available(short, *residents) == [10, 10, 0]
    await assert_clean(short)
    await fund(short, 3)
    assert await grant(short) == 1
    assert await available(short, *residents) == [10, 10, 10]
    assert await waiting(short) == [(5, State.GRANTED), (10, State.GRANTED)]
    await assert_clean(short)


async def test_a_granted_award_is_an_entry_with_a_lot_of_its_own_and_changes_what_the_activity_is_worth(
    short: Programme, residents: list[UUID], product: Labelled
) -> None:
    [receipt] = await credit(short, sale(residents[0], product.gtin, quantity=2))
    assert isinstance(receipt, Receipt)
    await fund(short, 5)
    await grant(short)
    async with db.transaction() as session:
        [line, _] = await ledger.statement(session, short.programme_id, residents[0])
        found = await adjustments_of(session, short.programme_id, [receipt.activity_id])
    assert (line.kind, line.subject_id, line.effective_at) == (
        ledger.EntryKind.DEFERRED,
        receipt.activity_id,
        receipt.effective_at,
    )
    [told] = found[receipt.activity_id]
    assert (told.kind, told.points, told.adjustment_id) == (AdjustmentKind.FUNDED, 5, line.entry_id)
    await assert_clean(short)


async def test_who_waits_is_paid_before_whoever_comes_after_the_funding(
    short: Programme, residents: list[UUID], product: Labelled
) -> None:
    await credit(short, *(sale(one, product.gtin, receipt=f"{n}") for n, one in enumerate(residents[:2])))
    await fund(short, 9)
    [late] = await credit(short, sale(residents[2], product.gtin, receipt="late"))
    assert isinstance(late, Receipt)
    assert (late.points, late.waiting_points) == (4, 6), "5 of the 9 are spoken for"
    assert await grant(short) == 1
    assert await available(short, *residents) == [10, 10, 4]
    await assert_clean(short)


async def test_a_queue_that_is_held_up_does_not_hold_up_those_of_other_budgets(
    short: Programme, residents: list[UUID], product: Labelled
) -> None:
    await credit(short, *(sale(residents[0], product.gtin, receipt=f"{n}", quantity=5) for n in range(5)))
    async with db.transaction() as session:
        programme_id = short.programme_id
        draft = CampaignDraft("周末", "Weekend", NOW - timedelta(days=1), NOW + timedelta(days=1), Bonus(points=8))
        opened = await campaigns.open(
            session, programme_id, draft, funded_points=1, staff_id=new_id(), now=draft.starts_at
        )
    [late] = await credit(short, sale(residents[1], product.gtin, receipt="late"))
    assert isinstance(late, Receipt)
    assert (late.points, late.waiting_points) == (1, 17)
    async with db.transaction() as session:
        budget_id = opened.campaign.budget_id
        await ledger.fund(session, programme_id, budget_id, 7, key=f"fund:{new_id()}", now=NOW)
    await fund(short, 5)
    assert await grant(short, limit=3) == 1
    assert await available(short, residents[1]) == [8]
    await assert_clean(short)


async def test_what_waits_counts_under_the_caps_of_its_day(product: Labelled) -> None:
    async with db.transaction() as session:
        terms = replace(WAITING, caps=Caps(points_per_day=25))
        short = await make_programme(session, terms=terms, base_points=0)
        [one] = await make_residents(session, short, 1)
    first, second = await credit(short, *(sale(one, product.gtin, receipt=r, quantity=2) for r in "ab"))
    [third] = await credit(short, sale(one, product.gtin, receipt="c"))
    assert [each.waiting_points for each in (first, second, third) if isinstance(each, Receipt)] == [20, 5, 0]
    assert isinstance(third, Receipt)
    assert Cut.POINTS_PER_DAY in third.cuts
    await fund(short, 100)
    assert await grant(short) == 2
    assert await available(short, one) == [25]
    await assert_clean(short)


async def test_points_whose_time_passed_while_they_waited_are_closed_and_not_granted(
    short: Programme, residents: list[UUID], product: Labelled
) -> None:
    await credit(short, *(sale(one, product.gtin, receipt=f"{n}") for n, one in enumerate(residents)))
    await fund(short, 100)
    assert await grant(short, now=NOW + timedelta(days=800)) == 2
    assert await waiting(short) == [(5, State.LAPSED), (10, State.LAPSED)]
    assert await available(short, *residents) == [10, 5, 0]
    await assert_clean(short)


async def test_points_lapse_also_where_nobody_ever_funds_their_budget(
    short: Programme, residents: list[UUID], product: Labelled
) -> None:
    await credit(short, *(sale(one, product.gtin, receipt=f"{n}") for n, one in enumerate(residents)))
    async with db.transaction() as session:
        assert await deferrals.lapse(session, short.programme_id, now=NOW, limit=10) == 0
        later = NOW + timedelta(days=800)
        assert await deferrals.lapse(session, short.programme_id, now=later, limit=1) == 1
        assert await deferrals.lapse(session, short.programme_id, now=later, limit=10) == 1
    await assert_clean(short)


async def test_a_return_takes_what_waits_first(short: Programme, residents: list[UUID], product: Labelled) -> None:
    [receipt] = await credit(short, sale(residents[0], product.gtin, quantity=3))
    assert isinstance(receipt, Receipt)
    assert (receipt.points, receipt.waiting_points) == (15, 15)
    taken = await back(short, receipt.activity_id, UnitsKept(2))
    assert (taken.points, await waiting(short)) == (0, [(5, State.WAITING)])
    taken = await back(short, receipt.activity_id, UnitsKept(1))
    assert (taken.points, await waiting(short)) == (5, [(0, State.CANCELLED)])
    await fund(short, 100)
    assert await grant(short) == 0
    assert await available(short, residents[0]) == [10]
    await assert_clean(short)


async def test_a_return_after_the_grant_takes_the_granted_points_back(
    short: Programme, residents: list[UUID], product: Labelled
) -> None:
    [receipt] = await credit(short, sale(residents[0], product.gtin, quantity=3))
    assert isinstance(receipt, Receipt)
    await fund(short, 15)
    await grant(short)
    assert await available(short, residents[0]) == [30]
    taken = await back(short, receipt.activity_id, Nothing())
    assert (taken.points, taken.owed) == (30, 0)
    assert await available(short, residents[0]) == [0]
    async with db.transaction() as session:
        assert await ledger.budget_left(session, short.programme_id, short.base_budget_id) == 30
    await assert_clean(short)


@pytest.mark.parametrize("round_", range(5))
async def test_granting_twice_and_funding_twice_at_once_grants_each_award_once(
    short: Programme, residents: list[UUID], product: Labelled, round_: int
) -> None:
    lines = [sale(one, product.gtin, receipt=f"{n}.{k}") for n, one in enumerate(residents) for k in range(4)]
    await credit(short, *lines)
    limit = 2 + round_
    await asyncio.gather(fund(short, 60), *(grant(short, limit=limit) for _ in range(4)), fund(short, 45))
    while await grant(short, limit=limit):
        pass
    assert sum(await available(short, *residents)) == 120
    async with db.transaction() as session:
        assert await ledger.budget_left(session, short.programme_id, short.base_budget_id) == 0
    assert {state for _, state in await waiting(short)} == {State.GRANTED}
    await assert_clean(short)


@pytest.mark.parametrize("round_", range(5))
async def test_returning_and_granting_at_once_never_leaves_points_of_returned_goods(
    short: Programme, residents: list[UUID], product: Labelled, round_: int
) -> None:
    found = await credit(
        short, *(sale(one, product.gtin, receipt=f"{n}", quantity=4) for n, one in enumerate(residents))
    )
    receipts = [each for each in found if isinstance(each, Receipt)]
    await fund(short, 200)
    keep = UnitsKept(round_ % 4) if round_ % 4 else Nothing()
    await asyncio.gather(
        grant(short), *(back(short, each.activity_id, keep) for each in receipts), grant(short, limit=1)
    )
    while await grant(short):
        pass
    assert await available(short, *residents) == [10 * (round_ % 4)] * 3
    await assert_clean(short)


@pytest.mark.parametrize("round_", range(3))
async def test_earning_while_what_waits_is_granted_loses_nothing(
    short: Programme, residents: list[UUID], product: Labelled, round_: int
) -> None:
    await credit(short, *(sale(one, product.gtin, receipt=f"{n}") for n, one in enumerate(residents)))
    await fund(short, 25)
    late = [credit(short, sale(residents[n], product.gtin, receipt=f"late{round_}{n}")) for n in range(3)]
    await asyncio.gather(grant(short), *late, grant(short))
    await fund(short, 100)
    while await grant(short):
        pass
    assert await available(short, *residents) == [20, 20, 20]
    await assert_clean(short)
