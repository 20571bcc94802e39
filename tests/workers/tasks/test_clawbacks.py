"""Orders in a worker: begun by their message, or by the sweep where that was lost."""

from datetime import timedelta

from sqlmodel import col, update

from core import clock
from core.db import transaction
from points.earning.clawbacks import clawbacks, queries
from points.earning.clawbacks.tables import Clawback
from points.earning.clawbacks.values import State
from points.programmes.tables import Programme
from tests.factories.clawbacks import EVER, bought, overview, placed, prepared
from tests.factories.credits import assert_clean
from tests.factories.labels import make_labelled
from tests.factories.residents import make_residents
from tests.workers.conftest import Worker
from workers.app import send


async def test_an_order_is_tried_out_and_carried_out(programme: Programme, worker: Worker) -> None:
    async with transaction() as session:
        product = await make_labelled(session)
        [resident] = await make_residents(session, programme, 1)
    await bought(programme, resident, product)
    order_id = await prepared(programme, EVER)
    async with transaction() as session:
        await clawbacks.preview(session, programme.programme_id, order_id, now=clock.now())

    async def stands(state: State) -> bool:
        return (await overview(programme, order_id)).order.state == state

    send("clawbacks.run", str(programme.programme_id), str(order_id))
    await worker.until(lambda: stands(State.PREVIEWED))
    await placed(programme, order_id)
    async with transaction() as session:
        old = clock.now() - timedelta(hours=1)
        await session.exec(update(Clawback).where(col(Clawback.clawback_id) == order_id).values(touched_at=old))
    async with transaction() as session:
        before = clock.now() - timedelta(minutes=2)
        assert await queries.forgotten(session, programme.programme_id, before=before) == [order_id]
    send("clawbacks.sweep", str(programme.programme_id))
    await worker.until(lambda: stands(State.DONE))
    async with transaction() as session:
        assert await queries.forgotten(session, programme.programme_id, before=clock.now()) == []
    await assert_clean(programme)
