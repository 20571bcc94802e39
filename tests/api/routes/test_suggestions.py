from httpx import AsyncClient

from core import db
from labels.catalogue import NewCategory, register_categories
from tests.api.conftest import People


async def test_a_name_and_its_pack_become_a_category_with_its_content(client: AsyncClient, people: People) -> None:
    async with db.transaction() as session:
        rows = [
            NewCategory("tea", "茶叶", "Tea leaf", "kg"),
            NewCategory("tea.oolong", "乌龙茶", "Oolong tea", "kg", "tea"),
        ]
        await register_categories(session, rows)
    products = [{"name": "示范乌龙茶", "pack": "３３克*30"}, {"name": "高山乌龙茶250g"}, {"name": "无名"}]
    response = await client.post("/v1/products/suggestions", json={"products": products}, headers=people.partner)
    assert response.status_code == 200, response.text
    given, read, none = response.json()["products"]
    assert [each["category_id"] for each in given["categories"]] == ["tea.oolong"]
    assert given["categories"][0]["net_content_micro"] == 990_000
    assert (read["pack"], read["categories"][0]["net_content_micro"]) == ("250g", 250_000)
    assert none == {"pack": "", "categories": []}


async def test_a_hundred_names_at_most_are_taken(client: AsyncClient, people: People) -> None:
    for products in ([], [{"name": "茶"}] * 101, [{"name": "茶", "colour": "green"}]):
        response = await client.post("/v1/products/suggestions", json={"products": products}, headers=people.partner)
        assert response.status_code == 422
