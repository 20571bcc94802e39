import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response

from core import clock, db
from core.ids import new_id
from points import ledger
from points.rewards import redemptions
from tests.api.conftest import People
from tests.factories.identities import as_resident
from tests.factories.residents import give_points, make_residents
from tests.factories.rewards import make_reward


async def offered(people: People, *, stock: int = 1, points: int = 10, purse: int = 25) -> UUID:
    """Offer a reward, and give the resident points to spend."""
    async with db.transaction() as session:
        if purse:
            await give_points(session, people.programme, [people.resident_id], purse, now=clock.now())
        return await make_reward(session, people.programme, stock=stock, points=points)


async def redeem(client: AsyncClient, headers: dict[str, str], reward_id: UUID, *, key: str | None = None) -> Response:
    keyed = headers if key is None else headers | {"Idempotency-Key": key}
    return await client.post("/v1/redemptions", json={"reward_id": str(reward_id)}, headers=keyed)


async def balance(client: AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/v1/me/balance", headers=headers)).json()
    return found


async def test_points_become_a_code_that_can_be_read_again(client: AsyncClient, people: People) -> None:
    response = await redeem(client, people.resident, await offered(people))
    assert response.status_code == 201, response.text
    assert (response.json()["state"], response.json()["code"], response.json()["points"]) == ("fulfilled", "code-0", 10)
    shown = await client.get(response.headers["Location"], headers=people.resident)
    assert shown.json() == response.json()
    held = await balance(client, people.resident)
    assert (held["available_points"], held["held_points"]) == (15, 0)


async def test_sent_again_under_its_key_it_is_the_same_redemption(client: AsyncClient, people: People) -> None:
    reward_id = await offered(people, stock=5)
    first, again = [await redeem(client, people.resident, reward_id, key="mine") for _ in range(2)]
    assert (again.status_code, again.json()) == (201, first.json())
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (await balance(client, people.resident))["available_points"] == 15


async def test_sixty_four_identical_requests_at_once_redeem_once(client: AsyncClient, people: People) -> None:
    reward_id = await offered(people, stock=64, purse=1000)
    responses = await asyncio.gather(*(redeem(client, people.resident, reward_id, key="mine") for _ in range(64)))
    assert {response.status_code for response in responses} == {201}
    assert len({response.json()["code"] for response in responses}) == 1
    assert (await balance(client, people.resident))["available_points"] == 990


async def test_a_key_is_not_for_two_requests(client: AsyncClient, people: People) -> None:
    reward_id = await offered(people, stock=5, purse=100)
    await redeem(client, people.resident, reward_id, key="mine")
    other = await redeem(client, people.resident, new_id(), key="mine")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


@pytest.mark.parametrize(
    ("stock", "purse", "problem"), [(0, 25, "sold-out"), (1, 9, "not-enough-points"), (1, 0, "not-enough-points")]
)
async def test_who_is_refused_is_told_why_and_keeps_every_point(
    client: AsyncClient, people: People, stock: int, purse: int, problem: str
) -> None:
    response = await redeem(client, people.resident, await offered(people, stock=stock, purse=purse))
    assert (response.status_code, response.json()["type"]) == (409, f"/problems/{problem}")
    assert (await balance(client, people.resident))["available_points"] == purse


async def test_a_refusal_may_be_tried_again_under_its_key(client: AsyncClient, people: People) -> None:
    reward_id = await offered(people, purse=0)
    assert (await redeem(client, people.resident, reward_id, key="mine")).status_code == 409
    async with db.transaction() as session:
        await give_points(session, people.programme, [people.resident_id], 10, now=clock.now())
    assert (await redeem(client, people.resident, reward_id, key="mine")).status_code == 201


async def test_a_reward_outside_its_time_is_closed(client: AsyncClient, people: People) -> None:
    async with db.transaction() as session:
        reward_id = await make_reward(session, people.programme, closes_at=clock.now())
    response = await redeem(client, people.resident, reward_id)
    assert (response.status_code, response.json()["type"]) == (409, "/problems/reward-closed")


async def test_sixty_four_residents_race_for_one_voucher(client: AsyncClient, people: People) -> None:
    async with db.transaction() as session:
        racers = await make_residents(session, people.programme, 64)
        await give_points(session, people.programme, racers, 10, now=clock.now())
        reward_id = await make_reward(session, people.programme)
    headers = [as_resident(people.programme, racer) for racer in racers]
    responses = await asyncio.gather(*(redeem(client, header, reward_id) for header in headers))
    assert Counter(response.status_code for response in responses) == {201: 1, 409: 63}
    refusals = {response.json()["type"] for response in responses if response.status_code == 409}
    assert refusals == {"/problems/sold-out"}
    left = [(await balance(client, header))["available_points"] for header in headers]
    assert sorted(left) == [0] + [10] * 63
    async with db.transaction() as session:
        findings = await ledger.audit(session, people.programme.programme_id)
    assert not any(finding.differences for finding in findings)


async def test_a_request_whose_process_died_half_way_goes_on_when_sent_again(
    client: AsyncClient, people: People
) -> None:
    reward_id = await offered(people)
    key = f"request:resident:{people.resident_id}:mine"
    request = redemptions.RedemptionRequest(people.resident_id, reward_id, key)
    async with db.transaction() as session:
        await redemptions.reserve(session, people.programme.programme_id, [request], now=clock.now())
    response = await redeem(client, people.resident, reward_id, key="mine")
    assert (response.status_code, response.json()["state"]) == (201, "fulfilled")
    assert (await balance(client, people.resident))["available_points"] == 15


async def test_one_that_lapsed_says_so(client: AsyncClient, people: People) -> None:
    reward_id = await offered(people)
    key = f"request:resident:{people.resident_id}:mine"
    request = redemptions.RedemptionRequest(people.resident_id, reward_id, key)
    async with db.transaction() as session:
        programme_id = people.programme.programme_id
        [one] = await redemptions.reserve(session, programme_id, [request], now=clock.now())
        assert isinstance(one, redemptions.Redeemed)
        await redemptions.release(session, programme_id, [one.redemption_id], now=clock.now())
    response = await redeem(client, people.resident, reward_id, key="mine")
    assert (response.status_code, response.json()["type"]) == (409, "/problems/reservation-lapsed")
    assert (await redeem(client, people.resident, reward_id, key="another")).status_code == 201


async def test_a_code_is_not_shown_while_its_voucher_may_still_go_back(client: AsyncClient, people: People) -> None:
    reward_id = await offered(people)
    async with db.transaction() as session:
        request = redemptions.RedemptionRequest(people.resident_id, reward_id, f"test:{new_id()}")
        [one] = await redemptions.reserve(session, people.programme.programme_id, [request], now=clock.now())
    assert isinstance(one, redemptions.Redeemed)
    shown = (await client.get(f"/v1/redemptions/{one.redemption_id}", headers=people.resident)).json()
    assert (shown["state"], shown["code"]) == ("reserved", None)


async def test_another_residents_redemption_is_not_found(client: AsyncClient, people: People) -> None:
    made = await redeem(client, people.resident, await offered(people))
    async with db.transaction() as session:
        [other] = await make_residents(session, people.programme, 1)
    headers = as_resident(people.programme, other)
    assert (await client.get(made.headers["Location"], headers=headers)).status_code == 404
    assert (await redeem(client, people.resident, new_id())).status_code == 404
