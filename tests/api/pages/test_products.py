import json
import re

import pytest
from httpx import AsyncClient

from core import db
from core.settings import settings
from labels.disclosures.disclosures import write_disclosures
from labels.tables import Product
from tests.factories.disclosures import SOUND
from tests.factories.labels import Labelled, fresh_gtin, make_labelled

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Accept-Language": "en-GB,en;q=0.9"}


async def test_a_product_page_says_figure_comparison_grade_certificate_and_method(
    client: AsyncClient, labelled: Labelled
) -> None:
    response = await client.get(f"/products/{labelled.gtin}", headers=BROWSER)
    assert (response.status_code, response.headers["Content-Language"]) == (200, "en")
    assert response.headers["Vary"] == "Accept, Accept-Language"
    for words in ("Test tea", "3.00", "40 % below similar products", "Leading", "Valid", "ISO 14067", "Certificates"):
        assert words in response.text, words


async def test_the_same_page_is_there_in_chinese(client: AsyncClient, labelled: Labelled) -> None:
    for address, headers in (("?lang=zh", BROWSER), ("", {"Accept-Language": "zh-CN"}), ("", {})):
        response = await client.get(f"/products/{labelled.gtin}{address}", headers=headers)
        assert response.headers["Content-Language"] == "zh-CN"
        assert "比同类产品低 40%" in response.text


async def test_it_is_linked_data_in_gs1s_vocabulary_too(client: AsyncClient, labelled: Labelled) -> None:
    shown = (await client.get(f"/products/{labelled.gtin}")).text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', shown, re.DOTALL)
    thing = json.loads(block)
    assert thing["@context"]["gs1"] == "https://ref.gs1.org/voc/"
    assert (thing["gs1:gtin"], thing["@id"]) == (labelled.gtin, f"https://id.gs1.org/01/{labelled.gtin}")
    (certification,) = thing["gs1:certification"]
    assert certification["gs1:certificationIdentification"] == labelled.certificate_number
    assert certification["schema:certificationStatus"] == {"@id": "schema:CertificationActive"}
    assert thing["schema:additionalProperty"]["schema:value"]["@value"] == "3.000000"


async def test_a_name_can_not_end_the_data_block(client: AsyncClient, database: str) -> None:
    async with db.transaction() as session:
        made = await make_labelled(session)
        product = await session.get_one(Product, made.gtin)
        product.name_en = "</script><img src=x onerror=alert(1)>"
        session.add(product)
    shown = (await client.get(f"/products/{made.gtin}", headers=BROWSER)).text
    assert "<img src=x" not in shown
    assert shown.count("</script>") == 1


async def test_stages_are_drawn_where_they_were_disclosed(client: AsyncClient, labelled: Labelled) -> None:
    assert "Where it comes from" not in (await client.get(f"/products/{labelled.gtin}", headers=BROWSER)).text
    async with db.transaction() as session:
        await write_disclosures(session, {labelled.footprint_id: SOUND})
    shown = (await client.get(f"/products/{labelled.gtin}", headers=BROWSER)).text
    assert shown.index("1.50 kg CO₂e · 60 %") < shown.index("1.00 kg CO₂e · 40 %")
    for words in ("65.2 %", "Demonstration Certification", "31 December 2025", "PCR 2023:01"):
        assert words in shown, words


async def test_before_its_certificate_there_is_no_figure_and_the_page_says_which_day_it_shows(
    client: AsyncClient, labelled: Labelled
) -> None:
    shown = (await client.get(f"/products/{labelled.gtin}?on=2001-02-03", headers=BROWSER)).text
    assert "This page shows 3 February 2001, not today." in shown
    assert "There is no certified figure for this product today." in shown
    assert "below similar products" not in shown


async def test_mistakes_go_to_the_contact_that_is_set_else_to_the_certifier(
    client: AsyncClient, labelled: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Write to Certifier" in (await client.get(f"/products/{labelled.gtin}", headers=BROWSER)).text
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TANHUI_CONTACT", "mailto:labels@example.org")
        settings.cache_clear()
        shown = (await client.get(f"/products/{labelled.gtin}", headers=BROWSER)).text
    settings.cache_clear()
    assert f'href="mailto:labels@example.org?subject=GTIN%20{labelled.gtin}"' in shown


async def test_an_unknown_product_is_a_page_for_browsers_and_a_problem_for_programs(
    client: AsyncClient, database: str
) -> None:
    address = f"/products/{fresh_gtin()}"
    page = await client.get(address, headers=BROWSER)
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>Not found</h1>" in page.text
    problem = await client.get(address)
    assert (problem.status_code, problem.headers["Content-Type"]) == (404, "application/problem+json")


async def test_a_number_in_the_search_leads_to_its_product(client: AsyncClient, labelled: Labelled) -> None:
    response = await client.get("/products", params={"q": labelled.gtin.lstrip("0"), "lang": "en"})
    assert (response.status_code, response.headers["Location"]) == (303, f"/products/{labelled.gtin}?lang=en")


async def test_words_find_labelled_products_and_nothing_is_said_against_the_others(
    client: AsyncClient, labelled: Labelled
) -> None:
    assert labelled.gtin in (await client.get("/products", params={"q": labelled.gtin[-9:]}, headers=BROWSER)).text
    missing = await client.get("/products", params={"q": "nothing%like_it"}, headers=BROWSER)
    assert "No labelled product has “nothing%like_it”" in missing.text
    gtin = fresh_gtin()
    assert f"{gtin} is a valid number" in (await client.get("/products", params={"q": gtin}, headers=BROWSER)).text
