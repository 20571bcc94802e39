"""A maker and a certifier work an application through to a certificate, over HTTP."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from httpx import AsyncClient, Response

from core import clock, db
from core.clock import local_day
from core.ids import new_id
from points.programmes.access import Scope
from tests.api.conftest import People
from tests.factories.identities import as_partner
from tests.factories.labels import fresh_gtin


@dataclass(frozen=True)
class Sides:
    """A maker with a product, and the certifier it applies to."""

    maker: dict[str, str]
    certifier: dict[str, str]
    certifier_id: UUID
    stranger: dict[str, str]
    gtin: str


@pytest.fixture
async def sides(client: AsyncClient, people: People) -> Sides:
    async with db.transaction() as session:
        _, maker = await as_partner(session, people.programme, [Scope.PRODUCTS_WRITE])
        certifier_id, certifier = await as_partner(session, people.programme, [Scope.CERTIFICATES_WRITE])
        _, stranger = await as_partner(session, people.programme)
    body = {"gtin": fresh_gtin(), "name_zh": "示范茶"}
    gtin = (await client.post("/v1/products", json=body, headers=maker)).json()["id"]
    return Sides(maker, certifier, certifier_id, stranger, gtin)


async def apply(client: AsyncClient, sides: Sides, **more: str) -> Response:
    body = {"gtin": sides.gtin, "scheme_id": "cn.low_carbon", "certifier_id": str(sides.certifier_id)} | more
    return await client.post("/v1/certificate-applications", json=body, headers=sides.maker)


async def test_an_application_becomes_a_certificate_and_both_sides_see_every_step(
    client: AsyncClient, sides: Sides
) -> None:
    made = await apply(client, sides)
    assert made.status_code == 201, made.text
    path = f"/v1/certificate-applications/{made.json()['application_id']}"
    number = f"CL-{new_id().hex}"
    granting = {"number": number, "valid_from": "2026-01-01", "valid_until": "2029-01-01"}
    today = str(local_day(clock.now(), "Asia/Shanghai"))
    for step, more in (("reviewed", {}), ("site_checked", {}), ("granted", granting)):
        body = {"step": step, "effective_on": today, "reason": "As found."} | more
        response = await client.post(f"{path}/events", json=body, headers=sides.certifier)
        assert (response.status_code, response.json().get("stage")) == (201, step), response.text
    for headers in (sides.maker, sides.certifier):
        page = (await client.get(path, headers=headers)).json()
        assert (page["stage"], page["certificate_number"], len(page["steps"])) == ("granted", number, 4)
        listed = (await client.get("/v1/certificate-applications", headers=headers)).json()
        assert [each["application_id"] for each in listed["applications"]] == [page["application_id"]]
    assert (await client.get(f"/v1/certificates/{number}")).json()["kind"] == "low_carbon"
    assert (await client.get(path, headers=sides.stranger)).status_code == 404


async def test_what_can_not_be_is_refused_with_field_and_reason(client: AsyncClient, sides: Sides) -> None:
    response = await apply(client, sides, scheme_id="no.such")
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "#/scheme_id")
    response = await apply(client, sides, gtin=fresh_gtin())
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "#/gtin")
    path = f"/v1/certificate-applications/{(await apply(client, sides)).json()['application_id']}/events"
    body = {"step": "reviewed", "effective_on": "2099-01-01", "reason": "I say so."}
    response = await client.post(path, json=body, headers=sides.maker)
    assert (response.status_code, "for the certifier" in response.json()["detail"]) == (422, True)
    assert (await client.post(path, json=body, headers=sides.stranger)).status_code == 404
    response = await client.post(path, json=body | {"step": "granted"}, headers=sides.certifier)
    assert "it must be site checked" in response.json()["detail"]


async def test_pages_of_applications_follow_each_other(client: AsyncClient, sides: Sides) -> None:
    made = [(await apply(client, sides)).json()["application_id"] for _ in range(3)]
    seen: list[str] = []
    cursor = None
    while cursor is not None or not seen:
        parameters = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/certificate-applications", params=parameters, headers=sides.certifier)).json()
        seen += [each["application_id"] for each in page["applications"]]
        cursor = page["next_cursor"]
    assert seen == made[::-1]
