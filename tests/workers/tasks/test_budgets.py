from dataclasses import replace

import pytest

from core import clock
from core.db import transaction
from core.ids import new_id
from points import ledger
from points.budgets import budgets as domain
from points.programmes.policy import Shortage
from points.programmes.tables import Programme
from tests.factories.credits import credit, sale
from tests.factories.labels import make_labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents
from tests.workers.conftest import Worker
from workers.app import send
from workers.tasks import budgets


@pytest.fixture
async def short(database: str) -> Programme:
    async with transaction() as session:
        return await make_programme(session, terms=replace(AT_ONCE, shortage=Shortage.WAIT_FOR_FUNDING), base_points=0)


async def test_what_waited_is_granted_by_a_worker_once_the_budget_is_funded(worker: Worker, short: Programme) -> None:
    async with transaction() as session:
        product = await make_labelled(session)
        people = await make_residents(session, short, 3)
    await credit(short, *(sale(one, product.gtin, receipt=f"{n}") for n, one in enumerate(people)))
    async with transaction() as session:
        await ledger.fund(
            session, short.programme_id, short.base_budget_id, 30, key=f"fund:{new_id()}", now=clock.now()
        )
    for _ in range(3):
        send("budgets.grant_waiting", str(short.programme_id))

    async def granted() -> bool:
        async with transaction() as session:
            found = [await ledger.holdings(session, short.programme_id, one, now=clock.now()) for one in people]
        return [each.available for each in found] == [10, 10, 10]

    await worker.until(granted)


async def test_the_sweeps_raise_alerts_and_count_days_without_being_asked(programme: Programme) -> None:
    await budgets._watch(programme.programme_id)
    await budgets._count_days(programme.programme_id)
    await budgets._lapse_waiting(programme.programme_id)
    async with transaction() as session:
        assert await domain.alerts(session, programme.programme_id, None, before=None, limit=5) == []
