"""Points that are spent in tests, by the way that rewards take."""

from uuid import UUID

from core import db
from core.ids import new_id
from points import ledger
from points.programmes.tables import Programme
from points.rewards import redemptions
from points.rewards.redemptions import RESERVATION, Redeemed, RedemptionRequest
from tests.factories.credits import NOW
from tests.factories.rewards import make_reward


async def spend(programme: Programme, resident_id: UUID, points: int) -> UUID:
    """Hold some points and settle the hold; return its id."""
    hold_id = new_id()
    async with db.transaction() as session:
        request = ledger.HoldRequest(hold_id, resident_id, points, NOW + RESERVATION)
        await ledger.lock(session, programme.programme_id, [resident_id])
        [held] = await ledger.hold(session, programme.programme_id, [request], now=NOW)
        assert isinstance(held, ledger.Posted), held
        [settled] = await ledger.settle(session, programme.programme_id, [hold_id], now=NOW)
        assert isinstance(settled, ledger.Posted), settled
    return hold_id


async def reserved(programme: Programme, *resident_ids: UUID, points: int = 10) -> list[UUID]:
    """Let residents reserve a unit each of one reward; return their redemptions."""
    async with db.transaction() as session:
        reward_id = await make_reward(session, programme, points=points, stock=len(resident_ids))
        wishes = [RedemptionRequest(each, reward_id, f"{each}:wish") for each in resident_ids]
        made = await redemptions.reserve(session, programme.programme_id, wishes, now=NOW)
    return [each.redemption_id for each in made if isinstance(each, Redeemed)]
