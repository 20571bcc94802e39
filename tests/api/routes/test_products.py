from typing import Any

from httpx import AsyncClient

from core import db
from labels.catalogue import NewCategory, register_categories
from tests.api.conftest import People
from tests.factories.labels import Labelled, fresh_gtin


async def make_category(category_id: str) -> None:
    async with db.transaction() as session:
        row = NewCategory(category_id, "茶", "Tea", "kg", None, 1_000_000, 50_000_000)
        await register_categories(session, [row])


def footprint(gtin: str, milligrams: int) -> dict[str, Any]:
    return {
        "gtin": gtin,
        "milligrams_per_unit": milligrams,
        "functional_unit": "kg",
        "boundary": "cradle_to_grave",
        "standard": "ISO 14067",
        "region": "CN",
        "valid_from": "2026-01-01",
    }


async def test_anybody_sees_what_a_product_saves(client: AsyncClient, labelled: Labelled) -> None:
    response = await client.get(f"/v1/products/{labelled.gtin.lstrip('0')}")
    page = response.json()
    assert response.status_code == 200, response.text
    assert (page["gtin"], page["potential"]["saving_grams"], page["obstacle"]) == (labelled.gtin, 1000, None)
    assert [mark["status"] for mark in page["certificates"]] == ["valid"]


async def test_a_day_before_its_certificate_a_product_saves_nothing_yet(
    client: AsyncClient, labelled: Labelled
) -> None:
    page = (await client.get(f"/v1/products/{labelled.gtin}", params={"on": "1999-12-31"})).json()
    assert (page["as_of"], page["potential"], page["obstacle"]["reason"]) == (
        "1999-12-31",
        None,
        "certificate_not_valid",
    )


async def test_what_has_not_changed_is_not_sent_again(client: AsyncClient, labelled: Labelled) -> None:
    first = await client.get(f"/v1/products/{labelled.gtin}")
    again = await client.get(
        f"/v1/products/{labelled.gtin}", headers={"If-None-Match": f'"x", W/{first.headers["ETag"]}'}
    )
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    other = await client.get(f"/v1/products/{labelled.gtin}", headers={"If-None-Match": '"x"'})
    assert other.status_code == 200


async def test_a_product_nobody_registered_is_not_found(client: AsyncClient, database: str) -> None:
    response = await client.get(f"/v1/products/{fresh_gtin()}")
    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")


async def test_a_wrong_check_digit_is_no_product_code(client: AsyncClient, database: str) -> None:
    response = await client.get("/v1/products/9521234543210")
    assert (response.status_code, response.json()["type"]) == (422, "/problems/invalid-code")


async def test_a_partner_registers_product_footprint_and_certificate(client: AsyncClient, people: People) -> None:
    gtin = fresh_gtin()
    await make_category(f"tea-{gtin}")
    product = {"gtin": gtin, "name_zh": "乌龙茶", "category_id": f"tea-{gtin}", "pack": "500g"}
    made = await client.post("/v1/products", json=product, headers=people.partner)
    assert (made.status_code, made.json()) == (201, {"id": gtin, "status": "accepted"})
    carbon = await client.post("/v1/footprints", json=footprint(gtin, 9_000_000), headers=people.partner)
    assert (carbon.status_code, carbon.json()["status"]) == (201, "accepted")
    certificate = {
        "number": f"C-{gtin}",
        "scheme": "cn.carbon_footprint",
        "kind": "carbon_label",
        "gtin": gtin,
        "footprint_id": carbon.json()["id"],
        "valid_from": "2026-01-01",
        "valid_until": "2029-01-01",
    }
    mark = await client.post("/v1/certificates", json=certificate, headers=people.partner)
    assert mark.status_code == 201, mark.text
    page = (await client.get(f"/v1/products/{gtin}", params={"on": "2026-06-01"})).json()
    assert (page["net_content_micro"], page["obstacle"]["reason"]) == (500_000, "no_baseline")
    assert [(each["number"], each["status"]) for each in page["certificates"]] == [(f"C-{gtin}", "valid")]


async def test_the_same_again_is_unchanged_and_other_values_are_a_conflict(client: AsyncClient, people: People) -> None:
    product = {"gtin": fresh_gtin(), "name_zh": "乌龙茶"}
    statuses = [
        (await client.post("/v1/products", json=body, headers=people.partner)).status_code
        for body in (product, product, product | {"name_zh": "绿茶"})
    ]
    assert statuses == [201, 200, 409]


async def test_a_field_that_can_not_be_used_is_named(client: AsyncClient, people: People) -> None:
    unknown = await client.post("/v1/footprints", json=footprint(fresh_gtin(), 1), headers=people.partner)
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "#/gtin")
    product = {"gtin": fresh_gtin(), "name_zh": "茶", "category_id": "no-such-category"}
    category = await client.post("/v1/products", json=product, headers=people.partner)
    assert (category.status_code, category.json()["errors"][0]["pointer"]) == (422, "#/category_id")


async def test_an_unbelievable_footprint_waits_for_review(client: AsyncClient, people: People) -> None:
    gtin = fresh_gtin()
    await make_category(f"tea-{gtin}")
    await client.post(
        "/v1/products", json={"gtin": gtin, "name_zh": "茶", "category_id": f"tea-{gtin}"}, headers=people.partner
    )
    response = await client.post("/v1/footprints", json=footprint(gtin, 0), headers=people.partner)
    assert (response.status_code, response.json()["status"]) == (201, "quarantined")
