"""Footprints over HTTP: registered bare or with what they disclose, and read as PACT has them."""

from typing import Any

import pytest
from httpx import AsyncClient

from core import db
from core.ids import new_id
from labels import catalogue
from labels.catalogue import NewProduct
from tests.api.conftest import People
from tests.factories.identities import as_partner
from tests.factories.labels import NOW, fresh_gtin, make_category

DISCLOSED: dict[str, Any] = {
    "declared_unit": "kilogram",
    "declared_unit_amount_micro": 1_000_000,
    "reference_period_start": "2025-01-01",
    "reference_period_end": "2026-01-01",
    "geography": "CN-ZJ",
    "fossil_mg": 8_500_000,
    "land_use_change_mg": 410_000,
    "biogenic_uptake_mg": 1_500_000,
    "pcf_excluding_mg": 8_910_000,
    "pcf_including_mg": 7_410_000,
    "stages": {"raw_material_acquisition": 4_000_000, "production": 4_910_000},
    "primary_data_share_bp": 6_500,
}


@pytest.fixture
async def body(database: str) -> dict[str, Any]:
    """A footprint of a product of this test's own, without a disclosure."""
    async with db.transaction() as session:
        product = NewProduct(fresh_gtin(), "茶", "Tea", category_id=await make_category(session))
        await catalogue.register_products(session, [product], now=NOW)
    return {
        "gtin": product.gtin,
        "milligrams_per_unit": 8_910_000,
        "functional_unit": "kg",
        "boundary": "cradle_to_gate",
        "standard": "GB/T 24067",
        "region": "CN",
        "valid_from": "2026-01-01",
    }


async def test_a_bare_footprint_is_still_taken_and_says_what_it_lacks(
    client: AsyncClient, people: People, body: dict[str, Any]
) -> None:
    made = await client.post("/v1/footprints", json=body, headers=people.partner)
    assert made.status_code == 201, made.text
    page = (await client.get(f"/v1/footprints/{made.json()['id']}")).json()
    assert page["data"]["pcf"]["pcfIncludingBiogenicUptake"] == "8.91"
    assert "pcf.fossilGhgEmissions" in page["missing"]


async def test_what_is_disclosed_is_read_in_pacts_words(
    client: AsyncClient, people: People, body: dict[str, Any]
) -> None:
    full = body | {"uptake_mg": 1_500_000, "disclosure": DISCLOSED}
    made = await client.post("/v1/footprints", json=full, headers=people.partner)
    assert made.status_code == 201, made.text
    again = await client.post("/v1/footprints", json=full, headers=people.partner)
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    response = await client.get(f"/v1/footprints/{made.json()['id']}")
    pcf = response.json()["data"]["pcf"]
    told = {name: pcf[name] for name in ("fossilGhgEmissions", "biogenicCO2Uptake", "pcfIncludingBiogenicUptake")}
    assert told == {"fossilGhgEmissions": "8.5", "biogenicCO2Uptake": "-1.5", "pcfIncludingBiogenicUptake": "7.41"}
    assert response.json()["data"]["productIds"] == [f"urn:gtin:{body['gtin']}"]
    cached = await client.get(response.request.url, headers={"If-None-Match": response.headers["ETag"]})
    assert cached.status_code == 304


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"pcf_including_mg": 8_910_000}, "pcf_including_mg"),
        ({"fossil_mg": 8_000_000}, "milligrams_per_unit"),
        ({"stages": {"production": 1}}, "stages"),
        ({"stages": {"use": 8_910_000}}, "stages"),
    ],
)
async def test_what_does_not_add_up_is_refused_with_the_field(
    client: AsyncClient, people: People, body: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    full = body | {"uptake_mg": 1_500_000, "disclosure": DISCLOSED | change}
    response = await client.post("/v1/footprints", json=full, headers=people.partner)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, f"#/{field}")


async def test_an_unknown_footprint_is_not_found(client: AsyncClient, database: str) -> None:
    assert (await client.get(f"/v1/footprints/{new_id()}")).status_code == 404


async def test_a_maker_hands_in_footprints_of_its_own_products_only(
    client: AsyncClient, people: People, body: dict[str, Any]
) -> None:
    async with db.transaction() as session:
        maker_id, maker = await as_partner(session, people.programme, roles="maker,retailer")
        own = NewProduct(fresh_gtin(), "茶", "Tea", category_id=await make_category(session), registered_by_id=maker_id)
        await catalogue.register_products(session, [own], now=NOW)
    theirs = await client.post("/v1/footprints", json=body, headers=maker)
    assert theirs.status_code == 422, theirs.text
    assert "no product of yours" in theirs.text
    assert (await client.post("/v1/footprints", json=body | {"gtin": own.gtin}, headers=maker)).status_code == 201
    assert (await client.post("/v1/footprints", json=body, headers=people.partner)).status_code == 201  # a certifier
