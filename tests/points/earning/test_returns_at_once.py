"""Returns beside other returns, spending, claims and maturity, each on a connection of its own."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points import ledger
from points.earning.activities import Claimable, Reason, Receipt
from points.earning.adjustments.return_lines import Bought, Returned
from points.earning.evidence.receipt_claims import claim
from points.errors import StateConflictError
from points.programmes.policy import Terms
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import Labelled
from tests.factories.programmes import make_programme
from tests.factories.residents import make_residents
from tests.factories.returns import back, member_of, reason, returned, sold

ROUNDS = 6


@pytest.fixture
async def slow(database: str) -> Programme:
    """A programme whose points mature after a week."""
    async with db.transaction() as session:
        return await make_programme(session, terms=Terms())


async def joined(programme: Programme) -> tuple[UUID, str]:
    async with db.transaction() as session:
        [resident] = await make_residents(session, programme, 1)
    return resident, await member_of(programme, resident)


async def spend(programme: Programme, resident: UUID, points: int) -> bool:
    async with db.transaction() as session:
        request = ledger.HoldRequest(new_id(), resident, points, NOW + timedelta(hours=1))
        [held] = await ledger.hold(session, programme.programme_id, [request], now=NOW)
        if not isinstance(held, ledger.Posted):
            return False
        await ledger.settle(session, programme.programme_id, [request.hold_id], now=NOW)
    return True


async def mature(programme: Programme) -> None:
    async with db.transaction() as session:
        await ledger.mature(session, programme.programme_id, now=NOW + timedelta(days=8))


async def test_the_same_return_at_once_is_taken_once(programme: Programme, product: Labelled) -> None:
    _, member = await joined(programme)
    await sold(programme, member, product)
    line = back(product, 1, receipt="R1")
    found = [each for [each] in await asyncio.gather(*(returned(programme, line) for _ in range(8)))]
    assert all(isinstance(each, Returned) for each in found)
    assert sum(isinstance(each, Returned) and not each.replayed for each in found) == 1
    await assert_clean(programme)


async def test_returns_at_once_never_take_more_than_was_bought(programme: Programme, product: Labelled) -> None:
    _, member = await joined(programme)
    await sold(programme, member, product, quantity=5)
    lines = [back(product, 1) if number % 2 else back(product, 1, bought=None, member=member) for number in range(8)]
    found = [each for [each] in await asyncio.gather(*(returned(programme, line) for line in lines))]
    assert sorted(str(reason(each)) for each in found) == sorted(["None"] * 5 + [str(Reason.ALREADY_RETURNED)] * 3)
    await assert_clean(programme)


async def test_a_return_and_spending_at_once_lose_no_point(programme: Programme, product: Labelled) -> None:
    for _ in range(ROUNDS):
        resident, member = await joined(programme)
        await sold(programme, member, product, receipt=str(new_id()))
        line = back(product, 3, bought=None, member=member)
        [taken], spent = await asyncio.gather(returned(programme, line), spend(programme, resident, 20))
        assert isinstance(taken, Returned)
        [adjusted] = taken.adjusted
        assert adjusted.owed == (20 if spent else 0)
        async with db.transaction() as session:
            found = await ledger.holdings(session, programme.programme_id, resident, now=NOW)
        assert (found.available, found.owed) == (0, 20 if spent else 0)
    await assert_clean(programme)


async def test_a_return_and_maturity_at_once_agree(slow: Programme, product: Labelled) -> None:
    for _ in range(ROUNDS):
        resident, member = await joined(slow)
        await sold(slow, member, product, receipt=str(new_id()))
        [taken], _ = await asyncio.gather(returned(slow, back(product, 2, bought=None, member=member)), mature(slow))
        assert isinstance(taken, Returned)
        async with db.transaction() as session:
            found = await ledger.holdings(session, slow.programme_id, resident, now=NOW)
        assert (found.available + found.pending, found.owed) == (10, 0)
    await assert_clean(slow)


async def test_a_claim_and_a_return_at_once_share_the_units(programme: Programme, product: Labelled) -> None:
    for number in range(ROUNDS):
        resident, _ = await joined(programme)
        anonymous = await sold(programme, None, product, receipt=f"S{number}")
        assert isinstance(anonymous, Claimable)
        line = back(product, 2, bought=Bought(f"S{number}", 1))

        async def claimed(code: str = anonymous.claim_code, who: UUID = resident) -> int:
            async with db.transaction() as session:
                [found] = await claim(session, programme.programme_id, who, code, now=NOW)
            assert isinstance(found.outcome, Receipt)
            return found.outcome.quantity

        outcomes = await asyncio.gather(returned(programme, line), claimed(), return_exceptions=True)
        assert all(isinstance(each, list | int | StateConflictError) for each in outcomes), outcomes
        again = await returned(programme, line)
        assert all(isinstance(each, Returned) for each in again), again
        await claimed()
        async with db.transaction() as session:
            held = await ledger.holdings(session, programme.programme_id, resident, now=NOW)
        assert held.grams == 1000
    await assert_clean(programme)
