from datetime import UTC, datetime, timedelta

import pytest

from core.db import transaction
from core.ids import new_id
from points.errors import InvalidInputError, NotFoundError
from points.programmes.tables import Programme
from points.rewards import rewards
from points.rewards.rewards import MOST_CODES, RewardDraft, Stocked
from tests.factories.rewards import make_reward

NOW = datetime(2026, 4, 1, tzinfo=UTC)


async def test_what_is_open_is_listed_cheapest_first_with_its_stock(programme: Programme) -> None:
    async with transaction() as session:
        dear = await make_reward(session, programme, points=50, stock=2)
        cheap = await make_reward(session, programme, points=5, stock=0)
        await make_reward(session, programme, opens_at=NOW + timedelta(microseconds=1))
        await make_reward(session, programme, closes_at=NOW)
        listed = await rewards.open_rewards(session, programme.programme_id, now=NOW)
    assert [(one.reward_id, one.points, one.stock) for one in listed] == [(cheap, 5, 0), (dear, 50, 2)]


async def test_a_code_is_in_a_pool_once(programme: Programme) -> None:
    async with transaction() as session:
        reward = await make_reward(session, programme, stock=2)
        stocked = await rewards.add_vouchers(session, programme.programme_id, reward, ["code-1", "new", "new"])
        other = await make_reward(session, programme, stock=0)
        elsewhere = await rewards.add_vouchers(session, programme.programme_id, other, ["code-1"])
    assert stocked == Stocked(1, ("code-1",))
    assert elsewhere == Stocked(1, ())


@pytest.mark.parametrize("codes", [[], [""], [" a"], ["a\n"], ["a\x00b"], ["x" * 201], ["a"] * (MOST_CODES + 1)])
async def test_codes_nobody_can_type_are_refused_whole(programme: Programme, codes: list[str]) -> None:
    async with transaction() as session:
        reward = await make_reward(session, programme, stock=0)
        with pytest.raises(InvalidInputError, match="codes"):
            await rewards.add_vouchers(session, programme.programme_id, reward, codes)


async def test_another_programmes_reward_can_not_be_stocked(programme: Programme, other_programme: Programme) -> None:
    async with transaction() as session:
        theirs = await make_reward(session, other_programme)
        with pytest.raises(NotFoundError):
            await rewards.add_vouchers(session, programme.programme_id, theirs, ["mine"])


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (RewardDraft("茶", "Tea", 0, NOW), "points"),
        (RewardDraft("茶", "Tea", 10**9 + 1, NOW), "points"),
        (RewardDraft(" ", "Tea", 1, NOW), "name_zh"),
        (RewardDraft("茶", "Tea", 1, NOW, NOW), "closes_at"),
        (RewardDraft("茶", "Tea", 1, NOW - timedelta(days=2), NOW - timedelta(days=1)), "closes_at"),
        (RewardDraft("茶", "Tea", 1, NOW, None, new_id()), "retailer_id"),
    ],
)
async def test_a_reward_that_makes_no_sense_is_refused_by_field(
    programme: Programme, draft: RewardDraft, field: str
) -> None:
    async with transaction() as session:
        with pytest.raises(InvalidInputError, match=field) as refusal:
            await rewards.create(session, programme.programme_id, draft, now=NOW)
    assert refusal.value.context["field"] == field
