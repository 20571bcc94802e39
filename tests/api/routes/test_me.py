from httpx import AsyncClient

from core import db
from core.ids import new_id
from tests.api.conftest import People
from tests.factories.identities import as_resident
from tests.factories.labels import Labelled, make_labelled


async def test_a_resident_without_anything_has_nothing(client: AsyncClient, people: People) -> None:
    held = (await client.get("/v1/me/balance", headers=people.resident)).json()
    assert set(held.values()) == {0}
    page = (await client.get("/v1/me/statement", headers=people.resident)).json()
    assert page == {"entries": [], "next_cursor": None}


async def test_me_shows_the_member_code_and_the_programme(client: AsyncClient, people: People) -> None:
    me = (await client.get("/v1/me", headers=people.resident)).json()
    assert (me["resident_id"], me["programme"]) == (str(people.resident_id), people.programme.slug)
    assert len(me["member_code"]) == 12


async def test_somebody_erased_since_the_token_was_made_is_not_found(client: AsyncClient, people: People) -> None:
    response = await client.get("/v1/me", headers=as_resident(people.programme, new_id()))
    assert response.status_code == 404


async def test_the_statement_goes_back_page_by_page_without_gaps_or_repeats(
    client: AsyncClient, people: People
) -> None:
    async with db.transaction() as session:
        products = [await make_labelled(session) for _ in range(3)]
    for product in products:
        await client.post("/v1/scans", json={"code": product.gtin}, headers=people.resident)
    whole = (await client.get("/v1/me/statement", headers=people.resident)).json()
    assert whole["next_cursor"] is None
    seen, cursor = [], None
    for _ in range(10):
        parameters = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/me/statement", params=parameters, headers=people.resident)).json()
        seen += page["entries"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == whole["entries"]
    assert sum(entry["change"]["available_points"] + entry["change"]["pending_points"] for entry in seen) == 3


async def test_a_receipt_of_somebody_else_is_not_found(client: AsyncClient, people: People, labelled: Labelled) -> None:
    scanned = await client.post("/v1/scans", json={"code": labelled.gtin}, headers=people.resident)
    other = as_resident(people.programme, new_id())
    assert (await client.get(scanned.headers["Location"], headers=other)).status_code == 404
