"""Returns of sales whose points waited for their budget, and were paid while the return waited for its turn."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points import ledger
from points.earning.adjustments.return_lines import Returned
from points.earning.funding import deferrals
from points.programmes.policy import Shortage
from points.programmes.tables import Programme
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import Labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.factories.returns import back, member_of, returned, sold, units
from tests.factories.waiting import until_somebody_waits


@pytest.fixture
async def short(database: str) -> Programme:
    """A programme whose points wait for their budget, with 5 points in it."""
    async with db.transaction() as session:
        terms = replace(AT_ONCE, shortage=Shortage.WAIT_FOR_FUNDING)
        return await make_programme(session, terms=terms, base_points=5)


async def fund(programme: Programme, points: int) -> None:
    async with db.transaction() as session:
        budget_id, key = programme.base_budget_id, f"fund:{new_id()}"
        await ledger.fund(session, programme.programme_id, budget_id, points, key=key, now=NOW)


async def test_what_was_paid_while_a_return_waited_goes_with_the_units_too(short: Programme, product: Labelled) -> None:
    """The return asked for its id first; what it takes back was paid under a younger one."""
    async with db.transaction() as session:
        [resident] = await make_residents(session, short, 1)
    member = await member_of(short, resident)
    await sold(short, member, product, quantity=3)
    await fund(short, 25)
    async with db.transaction() as session:
        await ledger.lock(session, short.programme_id, [resident])
        waiting = asyncio.create_task(returned(short, back(product, 2)))
        await until_somebody_waits(session)
        assert await deferrals.grant(session, short.programme_id, now=NOW, limit=10) == 1
    [first] = await waiting
    assert isinstance(first, Returned)
    assert (units(first), first.points) == ([(2, 1)], 20)
    await assert_clean(short)
    [last] = await returned(short, back(product, 1))
    assert isinstance(last, Returned)
    assert (last.points, await left_of(short, resident)) == (10, (0, 0))
    await assert_clean(short)


async def left_of(programme: Programme, resident: UUID) -> tuple[int, int]:
    async with db.transaction() as session:
        found = await ledger.holdings(session, programme.programme_id, resident, now=NOW)
    return found.available, found.owed
