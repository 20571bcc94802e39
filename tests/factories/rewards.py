"""Rewards with stock for tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.programmes.tables import Programme
from points.rewards import rewards
from points.rewards.rewards import RewardDraft

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def make_reward(
    session: AsyncSession,
    programme: Programme,
    *,
    points: int = 10,
    stock: int = 1,
    opens_at: datetime = LONG_AGO,
    closes_at: datetime | None = None,
) -> UUID:
    """Offer a reward with the codes `code-0`, `code-1` ... in its pool."""
    draft = RewardDraft("一杯茶", "A cup of tea", points, opens_at, closes_at)
    created_at = opens_at - timedelta(days=1)
    reward = await rewards.create(session, programme.programme_id, draft, now=created_at)
    if stock:
        codes = [f"code-{number}" for number in range(stock)]
        await rewards.add_vouchers(session, programme.programme_id, reward.reward_id, codes)
    return reward.reward_id
