from httpx import AsyncClient

from tests.factories.labels import Labelled

BROWSER = {"Accept": "text/html", "Accept-Language": "en"}


async def test_a_category_shows_its_baselines_with_their_sources_and_its_products(
    client: AsyncClient, labelled: Labelled
) -> None:
    shown = (await client.get(f"/categories/{labelled.category_id}", headers=BROWSER)).text
    for words in ("5.00 kg CO₂e / kg", "usual product of the category", "CC0", "median/1", labelled.gtin):
        assert words in shown, words


async def test_categories_are_found_by_name(client: AsyncClient, labelled: Labelled) -> None:
    assert f"/categories/{labelled.category_id}" in (await client.get("/categories", headers=BROWSER)).text
    found = (await client.get("/categories", params={"q": labelled.category_id}, headers=BROWSER)).text
    assert found.count('href="/categories/test.') == 1
    assert "No category has" in (await client.get("/categories?q=zzzz", headers=BROWSER)).text


async def test_an_unknown_category_is_not_found(client: AsyncClient, database: str) -> None:
    assert (await client.get("/categories/nothing", headers=BROWSER)).status_code == 404
