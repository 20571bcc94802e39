import asyncio
from datetime import datetime, timedelta
from unittest.mock import AsyncMock
from uuid import UUID

import pytest

from core import clock
from core.db import transaction
from core.ids import new_id
from points import ledger
from points.errors import NotFoundError
from points.programmes.tables import Programme
from points.rewards import redemptions
from points.rewards.allocation import Refusal
from points.rewards.redemptions import RESERVATION, Outcome, Redeemed, RedemptionRequest, Refused, Swept
from points.rewards.rewards import open_rewards
from tests.factories.residents import give_points, make_residents
from tests.factories.rewards import make_reward
from tests.factories.statements import counted

NOW = clock.now()


async def people_with(programme: Programme, count: int, points: int, *, now: datetime = NOW) -> list[UUID]:
    async with transaction() as session:
        ids = await make_residents(session, programme, count)
        if points:
            await give_points(session, programme, ids, points, now=now)
    return ids


async def reward_with(programme: Programme, *, stock: int, points: int = 10) -> UUID:
    async with transaction() as session:
        return await make_reward(session, programme, stock=stock, points=points)


async def reserve(
    programme: Programme, *asked: tuple[UUID, UUID] | RedemptionRequest, now: datetime = NOW
) -> list[Outcome]:
    requests = [
        one if isinstance(one, RedemptionRequest) else RedemptionRequest(*one, key=f"test:{new_id()}") for one in asked
    ]
    async with transaction() as session:
        return await redemptions.reserve(session, programme.programme_id, requests, now=now)


async def settle(programme: Programme, *ids: UUID, now: datetime = NOW) -> list[Outcome]:
    async with transaction() as session:
        return await redemptions.settle(session, programme.programme_id, ids, now=now)


async def release(programme: Programme, *ids: UUID, now: datetime = NOW) -> list[Outcome]:
    async with transaction() as session:
        return await redemptions.release(session, programme.programme_id, ids, now=now)


async def holdings(programme: Programme, resident_id: UUID, *, now: datetime = NOW) -> ledger.Holdings:
    async with transaction() as session:
        return await ledger.holdings(session, programme.programme_id, resident_id, now=now)


async def stock_of(programme: Programme) -> int:
    async with transaction() as session:
        [reward] = await open_rewards(session, programme.programme_id, now=NOW)
    return reward.stock


async def expect_clean_books(programme: Programme) -> None:
    async with transaction() as session:
        findings = await ledger.audit(session, programme.programme_id)
    assert findings
    assert [finding for finding in findings if finding.differences] == []


def redeemed(outcome: Outcome) -> Redeemed:
    assert isinstance(outcome, Redeemed), outcome
    return outcome


async def test_a_reservation_holds_points_and_takes_the_first_voucher(programme: Programme) -> None:
    [person] = await people_with(programme, 1, 25)
    reward = await reward_with(programme, stock=3)
    one = redeemed((await reserve(programme, (person, reward)))[0])
    assert (one.state, one.points, one.code, one.resident_id) == ("reserved", 10, "code-0", person)
    held = await holdings(programme, person)
    assert (held.available, held.held) == (15, 10)
    assert await stock_of(programme) == 2


async def test_settling_spends_the_points_for_good_and_twice_is_once(programme: Programme) -> None:
    [person] = await people_with(programme, 1, 25)
    reward = await reward_with(programme, stock=1)
    one = redeemed((await reserve(programme, (person, reward)))[0])
    for _ in range(2):
        done = redeemed((await settle(programme, one.redemption_id))[0])
        assert (done.state, done.code) == ("fulfilled", "code-0")
    held = await holdings(programme, person)
    assert (held.available, held.held) == (15, 0)
    assert await release(programme, one.redemption_id) == [Refused(Refusal.ALREADY_FULFILLED)]
    await expect_clean_books(programme)


async def test_releasing_gives_points_and_voucher_back_and_twice_is_once(programme: Programme) -> None:
    [person] = await people_with(programme, 1, 25)
    reward = await reward_with(programme, stock=1)
    one = redeemed((await reserve(programme, (person, reward)))[0])
    for _ in range(2):
        assert redeemed((await release(programme, one.redemption_id))[0]).state == "released"
    held = await holdings(programme, person)
    assert (held.available, held.held, await stock_of(programme)) == (25, 0, 1)
    assert await settle(programme, one.redemption_id) == [Refused(Refusal.RESERVATION_LAPSED)]
    again = redeemed((await reserve(programme, (person, reward)))[0])
    assert again.code == "code-0"
    assert redeemed((await release(programme, one.redemption_id))[0]).code is None
    assert await stock_of(programme) == 0
    await expect_clean_books(programme)


