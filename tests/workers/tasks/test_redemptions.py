from datetime import timedelta

from core import clock
from core.db import transaction
from points.programmes.tables import Programme
from points.rewards import redemptions
from points.rewards.redemptions import Redeemed, RedemptionRequest
from tests.factories.residents import give_points, make_residents
from tests.factories.rewards import make_reward
from tests.workers.conftest import Worker
from workers.app import send


async def test_a_reservation_whose_api_process_died_is_fulfilled(worker: Worker, programme: Programme) -> None:
    earlier = clock.now() - timedelta(minutes=10)
    async with transaction() as session:
        [person] = await make_residents(session, programme, 1)
        await give_points(session, programme, [person], 10, now=earlier)
        request = RedemptionRequest(person, await make_reward(session, programme), "test:one")
        [one] = await redemptions.reserve(session, programme.programme_id, [request], now=earlier)
    assert isinstance(one, Redeemed)
    send("redemptions.sweep", str(programme.programme_id))

    async def fulfilled() -> bool:
        async with transaction() as session:
            now = await redemptions.read(session, programme.programme_id, person, one.redemption_id)
        return (now.state, now.code) == ("fulfilled", "code-0")

    await worker.until(fulfilled)
