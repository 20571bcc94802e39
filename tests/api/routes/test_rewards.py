from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from core import db
from core.ids import new_id
from points.rewards.rewards import MOST_CODES
from tests.api.conftest import People
from tests.factories.programmes import make_programme
from tests.factories.rewards import make_reward

NEW = {"name_zh": "一杯茶", "name_en": "A cup of tea", "points": 80}


async def listed(client: AsyncClient, people: People) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/v1/rewards", headers=people.resident)).json()["rewards"]
    return found


async def test_what_staff_offer_and_stock_residents_see(client: AsyncClient, people: People) -> None:
    made = await client.post("/v1/rewards", json=NEW, headers=people.staff)
    assert made.status_code == 201, made.text
    assert await listed(client, people) == [made.json()]
    address = f"/v1/rewards/{made.json()['reward_id']}/vouchers"
    stocked = await client.post(address, json={"codes": ["A", "B", "A"]}, headers=people.staff)
    assert (stocked.status_code, stocked.json()) == (201, {"added": 2, "duplicates": []})
    more = await client.post(address, json={"codes": ["B", "C"]}, headers=people.staff)
    assert more.json() == {"added": 1, "duplicates": ["B"]}
    assert [reward["stock"] for reward in await listed(client, people)] == [3]


async def test_stocking_again_under_its_key_is_answered_as_the_first_time(client: AsyncClient, people: People) -> None:
    async with db.transaction() as session:
        reward_id = await make_reward(session, people.programme, stock=0)
    headers = people.staff | {"Idempotency-Key": "delivery 7"}
    body = {"codes": ["A", "B"]}
    answers = [await client.post(f"/v1/rewards/{reward_id}/vouchers", json=body, headers=headers) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"added": 2, "duplicates": []}] * 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"points": 0}, "#/points"),
        ({"points": 1.5}, "#/points"),
        ({"closes_at": "2020-01-01T00:00:00Z"}, "#/closes_at"),
        ({"retailer_id": str(UUID(int=0))}, "#/retailer_id"),
        ({"stock": 5}, "#/stock"),
    ],
)
async def test_a_reward_that_can_not_be_is_refused_by_field(
    client: AsyncClient, people: People, change: dict[str, Any], pointer: str
) -> None:
    response = await client.post("/v1/rewards", json=NEW | change, headers=people.staff)
    assert response.status_code == 422, response.text
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


@pytest.mark.parametrize("codes", [[], [""], [" A"], ["A\u0000"], [7], ["A"] * (MOST_CODES + 1)])
async def test_codes_that_can_not_be_are_refused(client: AsyncClient, people: People, codes: list[object]) -> None:
    async with db.transaction() as session:
        reward_id = await make_reward(session, people.programme, stock=0)
    response = await client.post(f"/v1/rewards/{reward_id}/vouchers", json={"codes": codes}, headers=people.staff)
    assert response.status_code == 422
    assert [reward["stock"] for reward in await listed(client, people)] == [0]


async def test_another_programmes_rewards_are_neither_seen_nor_stocked(client: AsyncClient, people: People) -> None:
    async with db.transaction() as session:
        theirs = await make_reward(session, await make_programme(session))
    assert await listed(client, people) == []
    body = {"codes": ["A"]}
    response = await client.post(f"/v1/rewards/{theirs}/vouchers", json=body, headers=people.staff)
    assert response.status_code == 404


async def test_residents_do_not_stock(client: AsyncClient, people: People) -> None:
    assert (await client.post("/v1/rewards", json=NEW, headers=people.resident)).status_code == 403
    address = f"/v1/rewards/{new_id()}/vouchers"
    assert (await client.post(address, json={"codes": ["A"]}, headers=people.partner)).status_code == 403
