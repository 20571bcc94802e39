"""Retailers say who works for them; only the programme strikes somebody off."""

from httpx import AsyncClient

from tests.api.conftest import People


async def test_staff_are_declared_once_listed_and_struck_off(client: AsyncClient, people: People) -> None:
    code = (await client.get("/v1/me", headers=people.resident)).json()["member_code"]
    body, path = {"member_codes": [code]}, f"/v1/retailers/{people.organization_id}/staff"
    by_retailer = await client.post("/v1/retailer-staff", json=body, headers=people.partner)
    assert (by_retailer.status_code, by_retailer.json()) == (201, {"added": 1}), by_retailer.text
    by_operator = await client.post(path, json=body, headers=people.staff)
    assert (by_operator.status_code, by_operator.json()) == (201, {"added": 0}), by_operator.text
    [member] = (await client.get(path, headers=people.staff)).json()["members"]
    assert (member["resident_id"], member["declared_by"]) == (
        str(people.resident_id),
        f"partner:{people.organization_id}",
    )
    struck = f"{path}/{people.resident_id}"
    assert (await client.delete(struck, headers=people.partner)).status_code == 403
    assert [(await client.delete(struck, headers=people.staff)).status_code for _ in range(2)] == [204, 404]


async def test_a_code_of_nobody_is_named(client: AsyncClient, people: People) -> None:
    refused = await client.post("/v1/retailer-staff", json={"member_codes": ["NOBODY"]}, headers=people.partner)
    assert (refused.status_code, "NOBODY" in refused.text) == (422, True)
