"""kill -9 of a real worker in the middle of an order: the next finishes it, and everything is taken once."""

import asyncio
import signal
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlmodel import col, func, select

from core import clock
from core.db import transaction
from points.earning.clawbacks import clawbacks
from points.earning.clawbacks.clawbacks import Overview
from points.earning.clawbacks.values import State
from points.programmes.tables import Programme
from points.residents.tables import Notice
from tests.factories.clawbacks import EVER, overview, placed, prepared, spend
from tests.factories.credits import assert_clean, credit, sale
from tests.factories.labels import make_labelled
from tests.factories.residents import make_residents
from tests.factories.workers import kill, start
from workers.app import send

RESIDENTS = 1_500
EACH = 4
KILLINGS = 2


async def come_to(programme: Programme, order_id: UUID, state: State, done: int = 0) -> Overview:
    """Wait until an order has come to a state, and has taken so many activities."""
    for _ in range(1_200):
        found = await overview(programme, order_id)
        if found.order.state == State.DONE or (found.order.state == state and found.progress.done >= done):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"It is {found.order.state}, with {found.progress.done} done.")


@pytest.mark.faults
async def test_a_worker_that_is_killed_in_the_middle_is_followed_by_one_that_finishes_the_order(
    programme: Programme, redis: Redis, tmp_path: Path
) -> None:
    async with transaction() as session:
        labelled = await make_labelled(session)
        residents = await make_residents(session, programme, RESIDENTS)
    for part in range(0, RESIDENTS, 500):
        lines = [
            sale(who, labelled.gtin, receipt=f"{who}", line=line)
            for who in residents[part : part + 500]
            for line in range(1, EACH + 1)
        ]
        await credit(programme, *lines, now=clock.now())
    await spend(programme, residents[0], 25)
    order_id = await prepared(programme, EVER)
    async with transaction() as session:
        await clawbacks.preview(session, programme.programme_id, order_id, now=clock.now())
    log = tmp_path / "log"
    asked = ("clawbacks.run", str(programme.programme_id), str(order_id))
    worker = start(log)
    try:
        send(*asked)
        tried = await come_to(programme, order_id, State.PREVIEWED)
        await placed(programme, order_id)
        before = 0
        for _ in range(KILLINGS):
            send(*asked)
            found = await come_to(programme, order_id, State.TAKING, before + 1)
            kill(worker)
            assert found.order.state == State.TAKING, "It was over before it could be killed; have more activities."
            before = (await overview(programme, order_id)).progress.done
            worker = start(log)
        send(*asked)
        ended = await come_to(programme, order_id, State.DONE)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
    assert ended.order.state == State.DONE, log.read_text("utf-8")[-2000:]
    assert ended.taken == tried.previewed
    assert (ended.taken.activities, ended.taken.points) == (RESIDENTS * EACH, RESIDENTS * EACH * 10)
    assert ended.taken.owed == 25
    async with transaction() as session:
        query = select(func.count(), func.sum(Notice.points)).where(
            col(Notice.programme_id) == programme.programme_id, col(Notice.about_id) == order_id
        )
        told = (await session.exec(query)).one()
    assert tuple(told) == (RESIDENTS, RESIDENTS * EACH * 10)
    await assert_clean(programme)
