"""Reversals that meet spending, maturity and each other on real parallel connections; and what a batch costs."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock, db
from core.ids import new_id
from points import ledger
from points.ledger import Forgiveness, Holdings, HoldRequest, Posted, Refund, Rejected, Reversal, Reversed, Settlement
from points.programmes.tables import Programme
from tests.factories.ledgers import Lot, assert_clean, award, draft_award, left_in, resident_of
from tests.factories.residents import make_residents
from tests.factories.statements import counted

NOW = clock.now()
DAY = timedelta(days=1)
ROUNDS = 25


def back(programme: Programme, lot: Lot, points: int) -> Reversal:
    return Reversal(new_id(), lot.lot_id, lot.resident_id, 0, ((programme.base_budget_id, points),), NOW)


async def reverse(programme: Programme, *reversals: Reversal) -> list[Reversed]:
    async with db.transaction() as session:
        return await ledger.reverse(session, programme.programme_id, reversals, now=NOW)


async def spend(programme: Programme, resident_id: UUID, points: int) -> bool:
    request = HoldRequest(new_id(), resident_id, points, NOW + DAY)
    async with db.transaction() as session:
        [outcome] = await ledger.hold(session, programme.programme_id, [request], now=NOW)
        if isinstance(outcome, Posted):
            await ledger.settle(session, programme.programme_id, [request.hold_id], now=NOW)
    return isinstance(outcome, Posted)


async def holdings(programme: Programme, resident_id: UUID) -> Holdings:
    async with db.transaction() as session:
        return await ledger.holdings(session, programme.programme_id, resident_id, now=NOW + 7 * DAY)


async def test_a_return_and_a_purchase_at_once_share_the_points_one_way_or_the_other(programme: Programme) -> None:
    for _ in range(ROUNDS):
        resident_id = await resident_of(programme)
        lot = await award(programme, resident_id, 50, now=NOW)
        [found], spent = await asyncio.gather(
            reverse(programme, back(programme, lot, 50)), spend(programme, resident_id, 30)
        )
        assert (found.from_award, found.owed) == ((20, 30) if spent else (50, 0))
        assert await holdings(programme, resident_id) == Holdings(0, 0, 0, 0, found.owed)
    await assert_clean(programme)


async def test_maturity_and_reversal_at_once_come_to_the_same(programme: Programme) -> None:
    async def mature() -> None:
        async with db.transaction() as session:
            await ledger.mature(session, programme.programme_id, now=NOW + 7 * DAY)

    for _ in range(ROUNDS):
        resident_id = await resident_of(programme)
        lots = [await award(programme, resident_id, points, now=NOW, mature=False) for points in (50, 20)]
        [found], _ = await asyncio.gather(reverse(programme, back(programme, lots[0], 45)), mature())
        assert found.from_award == 45
        assert (await holdings(programme, resident_id)).available == 25
    await assert_clean(programme)


async def test_two_reversals_of_one_award_at_once_take_it_once(programme: Programme) -> None:
    before = await left_in(programme)
    for _ in range(ROUNDS):
        resident_id = await resident_of(programme)
        lot = await award(programme, resident_id, 50, now=NOW)
        await award(programme, resident_id, 10, now=NOW, mature=False)
        await spend(programme, resident_id, 15)
        both = await asyncio.gather(*(reverse(programme, back(programme, lot, 25)) for _ in range(2)))
        assert sum(one.from_award for [one] in both) == 35
        assert sum(one.owed for [one] in both) == 15
        assert await holdings(programme, resident_id) == Holdings(0, 0, 10, 0, 15)
    assert await left_in(programme) == before - ROUNDS * (10 + 15)
    await assert_clean(programme)


async def test_refunds_of_one_hold_at_once_give_back_no_more_than_it_spent(programme: Programme) -> None:
    resident_id = await resident_of(programme)
    await award(programme, resident_id, 50, now=NOW)
    hold_id = new_id()

    async def refund() -> Posted | Rejected:
        async with db.transaction() as session:
            refunds = [Refund(new_id(), hold_id, 20)]
            [outcome] = await ledger.refund(session, programme.programme_id, refunds, now=NOW)
        return outcome

    async with db.transaction() as session:
        await ledger.hold(session, programme.programme_id, [HoldRequest(hold_id, resident_id, 50, NOW + DAY)], now=NOW)
        await ledger.settle(session, programme.programme_id, [hold_id], now=NOW)
    outcomes = await asyncio.gather(*(refund() for _ in range(8)))
    assert sum(isinstance(one, Posted) for one in outcomes) == 2
    assert (await holdings(programme, resident_id)).available == 40
    await assert_clean(programme)


async def test_batches_that_name_residents_and_budgets_the_other_way_round_never_deadlock(
    programme: Programme,
) -> None:
    payers = (programme.base_budget_id, programme.engagement_budget_id)
    async with db.transaction() as session:
        residents = await make_residents(session, programme, 6)
        drafts = [draft_award(programme, one, 500, now=NOW, budgets=payers) for one in residents]
        await ledger.lock(session, programme.programme_id, residents)
        await ledger.append(session, programme.programme_id, drafts)
    for each in residents:
        assert await spend(programme, each, 900)  # so that soon they owe, and what is released pays
    lots = dict(zip(residents, (draft.entry_id for draft in drafts), strict=True))

    async def take(order: list[UUID], budgets: tuple[UUID, ...]) -> None:
        payments = tuple((budget, 3) for budget in budgets)
        await reverse(programme, *(Reversal(new_id(), lots[each], each, 0, payments, NOW) for each in order))

    async def owe(order: list[UUID]) -> None:
        for _ in range(3):
            async with db.transaction() as session:
                requests = [HoldRequest(new_id(), each, 40, NOW + DAY) for each in order]
                await ledger.hold(session, programme.programme_id, requests, now=NOW)
            async with db.transaction() as session:
                await ledger.release(session, programme.programme_id, [one.hold_id for one in requests], now=NOW)

    async with db.transaction() as session:
        assert await ledger.owing(session, programme.programme_id, residents) == {}
    for _ in range(ROUNDS):
        mixed = random.sample(residents, len(residents))
        jobs = [take(residents, payers), take(mixed, payers[::-1]), owe(residents[::-1]), take(mixed[::-1], payers)]
        await asyncio.wait_for(asyncio.gather(*jobs), timeout=30)
    async with db.transaction() as session:
        assert len(await ledger.owing(session, programme.programme_id, residents)) == len(residents)
    await assert_clean(programme)


async def test_a_batch_costs_the_same_statements_whatever_its_size(programme: Programme) -> None:
    costs = [await costs_of(programme, size) for size in (2, 40)]
    assert costs[0] == costs[1]
    assert costs[0] == {"reverse": 14, "mature": 10, "settle": 13, "refund": 13, "forgive": 4, "hold": 12}
    await assert_clean(programme)


async def costs_of(programme: Programme, size: int) -> dict[str, int]:
    """Return what everything costs at its dearest: holds are void, debts are paid, budgets are filled."""
    programme_id, late, week = programme.programme_id, NOW + 2 * DAY, NOW + 9 * DAY
    residents = [await resident_of(programme) for _ in range(size)]
    lots = [await award(programme, each, 50, now=NOW) for each in residents]
    seen: dict[str, int] = {}

    async def count(name: str, work: Callable[[AsyncSession], Awaitable[object]]) -> None:
        with counted() as statements:
            async with db.transaction() as session:
                await work(session)
        seen[name] = len(statements)

    def asked(points: int, until: timedelta) -> list[HoldRequest]:
        return [HoldRequest(new_id(), each, points, NOW + until) for each in residents]

    void, settled, shared = asked(5, DAY), asked(20, 30 * DAY), asked(10, 30 * DAY)
    async with db.transaction() as session:
        await ledger.hold(session, programme_id, [*void, *settled, *shared], now=NOW)
        await ledger.settle(session, programme_id, [each.hold_id for each in settled], now=NOW)
    reversals = [back(programme, lot, 45) for lot in lots]
    await count("reverse", lambda s: ledger.reverse(s, programme_id, reversals, now=late))
    parts = [Settlement(each.hold_id, 7) for each in shared]
    await count("settle", lambda s: ledger.settle(s, programme_id, parts, now=late))
    refunds = [Refund(new_id(), each.hold_id, 5) for each in settled]
    await count("refund", lambda s: ledger.refund(s, programme_id, refunds, now=late))
    for each in residents:
        await award(programme, each, 12, now=NOW, mature=False)
    await count("mature", lambda s: ledger.mature(s, programme_id, now=week))
    forgiven = [Forgiveness(new_id(), each) for each in residents]
    await count("forgive", lambda s: ledger.forgive(s, programme_id, forgiven, now=week))
    for each in residents:
        await award(programme, each, 9, now=NOW)
    brief = asked(9, DAY)
    async with db.transaction() as session:
        await ledger.hold(session, programme_id, brief, now=NOW)
    await count("hold", lambda s: ledger.hold(s, programme_id, asked(9, 30 * DAY), now=late))
    return seen
