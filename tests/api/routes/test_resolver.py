"""GS1's own resolver test suite, check by check, and what the standard (1.2) asks for beyond it.

The names after `suite:` are those the suite (gs1/GS1DL-resolver-testsuite) gives its checks.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import jsonschema_rs
import pytest
from httpx import AsyncClient, Response

from api.app import create_app
from core import db
from labels.issuance import record_event, register_certificates
from labels.registrations import NewCertificate, NewEvent, Registered
from tests.factories.labels import NOW, SINCE, UNTIL, Labelled, fresh_gtin, make_certifier, make_labelled
from tests.factories.linksets import DESCRIPTION_SCHEMA, LINKSET_SCHEMA

LINKSET = "application/linkset+json"
VOCABULARY = "https://ref.gs1.org/voc/"
RATIFIED = {"defaultLink", "pip", "sustainabilityInfo", "certificationInfo", "jws"}
ROOT = "http://api.test"


@pytest.fixture
async def product(database: str) -> Labelled:
    async with db.transaction() as session:
        return await make_labelled(session)


@pytest.fixture
async def twice_certified(product: Labelled) -> Labelled:
    """A product with two certificates that nothing tells apart."""
    async with db.transaction() as session:
        second = NewCertificate(
            f"T/{product.gtin} 2",
            "cn.green_product",
            "green_product",
            product.gtin,
            await make_certifier(session),
            SINCE,
            UNTIL,
        )
        assert isinstance((await register_certificates(session, [second], now=NOW))[0], Registered)
    return product


async def ask(client: AsyncClient, path: str, **headers: str) -> Response:
    """Ask as the suite's tester does: without following, from another origin, with any media type welcome."""
    sent = {"origin": "https://ref.gs1.org", "accept": "*/*"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return await client.get(path, headers=sent)


async def links_of(client: AsyncClient, path: str) -> Mapping[str, list[dict[str, Any]]]:
    document = (await ask(client, path, accept=LINKSET)).json()
    (context,) = document["linkset"]
    return {name.removeprefix(VOCABULARY): value for name, value in context.items() if name.startswith(VOCABULARY)}


@pytest.mark.parametrize("qualifiers", ["", "/10/B7", "/22/2A/10/B7/21/4711", "/21/a%2Fb", "/235/TPX1"])
async def test_every_level_has_one_default_and_redirects_to_it(
    client: AsyncClient, product: Labelled, qualifiers: str
) -> None:
    """suite: defaultLinkExists, singleDefaulLink, defaultTarget; an unknown batch or serial walks up."""
    path = f"/01/{product.gtin}{qualifiers}"
    links = await links_of(client, path)
    (default,) = links["defaultLink"]
    assert set(default) == {"href", "title"}
    assert default["href"] in {link["href"] for name, some in links.items() if name != "defaultLink" for link in some}
    answer = await ask(client, path)
    assert (answer.status_code, answer.headers["location"]) == (307, default["href"])


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_any_origin_may_ask_with_the_three_methods(client: AsyncClient, product: Labelled, method: str) -> None:
    """suite: corsCheck, methodsCheck. The suite reads Allow-Methods off a GET as well."""
    for path in (f"/01/{product.gtin}", "/.well-known/gs1resolver"):
        answer = await client.request(method, path, headers={"origin": "https://ref.gs1.org"})
        assert answer.status_code in {200, 204, 307}
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert (await client.post(f"/01/{product.gtin}")).status_code == 405


async def test_a_redirection_links_to_the_linkset_and_to_nothing_else(client: AsyncClient, product: Labelled) -> None:
    """suite: linkOnRedirect, legacyLinkHeaders."""
    answer = await ask(client, f"/01/{product.gtin}")
    (header,) = answer.headers.get_list("link")
    assert 'rel="linkset"' in header
    assert 'rel="gs1:' not in header
    target = header.partition("<")[2].partition(">")[0]
    assert (await ask(client, target)).headers["content-type"] == LINKSET


@pytest.mark.parametrize(
    "wrong",
    [
        "{gtin}/foo",
        "{gtin}/10",
        "{gtin}/10//21/1",
        "{gtin}/21/1/10/2",
        "{gtin}/17/261231",
        "{gtin}/99/ABC",
        "{short}",
        "09521234543214",
        "0952123454321A",
        "",
        "{gtin}?99999=1",
        "{gtin}?21=1",
        "{gtin}/10/A/01/{gtin}",
        "{gtin}?linkType=gs1:pip&linkType=gs1:jws",
        "９" * 14,
    ],
)
async def test_what_is_no_digital_link_is_refused(client: AsyncClient, product: Labelled, wrong: str) -> None:
    """suite: reportWith400, noErrorWith200."""
    answer = await ask(client, "/01/" + wrong.format(gtin=product.gtin, short=product.gtin[1:]))
    assert answer.status_code == 400
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["type"] == "/problems/malformed-request"


async def test_an_unknown_product_is_not_found(client: AsyncClient, database: str) -> None:
    answer = await ask(client, f"/01/{fresh_gtin()}")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (404, "*")


@pytest.mark.parametrize("qualifiers", ["", "/21/4711"])
async def test_a_trailing_slash_changes_nothing(client: AsyncClient, product: Labelled, qualifiers: str) -> None:
    """suite: trailingSlash."""
    plain = await ask(client, f"/01/{product.gtin}{qualifiers}")
    slashed = await ask(client, f"/01/{product.gtin}{qualifiers}/")
    assert (plain.status_code, plain.headers["location"]) == (slashed.status_code, slashed.headers["location"])


@pytest.mark.parametrize("query", ["foo=bar", "17=271231&x=%20a+b&flag", "linkType=gs1:pip&utm_source=qr"])
async def test_the_query_is_passed_on_as_it_was_sent(client: AsyncClient, product: Labelled, query: str) -> None:
    """suite: qsPassedOn."""
    location = (await ask(client, f"/01/{product.gtin}?{query}")).headers["location"]
    assert location == f"{ROOT}/products/{product.gtin}?{query}"


async def test_a_query_joins_the_one_a_target_has(client: AsyncClient, product: Labelled) -> None:
    path = f"/01/{product.gtin}?linkType=gs1:sustainabilityInfo&a=1"
    location = (await ask(client, path, accept_language="en")).headers["location"]
    assert location == f"{ROOT}/products/{product.gtin}?lang=en&linkType=gs1:sustainabilityInfo&a=1"


@pytest.mark.parametrize("query", ["?linkType=linkset", "?linkType=all", ""])
async def test_the_linkset_is_returned_and_not_redirected_to(
    client: AsyncClient, product: Labelled, query: str
) -> None:
    """suite: ltLinksetNoRedirect, ltAllNoRedirect, ltAcceptHeader, validLinkset, linksetJsonldCheck,
    declaredContentType (compared letter by letter), linkTypesDefined.
    """
    answer = await ask(client, f"/01/{product.gtin}/10/B7{query}", accept=LINKSET)
    assert (answer.status_code, answer.headers["content-type"]) == (200, LINKSET)
    jsonschema_rs.validate(LINKSET_SCHEMA, answer.json())
    (context,) = answer.json()["linkset"]
    assert context["anchor"] == f"{ROOT}/01/{product.gtin}"
    assert {name.removeprefix(VOCABULARY) for name in context} == RATIFIED | {"anchor", "itemDescription"}
    (header,) = answer.headers.get_list("link")
    assert any(
        'rel="http://www.w3.org/ns/json-ld#context"' in link and 'type="application/ld+json"' in link
        for link in header.split(",")
    )
    assert answer.headers["vary"] == "Accept, Accept-Language"


async def test_asking_for_the_linkset_without_a_media_type_is_no_redirection(
    client: AsyncClient, product: Labelled
) -> None:
    """suite: ltLinksetNoRedirect, as its tester sends it."""
    assert (await ask(client, f"/01/{product.gtin}?linkType=linkset")).status_code == 200


@pytest.mark.parametrize("form", ["application/json", "application/ld+json", "text/html"])
async def test_the_linkset_comes_in_the_form_that_is_asked_for(
    client: AsyncClient, product: Labelled, form: str
) -> None:
    answer = await ask(client, f"/01/{product.gtin}?linkType=linkset", accept=form)
    assert answer.headers["content-type"].partition(";")[0] == form
    if form == "text/html":
        assert f'href="{ROOT}/products/{product.gtin}?lang=en"' in answer.text
        assert '"@context"' in answer.text
    else:
        assert ("@context" in answer.json()) is (form == "application/ld+json")


async def test_every_listed_link_is_where_asking_for_it_leads(client: AsyncClient, product: Labelled) -> None:
    """suite: loForgs1… of every link type and link object, with the link's own media type and language."""
    links = await links_of(client, f"/01/{product.gtin}")
    for name, targets in links.items():
        for target in targets:
            headers = {"accept": target.get("type", "*/*")}
            if "hreflang" in target:
                headers["accept_language"] = target["hreflang"][0]
            answer = await ask(client, f"/01/{product.gtin}?linkType=gs1:{name}", **headers)
            assert answer.status_code == 307
            location = answer.headers["location"].replace(f"?linkType=gs1:{name}", "")
            assert location.partition("&linkType=")[0] == target["href"]


@pytest.mark.parametrize("spelling", ["gs1:pip", "gs1%3Apip", "https://gs1.org/voc/pip", VOCABULARY + "pip"])
async def test_a_link_type_may_be_spelt_as_curie_or_uri(client: AsyncClient, product: Labelled, spelling: str) -> None:
    answer = await ask(client, f"/01/{product.gtin}?linkType={spelling}")
    assert answer.headers["location"].startswith(f"{ROOT}/products/{product.gtin}?")


@pytest.mark.parametrize("name", ["gs1:nosuchlt", "gs1:recallStatus", "pip", "schema:pip", "gs1:linkset"])
async def test_a_link_type_there_is_no_link_of_is_not_found(client: AsyncClient, product: Labelled, name: str) -> None:
    """suite: specificLinkTypeNotFound."""
    assert (await ask(client, f"/01/{product.gtin}?linkType={name}")).status_code == 404


@pytest.mark.parametrize(
    ("languages", "lang"),
    [("en-GB,zh;q=0.5", "en"), ("zh-Hans-CN, en;q=0.9", "zh"), ("fr", "en"), ("en;q=0, zh", "zh"), ("", "zh")],
)
async def test_the_readers_language_decides(client: AsyncClient, product: Labelled, languages: str, lang: str) -> None:
    path = f"/01/{product.gtin}?linkType=gs1:sustainabilityInfo"
    answer = await ask(client, path, accept_language=languages)
    assert answer.headers["location"].startswith(f"{ROOT}/products/{product.gtin}?lang={lang}&")


@pytest.mark.parametrize(("name", "paths"), [("certificationInfo", "/certificates/"), ("jws", "/v1/certificates/")])
async def test_links_that_nothing_tells_apart_are_all_offered(
    client: AsyncClient, twice_certified: Labelled, name: str, paths: str
) -> None:
    """suite: the 300 of loForgs1…; the body is a linkset of the candidates, or a page for a person."""
    path = f"/01/{twice_certified.gtin}?linkType=gs1:{name}"
    answer = await ask(client, path, accept_language="zh")
    assert (answer.status_code, answer.headers["content-type"]) == (300, LINKSET)
    jsonschema_rs.validate(LINKSET_SCHEMA, answer.json())
    targets = answer.json()["linkset"][0][VOCABULARY + name]
    assert len(targets) == 2
    assert all(target["href"].startswith(ROOT + paths) for target in targets)
    served = {(await client.get(target["href"])).headers["content-type"].partition(";")[0] for target in targets}
    assert served == {target["type"] for target in targets}
    assert any(f"T%2F{twice_certified.gtin}%202" in target["href"] for target in targets)
    shown = await ask(client, path, accept="text/html")
    assert shown.status_code == 300
    assert all(f'href="{target["href"]}"' in shown.text for target in targets)


async def test_a_certificate_that_no_longer_holds_has_no_links(client: AsyncClient, product: Labelled) -> None:
    async with db.transaction() as session:
        withdrawn = NewEvent(product.certificate_number, "withdrawn", date(2020, 1, 1), "test", "a test")
        assert isinstance(await record_event(session, withdrawn, now=NOW), Registered)
    assert set(await links_of(client, f"/01/{product.gtin}")) == {"defaultLink", "pip", "sustainabilityInfo"}
    assert (await ask(client, f"/01/{product.gtin}?linkType=gs1:jws")).status_code == 404


async def test_the_description_file_says_what_is_resolved(client: AsyncClient, database: str) -> None:
    """suite: rdFile."""
    answer = await ask(client, "/.well-known/gs1resolver", accept="application/json")
    assert answer.headers["content-type"] == "application/json"
    jsonschema_rs.validate(DESCRIPTION_SCHEMA, answer.json())
    assert answer.json()["resolverRoot"] == ROOT


@pytest.mark.parametrize(("path", "status"), [("/01/{unknown}", 404), ("/01/123", 400)])
async def test_a_person_reads_a_page_when_a_scan_leads_nowhere(
    client: AsyncClient, database: str, path: str, status: int
) -> None:
    answer = await ask(client, path.format(unknown=fresh_gtin()), accept="text/html,*/*;q=0.8")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert 'lang="zh"' in answer.text


async def test_a_products_name_can_not_break_out_of_the_page(client: AsyncClient, database: str) -> None:
    async with db.transaction() as session:
        labelled = await make_labelled(session)
        connection = await session.connection()
        await connection.exec_driver_sql(
            "UPDATE product SET name_en = '</script><b>x' WHERE gtin = $1", (labelled.gtin,)
        )
    answer = await ask(client, f"/01/{labelled.gtin}?linkType=linkset", accept="text/html")
    assert "</script><b>" not in answer.text


def test_the_resolver_is_in_the_reference() -> None:
    assert {"/01/{identifier}", "/.well-known/gs1resolver"} <= set(create_app().openapi()["paths"])
