"""Households over HTTP."""

from httpx import AsyncClient

from core import db
from tests.api.conftest import People
from tests.factories.identities import as_resident
from tests.factories.residents import make_residents


async def test_a_household_is_made_joined_shown_and_left(client: AsyncClient, people: People) -> None:
    async with db.transaction() as session:
        [other_id] = await make_residents(session, people.programme, 1)
    other = as_resident(people.programme, other_id)
    assert (await client.get("/v1/me/household", headers=people.resident)).status_code == 404
    assert (await client.post("/v1/me/household", headers=people.resident)).status_code == 201
    invitation = (await client.post("/v1/me/household/invitations", headers=people.resident)).json()
    joined = await client.post("/v1/me/household/memberships", json={"invitation": invitation["code"]}, headers=other)
    assert (joined.status_code, len(joined.json()["members"])) == (201, 2), joined.text
    assert (await client.get("/v1/me/household", headers=people.resident)).json() == joined.json()
    assert (await client.delete("/v1/me/household", headers=other)).status_code == 204
    back = await client.post("/v1/me/household", headers=other)
    assert (back.status_code, "another one from" in back.json()["detail"]) == (409, True)


async def test_operators_put_residents_together(client: AsyncClient, people: People) -> None:
    async with db.transaction() as session:
        ids = [str(each) for each in await make_residents(session, people.programme, 2)]
    made = await client.post("/v1/households", json={"resident_ids": ids}, headers=people.staff)
    assert (made.status_code, [each["resident_id"] for each in made.json()["members"]]) == (201, ids), made.text
    refused = await client.post("/v1/households", json={"resident_ids": ids}, headers=people.resident)
    assert refused.status_code == 403
