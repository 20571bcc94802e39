"""Residents see what points buy; staff offer it and stock it."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path

from api.audiences import Operator, Resident
from api.dependencies import Now, Session
from api.idempotency import ONCE
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas.rewards import NewReward, NewVouchers, Reward, Rewards, Stocked
from points.rewards import rewards
from points.rewards.rewards import RewardDraft

router = new_router(tag="rewards")

_ID: Final = "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f"
_REWARD: Final = {
    "reward_id": _ID,
    "name_zh": "一杯茶",
    "name_en": "A cup of tea",
    "points": 80,
    "retailer_id": None,
    "opens_at": "2026-06-01T00:00:00Z",
    "closes_at": None,
    "stock": 200,
}

RewardId = Annotated[UUID, Path(examples=[_ID])]


@router.get("/rewards", summary="What can I get?", responses=answers(200, "What can be had.", {"rewards": [_REWARD]}))
async def list_rewards(resident: Resident, session: Session, now: Now) -> Rewards:
    """Show everything that can be had now, with the stock of this moment."""
    found = await rewards.open_rewards(session, resident.programme_id, now=now)
    return Rewards(rewards=[Reward.model_validate(one) for one in found])


@router.post(
    "/rewards",
    status_code=201,
    summary="Offer a reward",
    dependencies=[ONCE],
    openapi_extra=example({"name_zh": "一杯茶", "name_en": "A cup of tea", "points": 80}),
    responses=answers(201, "Offered; it has no stock yet.", _REWARD | {"stock": 0}),
)
async def create_reward(body: NewReward, staff: Operator, session: Session, now: Now) -> Reward:
    """Offer a reward. Add vouchers to give it stock."""
    draft = RewardDraft(
        name_zh=body.name_zh,
        name_en=body.name_en,
        points=body.points,
        opens_at=body.opens_at or now,
        closes_at=body.closes_at,
        retailer_id=body.retailer_id,
    )
    made = await rewards.create(session, staff.programme_id, draft, now=now)
    return Reward(
        reward_id=made.reward_id,
        name_zh=made.name_zh,
        name_en=made.name_en,
        points=made.points,
        retailer_id=made.retailer_id,
        opens_at=made.opens_at,
        closes_at=made.closes_at,
        stock=0,
    )


@router.post(
    "/rewards/{reward_id}/vouchers",
    status_code=201,
    summary="Stock a reward",
    dependencies=[ONCE],
    openapi_extra=example({"codes": ["TEA-7KQ2-MXB4", "TEA-WRTN-9PDE"]}),
    responses=answers(201, "Added to the pool.", {"added": 2, "duplicates": []}),
)
async def create_vouchers(reward_id: RewardId, body: NewVouchers, staff: Operator, session: Session) -> Stocked:
    """Add voucher codes to a reward's pool. A code that is there already is reported and not added again."""
    stocked = await rewards.add_vouchers(session, staff.programme_id, reward_id, body.codes)
    return Stocked(added=stocked.added, duplicates=list(stocked.duplicates))