async def test_only_those_beyond_the_stock_are_refused_and_keep_their_points(programme: Programme) -> None:
    people = await people_with(programme, 5, 10)
    reward = await reward_with(programme, stock=3)
    outcomes = await reserve(programme, *((person, reward) for person in people))
    assert [isinstance(one, Redeemed) for one in outcomes] == [True, True, True, False, False]
    assert outcomes[3:] == [Refused(Refusal.SOLD_OUT)] * 2
    assert [(await holdings(programme, person)).available for person in people] == [0, 0, 0, 10, 10]


@pytest.mark.parametrize("points", [0, 9])
async def test_too_few_points_take_nothing(programme: Programme, points: int) -> None:
    [person] = await people_with(programme, 1, points)
    reward = await reward_with(programme, stock=1)
    assert await reserve(programme, (person, reward)) == [Refused(Refusal.NOT_ENOUGH_POINTS)]
    assert await stock_of(programme) == 1


async def test_points_that_lapsed_and_were_not_swept_do_not_keep_a_voucher_from_the_next(programme: Programme) -> None:
    later = NOW + timedelta(days=2)
    async with transaction() as session:
        stale, fresh = await make_residents(session, programme, 2)
        await give_points(session, programme, [stale], 10, now=NOW, lasting=timedelta(days=1))
        await give_points(session, programme, [fresh], 10, now=NOW)
    reward = await reward_with(programme, stock=1)
    outcomes = await reserve(programme, (stale, reward), (fresh, reward), now=later)
    assert outcomes[0] == Refused(Refusal.NOT_ENOUGH_POINTS)
    assert redeemed(outcomes[1]).resident_id == fresh


async def test_an_unknown_reward_is_refused_and_so_is_another_programmes(
    programme: Programme, other_programme: Programme
) -> None:
    [person] = await people_with(programme, 1, 10)
    theirs = await reward_with(other_programme, stock=1)
    outcomes = await reserve(programme, (person, new_id()), (person, theirs))
    assert outcomes == [Refused(Refusal.UNKNOWN_REWARD)] * 2


async def test_the_same_key_returns_the_same_redemption_and_another_reward_under_it_is_refused(
    programme: Programme,
) -> None:
    [person] = await people_with(programme, 1, 50)
    reward = await reward_with(programme, stock=5)
    request = RedemptionRequest(person, reward, "request:one")
    first, twin = await reserve(programme, request, request)
    assert redeemed(first).redemption_id == redeemed(twin).redemption_id
    [again] = await reserve(programme, request)
    assert redeemed(again).redemption_id == redeemed(first).redemption_id
    assert redeemed(again).replayed
    assert not redeemed(first).replayed
    assert await reserve(programme, RedemptionRequest(person, new_id(), "request:one")) == [Refused(Refusal.KEY_REUSED)]
    assert (await holdings(programme, person)).held == 10


async def test_what_was_refused_may_be_tried_again_under_its_key(programme: Programme) -> None:
    [person] = await people_with(programme, 1, 5)
    reward = await reward_with(programme, stock=2)
    request = RedemptionRequest(person, reward, "request:one")
    assert await reserve(programme, request) == [Refused(Refusal.NOT_ENOUGH_POINTS)]
    async with transaction() as session:
        await give_points(session, programme, [person], 20, now=NOW)
    outcomes = await asyncio.gather(*(reserve(programme, request) for _ in range(4)))
    assert len({redeemed(one).redemption_id for [one] in outcomes}) == 1
    assert (await holdings(programme, person)).held == 10


async def test_a_race_of_64_for_one_voucher_has_one_winner_and_costs_the_others_nothing(programme: Programme) -> None:
    people = await people_with(programme, 64, 10)
    reward = await reward_with(programme, stock=1)
    outcomes = await asyncio.gather(*(reserve(programme, (person, reward)) for person in people))
    winners = [one for [one] in outcomes if isinstance(one, Redeemed)]
    assert len(winners) == 1
    assert [one for [one] in outcomes if not isinstance(one, Redeemed)] == [Refused(Refusal.SOLD_OUT)] * 63
    await settle(programme, winners[0].redemption_id)
    left = [(await holdings(programme, person)).available for person in people]
    assert sorted(left) == [0] + [10] * 63
    assert left[people.index(winners[0].resident_id)] == 0
    await expect_clean_books(programme)


