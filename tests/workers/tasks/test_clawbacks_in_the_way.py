"""An order's run while an operator's request has the order locked: it goes on by itself, without the sweep."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core import db
from points.earning.activities import Refusal
from points.earning.adjustments.adjustments import adjust
from points.earning.adjustments.values import Adjusted, Change
from points.earning.clawbacks import chunks, clawbacks, queries
from points.earning.clawbacks.chunks import Advance
from points.errors import StateConflictError
from points.programmes.tables import Programme
from tests.factories.clawbacks import EVER, bought, overview, placed, previewed
from tests.factories.credits import NOW, assert_clean
from tests.factories.labels import Labelled, make_labelled
from tests.factories.residents import make_residents
from tests.factories.waiting import until_somebody_waits
from workers.tasks import clawbacks as tasks

RESIDENTS = 3


@pytest.fixture
async def product(database: str) -> Labelled:
    async with db.transaction() as session:
        return await make_labelled(session)


async def ordered(programme: Programme, product: Labelled) -> UUID:
    """Place an order about some residents, of whom a chunk takes one."""
    async with db.transaction() as session:
        residents = await make_residents(session, programme, RESIDENTS)
    for who in residents:
        await bought(programme, who, product)
    order_id = await previewed(programme, EVER)
    await placed(programme, order_id)
    return order_id


class Looks:
    """Counts the looks a run takes at its order, and tells when it has taken some."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hindered = 0
        self._whole, self._looked = chunks.advance, asyncio.Event()
        monkeypatch.setattr(chunks, "advance", self)

    async def __call__(
        self, session: AsyncSession, programme_id: UUID, clawback_id: UUID, *, now: datetime, taken: int
    ) -> Advance:
        done = await self._whole(session, programme_id, clawback_id, now=now, taken=min(taken, 1))
        self.hindered += done.hindered
        if done.hindered or not done.left:
            self._looked.set()
        return done

    async def met(self) -> None:
        async with asyncio.timeout(10):
            await self._looked.wait()


async def done(programme: Programme, order_id: UUID) -> None:
    found = await overview(programme, order_id)
    assert (found.order.state, found.taken.residents, found.order.stuck_since) == ("done", RESIDENTS, None)
    await assert_clean(programme)


async def test_a_run_goes_on_when_a_request_lets_go_of_its_order(
    programme: Programme, product: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await ordered(programme, product)
    looks = Looks(monkeypatch)
    async with db.transaction() as session:
        await queries.locked(session, programme.programme_id, order_id)
        running = asyncio.create_task(tasks._run(programme.programme_id, order_id))
        await looks.met()
    assert not await running, "nothing is left to do"
    assert looks.hindered
    await done(programme, order_id)


async def test_a_run_whose_time_is_up_before_a_request_lets_go_asks_for_another(
    programme: Programme, product: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await ordered(programme, product)
    monkeypatch.setattr(tasks, "_SECONDS", 0.1)
    async with db.transaction() as session:
        await queries.locked(session, programme.programme_id, order_id)
        assert await tasks._run(programme.programme_id, order_id)


async def test_placing_an_order_again_between_its_chunks_stops_nothing(
    programme: Programme, product: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await ordered(programme, product)
    looks, asked = Looks(monkeypatch), list[asyncio.Task[object]]()

    async def again() -> None:
        async with db.transaction() as session:
            with pytest.raises(StateConflictError, match="only a previewed one"):
                await clawbacks.place(session, programme.programme_id, order_id, actor="staff:t", now=NOW)
            await looks.met()

    async def taking(
        session: AsyncSession, programme_id: UUID, changes: Sequence[Change], *, now: datetime
    ) -> list[Adjusted | Refusal]:
        if not asked:
            asked.append(asyncio.create_task(again()))
            await until_somebody_waits(session)
        return await adjust(session, programme_id, changes, now=now)

    monkeypatch.setattr(chunks, "adjust", taking)
    assert not await tasks._run(programme.programme_id, order_id)
    await asyncio.gather(*asked)
    assert looks.hindered, "the request, which waited for the chunk, had the order before the next one"
    await done(programme, order_id)
