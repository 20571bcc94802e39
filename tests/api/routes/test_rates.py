from datetime import timedelta

from httpx import AsyncClient

from core import clock, db
from points.programmes.queries import rulebook
from points.programmes.tables import ConversionRate
from tests.api.conftest import People


async def test_a_published_rate_takes_over_from_its_moment(client: AsyncClient, people: People) -> None:
    at = clock.now() + timedelta(days=30)
    body = {"based_on": 1, "effective_from": at.isoformat(), "points_per_tonne": 20_000}
    made = await client.post("/v1/rates", json=body, headers=people.staff)
    assert made.status_code == 201, made.text
    rates = (await client.get(f"/v1/programmes/{people.programme.slug}/rates")).json()["rates"]
    assert [(each["version"], each["state"], each["points_per_tonne"]) for each in rates] == [
        (1, "in_force", 10_000),
        (2, "coming", 20_000),
    ]
    assert rates[0]["effective_until"] == rates[1]["effective_from"]
    again = await client.post("/v1/rates", json=body, headers=people.staff)
    assert again.status_code == 409
    past = body | {"based_on": 2, "effective_from": (clock.now() - timedelta(hours=1)).isoformat()}
    assert (await client.post("/v1/rates", json=past, headers=people.staff)).status_code == 422


async def test_a_rate_that_has_not_begun_is_withdrawn_and_its_number_is_not_used_again(
    client: AsyncClient, people: People
) -> None:
    at = clock.now() + timedelta(days=30)
    body = {"based_on": 1, "effective_from": at.isoformat(), "points_per_tonne": 20_000}
    await client.post("/v1/rates", json=body, headers=people.staff)
    sooner = body | {"based_on": 2, "effective_from": (at - timedelta(days=1)).isoformat()}
    refused = await client.post("/v1/rates", json=sooner, headers=people.staff)
    assert (refused.status_code, "withdraw version 2 first" in refused.json()["detail"]) == (409, True)
    withdrawn = await client.post("/v1/rates/2/withdrawals", headers=people.staff)
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn"), withdrawn.text
    again = await client.post("/v1/rates/2/withdrawals", headers=people.staff)
    assert again.json() == withdrawn.json()
    made = await client.post("/v1/rates", json=sooner | {"based_on": 1}, headers=people.staff)
    assert (made.status_code, made.json()["version"]) == (201, 3), made.text
    async with db.transaction() as session:
        rules = await rulebook(session, people.programme.programme_id)
        stored = await session.get_one(ConversionRate, (people.programme.programme_id, 2))
    assert {each.version for each in rules.rates} == {1, 3}
    assert stored.withdrawn_by_id == stored.published_by_id is not None


async def test_a_rate_that_holds_is_not_withdrawn_and_only_operators_withdraw(
    client: AsyncClient, people: People
) -> None:
    assert (await client.post("/v1/rates/1/withdrawals", headers=people.staff)).status_code == 409
    assert (await client.post("/v1/rates/9/withdrawals", headers=people.staff)).status_code == 404
    for headers in (people.resident, people.partner):
        assert (await client.post("/v1/rates/1/withdrawals", headers=headers)).status_code == 403