async def test_batches_that_meet_on_the_same_rewards_and_people_never_wait_in_a_circle(programme: Programme) -> None:
    people = await people_with(programme, 6, 100)
    rewards = [await reward_with(programme, stock=4) for _ in range(3)]
    pairs = [(person, reward) for person in people for reward in rewards]
    batches = [pairs, pairs[::-1], pairs[1::2], pairs[::2]]
    outcomes = [
        one for batch in await asyncio.gather(*(reserve(programme, *batch) for batch in batches)) for one in batch
    ]
    assert sum(isinstance(one, Redeemed) for one in outcomes) == 12
    assert {one.reason for one in outcomes if isinstance(one, Refused)} == {Refusal.SOLD_OUT}
    codes = [(one.reward_id, one.code) for one in outcomes if isinstance(one, Redeemed)]
    assert len(set(codes)) == 12
    await expect_clean_books(programme)


async def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(programme: Programme) -> None:
    people = await people_with(programme, 30, 10)
    reward = await reward_with(programme, stock=40)
    counts = []
    for batch in (people[:2], people[2:]):
        with counted() as seen:
            reserved = await reserve(programme, *((person, reward) for person in batch))
            await settle(programme, *(redeemed(one).redemption_id for one in reserved))
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 32


async def test_forgotten_reservations_are_fulfilled_and_fresh_ones_left_alone(programme: Programme) -> None:
    old, young = await people_with(programme, 2, 10)
    reward = await reward_with(programme, stock=2)
    forgotten = redeemed((await reserve(programme, (old, reward)))[0])
    later = NOW + timedelta(minutes=6)
    await reserve(programme, (young, reward), now=later)
    async with transaction() as session:
        assert await redemptions.sweep(session, programme.programme_id, now=later) == Swept(1, 0)
        assert await redemptions.sweep(session, programme.programme_id, now=later) == Swept(0, 0)
        mine = await redemptions.read(session, programme.programme_id, old, forgotten.redemption_id)
    assert (mine.state, mine.code) == ("fulfilled", "code-0")
    assert (await holdings(programme, young)).held == 10
    await expect_clean_books(programme)


async def test_a_ledger_that_refuses_what_it_just_counted_leaves_nothing_reserved(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    [person] = await people_with(programme, 1, 10)
    reward = await reward_with(programme, stock=1)
    refusal = ledger.Rejected(ledger.Rejection.NOT_ENOUGH_POINTS)
    monkeypatch.setattr(ledger, "hold", AsyncMock(return_value=[refusal]))
    with pytest.raises(RuntimeError, match="just counted"):
        await reserve(programme, (person, reward))
    assert await stock_of(programme) == 1
    assert (await holdings(programme, person)).available == 10


@pytest.mark.parametrize("released_by_ledger", [False, True])
async def test_a_reservation_whose_hold_lapsed_gives_its_voucher_back(
    programme: Programme, *, released_by_ledger: bool
) -> None:
    [person] = await people_with(programme, 1, 10)
    reward = await reward_with(programme, stock=1)
    await reserve(programme, (person, reward))
    later = NOW + RESERVATION
    async with transaction() as session:
        if released_by_ledger:
            assert await ledger.release_lapsed(session, programme.programme_id, now=later) == 1
        assert await redemptions.sweep(session, programme.programme_id, now=later) == Swept(0, 1)
    assert await stock_of(programme) == 1
    assert (await holdings(programme, person)).available == 10
    await expect_clean_books(programme)


async def test_nobody_reads_another_residents_redemption(programme: Programme) -> None:
    mine, other = await people_with(programme, 2, 10)
    reward = await reward_with(programme, stock=1)
    one = redeemed((await reserve(programme, (mine, reward)))[0])
    async with transaction() as session:
        assert (await redemptions.read(session, programme.programme_id, mine, one.redemption_id)).code == "code-0"
        with pytest.raises(NotFoundError):
            await redemptions.read(session, programme.programme_id, other, one.redemption_id)


async def test_settling_what_never_was_is_refused(programme: Programme) -> None:
    assert await settle(programme, new_id()) == [Refused(Refusal.UNKNOWN_REDEMPTION)]
