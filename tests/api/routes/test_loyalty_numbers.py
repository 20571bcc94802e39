from httpx import AsyncClient

from core import db
from core.ids import new_id
from tests.api.conftest import People
from tests.api.routes.test_sales import line
from tests.factories.identities import as_partner, as_resident
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents

URL = "/v1/me/loyalty-numbers"


async def linking(client: AsyncClient, people: People, number: str) -> dict[str, object]:
    consent = (await client.get(URL, headers=people.resident)).json()["consent"]
    return {"retailer_id": str(people.organization_id), "number": number, "consent_version": consent["version"]}


async def test_a_linked_number_is_credited_at_its_retailer_until_it_is_withdrawn(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    made = await client.post(URL, json=await linking(client, people, "6688 1234"), headers=people.resident)
    assert (made.status_code, made.json()["retailer_name_en"]) == (201, "Test Shop"), made.text
    assert "66881234" not in made.text.replace(" ", "")
    async with db.transaction() as session:
        _, elsewhere = await as_partner(session, people.programme)

    async def sold(number: int, headers: dict[str, str]) -> str:
        body = {"lines": [line(labelled, number, "6688-1234")]}
        [result] = (await client.post("/v1/sales", json=body, headers=headers)).json()["results"]
        return str(result["refusal"]["reason"] if result["refusal"] else result["outcome"])

    assert [await sold(1, people.partner), await sold(1, elsewhere)] == ["credited", "unknown_member"]
    place = f"{URL}/{made.json()['loyalty_number_id']}/withdrawals"
    ended = await client.post(place, headers=people.resident)
    assert (ended.status_code, ended.json()["withdrawn_at"] is not None) == (200, True)
    assert await sold(2, people.partner) == "unknown_member"
    listed = (await client.get(URL, headers=people.resident)).json()["loyalty_numbers"]
    assert listed == [ended.json()]


async def test_a_number_somebody_else_has_is_a_conflict(client: AsyncClient, people: People) -> None:
    body = await linking(client, people, "6688 1234")
    assert (await client.post(URL, json=body, headers=people.resident)).status_code == 201
    async with db.transaction() as session:
        (other,) = await make_residents(session, people.programme, 1)
    refused = await client.post(URL, json=body, headers=as_resident(people.programme, other))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")


async def test_what_can_not_be_linked_is_refused(client: AsyncClient, people: People) -> None:
    wrong: list[dict[str, object]] = [
        {"number": "1"},
        {"retailer_id": str(new_id())},
        {"consent_version": "0"},
        {"more": 1},
    ]
    answers = [
        await client.post(URL, json=await linking(client, people, "6688") | each, headers=people.resident)
        for each in wrong
    ]
    assert [each.status_code for each in answers] == [422, 422, 409, 422]
    assert (await client.post(f"{URL}/{new_id()}/withdrawals", headers=people.resident)).status_code == 404
    assert (await client.get(URL, headers=people.partner)).status_code == 403
