from datetime import timedelta

from httpx import AsyncClient

from core import clock
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
