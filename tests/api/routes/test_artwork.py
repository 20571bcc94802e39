import csv
from io import BytesIO, TextIOWrapper
from zipfile import ZipFile

import pytest
import zxingcpp
from httpx import AsyncClient
from PIL import Image

from api.errors import MissingFontError
from api.printing import fonts
from core import db
from core.settings import settings
from labels.tables import Product
from tests.api.conftest import People
from tests.factories.labels import Labelled, fresh_gtin


@pytest.fixture
def font() -> None:
    try:
        fonts()
    except MissingFontError:
        pytest.skip("There is no Noto Sans CJK on this machine (Debian: fonts-noto-cjk); labels can not be drawn.")


async def test_anybody_gets_the_label_of_a_labelled_product(client: AsyncClient, labelled: Labelled) -> None:
    response = await client.get(f"/v1/products/{labelled.gtin}/label.svg", params={"language": "en"})
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/svg+xml")
    assert 'width="60mm"' in response.text
    assert "40 % below similar products" in response.text
    assert f"https://id.gs1.org/01/{labelled.gtin}" in response.text
    again = await client.get(
        f"/v1/products/{labelled.gtin}/label.svg",
        params={"language": "en"},
        headers={"If-None-Match": response.headers["ETag"]},
    )
    assert again.status_code == 304


@pytest.mark.usefixtures("font")
async def test_the_code_leads_to_the_programmes_own_domain_where_one_is_set(
    client: AsyncClient, labelled: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TANHUI_PUBLIC_URL", "https://id.example.org")
        settings.cache_clear()
        response = await client.get(f"/v1/products/{labelled.gtin}/label.png")
    settings.cache_clear()
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(response.content)))
    assert (response.headers["Content-Type"], code.text) == (
        "image/png",
        f"https://id.example.org/01/{labelled.gtin}",
    )


async def test_a_product_that_is_not_registered_has_no_label(client: AsyncClient, database: str) -> None:
    assert (await client.get(f"/v1/products/{fresh_gtin()}/label.svg")).status_code == 404


async def test_a_product_without_a_valid_certificate_may_not_carry_one(client: AsyncClient, people: People) -> None:
    gtin = fresh_gtin()
    made = await client.post("/v1/products", json={"gtin": gtin, "name_zh": "茶"}, headers=people.partner)
    assert made.status_code == 201, made.text
    response = await client.get(f"/v1/products/{gtin}/label.svg")
    assert (response.status_code, response.json()["type"]) == (409, "/problems/no-label")
    assert "No certificate" in response.json()["detail"]


@pytest.mark.usefixtures("font")
async def test_a_partner_gets_labels_of_many_products_and_what_became_of_each(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    unknown = fresh_gtin()
    order = {"gtins": [labelled.gtin, unknown, labelled.gtin], "form": "png"}
    response = await client.post("/v1/artwork", json=order, headers=people.partner)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/zip")
    with ZipFile(BytesIO(response.content)) as folder:
        assert folder.namelist() == ["report.csv", f"{labelled.gtin}.png"]
        report = list(csv.DictReader(TextIOWrapper(folder.open("report.csv"), "utf-8-sig")))
    assert [(row["gtin"], row["reason"]) for row in report] == [(labelled.gtin, ""), (unknown, "unknown_product")]


async def test_a_wrong_number_in_an_order_is_pointed_at(client: AsyncClient, people: People) -> None:
    order = {"gtins": ["9521234543213", "9521234543210"]}
    response = await client.post("/v1/artwork", json=order, headers=people.partner)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "#/gtins/1")


async def test_an_order_has_an_end(client: AsyncClient, people: People) -> None:
    order = {"gtins": ["9521234543213"] * 501}
    assert (await client.post("/v1/artwork", json=order, headers=people.partner)).status_code == 422


@pytest.mark.usefixtures("font")
async def test_a_name_the_fonts_can_not_draw_is_refused_as_png_and_reported_in_an_order(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    async with db.transaction() as session:
        product = await session.get_one(Product, labelled.gtin)
        product.name_zh = "奶茶🧋"
        session.add(product)
    response = await client.get(f"/v1/products/{labelled.gtin}/label.png")
    assert (response.status_code, response.json()["type"]) == (409, "/problems/unprintable-characters")
    assert "🧋 (U+1F9CB)" in response.json()["detail"]
    assert (await client.get(f"/v1/products/{labelled.gtin}/label.svg")).status_code == 200
    order = {"gtins": [labelled.gtin], "form": "png"}
    ordered = await client.post("/v1/artwork", json=order, headers=people.partner)
    with ZipFile(BytesIO(ordered.content)) as folder:
        assert folder.namelist() == ["report.csv"]
        (row,) = csv.DictReader(TextIOWrapper(folder.open("report.csv"), "utf-8-sig"))
    assert (row["reason"], "U+1F9CB" in row["detail"]) == ("unprintable_characters", True)
