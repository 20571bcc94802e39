import pytest
from httpx import AsyncClient

from core import clock, db
from tests.api.conftest import People
from tests.factories.residents import give_day, make_residents


@pytest.fixture
async def board(people: People) -> None:
    """The resident who asks has 50 g today, and twelve others have 100, 99, ... 89 g."""
    now = clock.now()
    async with db.transaction() as session:
        others = await make_residents(session, people.programme, 12)
        today = clock.local_day(now, people.programme.time_zone)
        gains = [(one, today, 100 - n, now) for n, one in enumerate(others)]
        await give_day(session, people.programme, [*gains, (people.resident_id, today, 50, now)])


@pytest.mark.parametrize("period", ["day", "week", "month", "all", None])
async def test_a_resident_sees_the_top_and_their_own_place(
    client: AsyncClient, people: People, board: None, period: str | None
) -> None:
    query = {} if period is None else {"period": period}
    response = await client.get("/v1/leaderboards/residents", params=query, headers=people.resident)
    assert response.status_code == 200, response.text
    seen = response.json()
    assert seen["period"] == (period or "week")
    assert (seen["starts_on"] is None) == (seen["ends_on"] is None) == (period == "all")
    assert [place["position"] for place in seen["top"]] == list(range(1, 11))
    assert [place["grams"] for place in seen["around"]] == [91, 90, 89, 50]
    assert seen["mine"] == seen["around"][-1] | {"position": 13, "is_me": True}
    assert seen["members"] == 13


async def test_nobodys_id_is_told(client: AsyncClient, people: People, board: None) -> None:
    seen = (await client.get("/v1/leaderboards/residents", headers=people.resident)).json()
    assert {key for place in seen["top"] for key in place} == {"position", "nickname", "grams", "is_me"}


async def test_a_period_that_is_none_is_refused(client: AsyncClient, people: People) -> None:
    response = await client.get("/v1/leaderboards/residents?period=fortnight", headers=people.resident)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/period"


async def test_it_takes_a_resident(client: AsyncClient, people: People) -> None:
    assert (await client.get("/v1/leaderboards/residents")).status_code == 401
    assert (await client.get("/v1/leaderboards/residents", headers=people.staff)).status_code == 403
