"""Batches that meet: in whatever order they name what they touch, none waits for another in a circle."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points import ledger
from points.earning.activities import Cut, Receipt
from points.earning.credits import record
from points.errors import BudgetsShortError
from points.ledger import Account, AccountKind, Asset
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean, sale
from tests.factories.labels import make_labelled
from tests.factories.programmes import make_programme
from tests.factories.residents import give_points, make_residents
from tests.factories.waiting import until_somebody_waits

START = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS = 25


def award(programme: Programme, resident_id: UUID, payers: list[UUID], points: int) -> ledger.Draft:
    owner = Account(AccountKind.RESIDENT, resident_id)
    return ledger.Draft(
        entry_id=new_id(),
        kind=ledger.EntryKind.AWARD,
        effective_at=START,
        postings=tuple(
            ledger.Posting(Account(AccountKind.BUDGET, payer), owner, Asset.POINTS, points) for payer in payers
        ),
        resident_id=resident_id,
        lot=ledger.LotTerms(points * len(payers), START, START + timedelta(days=365), mature=True),
    )


async def assert_ledger_clean(programme: Programme) -> None:
    """Fail unless the ledger re-adds; what was awarded here has no receipts, so that nothing else can be compared."""
    async with db.transaction() as session:
        findings = await ledger.audit(session, programme.programme_id)
    assert [finding for finding in findings if finding.differences] == []


async def test_two_batches_that_name_residents_and_budgets_the_other_way_round_never_deadlock(
    programme: Programme,
) -> None:
    async with db.transaction() as session:
        residents = await make_residents(session, programme, 8)
    payers = [programme.base_budget_id, programme.engagement_budget_id]

    async def append(order: list[UUID], budgets: list[UUID]) -> None:
        async with db.transaction() as session:
            await ledger.lock(session, programme.programme_id, order)
            drafts = [award(programme, resident_id, budgets, 1) for resident_id in order]
            await ledger.append(session, programme.programme_id, drafts)

    for _ in range(ROUNDS):
        mixed = random.sample(residents, len(residents))
        orders = [(residents, payers), (residents[::-1], payers[::-1]), (mixed, payers), (mixed[::-1], payers[::-1])]
        await asyncio.wait_for(asyncio.gather(*(append(*order) for order in orders)), timeout=20)
    async with db.transaction() as session:
        held = [await ledger.holdings(session, programme.programme_id, each, now=START) for each in residents]
        left = [await ledger.budget_left(session, programme.programme_id, each) for each in payers]
    assert {each.available for each in held} == {ROUNDS * 4 * 2}
    assert left == [1_000_000_000 - ROUNDS * 4 * 8, 1_000_000 - ROUNDS * 4 * 8]
    await assert_ledger_clean(programme)


async def test_two_batches_with_the_same_keys_the_other_way_round_share_them_without_a_deadlock(
    programme: Programme,
) -> None:
    async def claim(uses: list[ledger.KeyUse]) -> list[ledger.Claimed]:
        async with db.transaction() as session:
            return await ledger.claim(session, programme.programme_id, uses)

    for number in range(ROUNDS):
        keys = [f"round {number} key {place}" for place in range(20)]
        uses = [[ledger.KeyUse(key, b"same", new_id()) for key in order] for order in (keys, keys[::-1])]
        one, other = await asyncio.wait_for(asyncio.gather(*map(claim, uses)), timeout=20)
        for first, second in zip(one, other[::-1], strict=True):
            assert {first.state, second.state} == {ledger.ClaimState.FRESH, ledger.ClaimState.REPLAYED}
            assert first.entry_id == second.entry_id


async def test_parallel_holds_and_releases_of_the_same_residents_never_deadlock(programme: Programme) -> None:
    async with db.transaction() as session:
        residents = await make_residents(session, programme, 6)
        await give_points(session, programme, residents, 1000, now=START)

    async def spend(order: list[UUID]) -> None:
        until = START + timedelta(hours=1)
        requests = [ledger.HoldRequest(new_id(), resident_id, 5, until) for resident_id in order]
        async with db.transaction() as session:
            await ledger.hold(session, programme.programme_id, requests, now=START)
        async with db.transaction() as session:
            hold_ids = [request.hold_id for request in requests]
            await ledger.release(session, programme.programme_id, hold_ids[::2], now=START)
        async with db.transaction() as session:
            await ledger.settle(session, programme.programme_id, hold_ids[1::2], now=START)

    for _ in range(ROUNDS):
        orders = [residents, residents[::-1], residents[2:] + residents[:2]]
        await asyncio.wait_for(asyncio.gather(*map(spend, orders)), timeout=20)
    await assert_ledger_clean(programme)


async def test_parallel_batches_draw_a_budget_to_its_last_point_and_not_beyond() -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, base_points=95)
        residents = await make_residents(session, programme, 6)
        product = await make_labelled(session)

    async def credit(number: int) -> list[Receipt]:
        batch = [
            sale(resident_id, product.gtin, receipt=f"r{number}", line=line)
            for line, resident_id in enumerate(residents, start=1)
        ]
        async with db.transaction() as session:
            outcomes = await record(session, programme.programme_id, batch, now=NOW)
        return [each for each in outcomes if isinstance(each, Receipt)]

    receipts = [each for batch in await asyncio.gather(*map(credit, range(4))) for each in batch]
    assert len(receipts) == 24
    assert sum(receipt.points for receipt in receipts) == 95
    assert all(receipt.cuts == (Cut.BUDGET,) for receipt in receipts if receipt.points < 10)
    await assert_clean(programme)


async def test_a_draw_that_waited_for_another_sees_what_that_one_left(database: str) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, base_points=10)
        residents = await make_residents(session, programme, 2)

    async def append(resident_id: UUID, *, first: asyncio.Event, second: asyncio.Event) -> None:
        async with db.transaction() as session:
            await ledger.lock(session, programme.programme_id, [resident_id])
            await second.wait()
            await ledger.append(
                session, programme.programme_id, [award(programme, resident_id, [programme.base_budget_id], 6)]
            )
            first.set()
            await until_somebody_waits(session)  # the other one, for the budget's row

    go, drawn = asyncio.Event(), asyncio.Event()
    go.set()
    outcomes = await asyncio.gather(
        append(residents[0], first=drawn, second=go),
        append(residents[1], first=asyncio.Event(), second=drawn),
        return_exceptions=True,
    )
    assert outcomes[0] is None
    assert isinstance(outcomes[1], BudgetsShortError)
    async with db.transaction() as session:
        assert await ledger.budget_left(session, programme.programme_id, programme.base_budget_id) == 4
    await assert_ledger_clean(programme)


@pytest.mark.parametrize("processes", [8])
async def test_parallel_draws_on_one_budget_add_up_exactly(programme: Programme, processes: int) -> None:
    async with db.transaction() as session:
        residents = await make_residents(session, programme, processes)

    async def append(resident_id: UUID) -> None:
        for _ in range(ROUNDS):
            async with db.transaction() as session:
                await ledger.lock(session, programme.programme_id, [resident_id])
                draft = award(programme, resident_id, [programme.base_budget_id], 3)
                await ledger.append(session, programme.programme_id, [draft])

    await asyncio.gather(*map(append, residents))
    async with db.transaction() as session:
        left = await ledger.budget_left(session, programme.programme_id, programme.base_budget_id)
    assert left == 1_000_000_000 - processes * ROUNDS * 3
    await assert_ledger_clean(programme)
