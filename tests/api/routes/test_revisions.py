"""Editing over HTTP: by the organization that registered it or by staff, and every change in the open."""

from httpx import AsyncClient

from core import db
from tests.api.conftest import People
from tests.factories.identities import as_partner
from tests.factories.labels import fresh_gtin


async def make_product(client: AsyncClient, headers: dict[str, str]) -> str:
    response = await client.post("/v1/products", json={"gtin": fresh_gtin(), "name_zh": "茶"}, headers=headers)
    return str(response.json()["id"])


async def test_its_own_organization_and_staff_edit_it_and_the_history_says_who(
    client: AsyncClient, people: People
) -> None:
    gtin = await make_product(client, people.partner)
    path = f"/v1/products/{gtin}"
    first = await client.patch(path, json={"brand": "山", "reason": "Named."}, headers=people.partner)
    second = await client.patch(path, json={"name_zh": "绿茶", "reason": "A typo."}, headers=people.staff)
    again = await client.patch(path, json={"name_zh": "绿茶", "reason": "A typo."}, headers=people.staff)
    assert [(each.status_code, each.json()["status"]) for each in (first, second, again)] == [
        (200, "accepted"),
        (200, "accepted"),
        (200, "unchanged"),
    ]
    page = (await client.get(f"{path}/revisions")).json()
    assert [(each["changes"], each["organization_id"], each["reason"]) for each in page["revisions"]] == [
        ({"name_zh": ["茶", "绿茶"]}, None, "A typo."),
        ({"brand": ["", "山"]}, str(people.organization_id), "Named."),
    ]
    shown = (await client.get(path)).json()
    assert (shown["name_zh"], shown["brand"]) == ("绿茶", "山")


async def test_another_organization_may_not_edit_it(client: AsyncClient, people: People) -> None:
    gtin = await make_product(client, people.partner)
    async with db.transaction() as session:
        _, stranger = await as_partner(session, people.programme)
    response = await client.patch(f"/v1/products/{gtin}", json={"brand": "X", "reason": "Mine."}, headers=stranger)
    assert (response.status_code, "another organization" in response.json()["detail"]) == (409, True)
    assert (await client.get(f"/v1/products/{gtin}/revisions")).json()["revisions"] == []


async def test_an_edit_of_nothing_or_to_nothing_is_refused(client: AsyncClient, people: People) -> None:
    gtin = await make_product(client, people.partner)
    for body in (
        {"reason": "None."},
        {"name_zh": None, "reason": "None."},
        {"gtin": gtin, "reason": "x"},
        {"brand": "X"},
    ):
        response = await client.patch(f"/v1/products/{gtin}", json=body, headers=people.partner)
        assert response.status_code == 422, body
    missing = await client.patch(
        f"/v1/products/{fresh_gtin()}", json={"brand": "X", "reason": "x"}, headers=people.partner
    )
    assert missing.status_code == 404
