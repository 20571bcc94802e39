import asyncio
from datetime import timedelta

from core import clock
from core.db import transaction
from points import ledger
from points.programmes.tables import Programme
from points.rewards import queries, redemptions
from points.rewards.redemptions import Redeemed, RedemptionRequest, Swept
from tests.factories.residents import give_points, make_residents
from tests.factories.rewards import make_reward
from tests.factories.waiting import until_somebody_waits

NOW = clock.now()
LATER = NOW + timedelta(minutes=6)


async def sweep(programme: Programme) -> Swept:
    async with transaction() as session:
        return await redemptions.sweep(session, programme.programme_id, now=LATER)


async def test_everybody_is_locked_at_once_so_that_others_never_wait_in_a_circle(programme: Programme) -> None:
    async with transaction() as session:
        first, last = people = sorted(await make_residents(session, programme, 2))
        await give_points(session, programme, people, 10, now=NOW)
        reward = await make_reward(session, programme, stock=2, points=10)
        asked = [RedemptionRequest(one, reward, f"test:{one}") for one in people]
        stripped, _ = await redemptions.reserve(session, programme.programme_id, asked, now=NOW)
        assert isinstance(stripped, Redeemed)
        await queries.free_vouchers(session, programme.programme_id, [stripped.redemption_id])
    async with transaction() as session:
        await ledger.lock(session, programme.programme_id, [first])
        sweeping = asyncio.create_task(sweep(programme))
        await until_somebody_waits(session)
        await ledger.lock(session, programme.programme_id, [last])  # a deadlock, had the sweep locked the last one only
    assert await sweeping == Swept(1, 1)
    async with transaction() as session:
        findings = await ledger.audit(session, programme.programme_id)
    assert [finding for finding in findings if finding.differences] == []
