import csv
from io import StringIO

import pytest
from httpx import AsyncClient

from core import db
from labels.tables import Product
from labels.units.serials import MOST_UNITS
from tests.api.conftest import People
from tests.factories.identities import as_partner
from tests.factories.labels import fresh_gtin


@pytest.fixture
async def gtin(people: People) -> str:
    """A product that the partner makes."""
    number = fresh_gtin()
    async with db.transaction() as session:
        session.add(Product(gtin=number, name_zh="茶", name_en="Tea", maker_id=people.organization_id))
    return number


async def order(client: AsyncClient, people: People, gtin: str, count: int = 100, **headers: str) -> dict[str, object]:
    body = {"gtin": gtin, "count": count, "note": "春茶"}
    answer = await client.post("/v1/unit-series", json=body, headers=people.partner | headers)
    assert answer.status_code == 201, answer.text
    shown: dict[str, object] = answer.json()
    return shown


async def serials(client: AsyncClient, people: People, series: dict[str, object]) -> list[dict[str, str]]:
    answer = await client.get(f"/v1/unit-series/{series['id']}/serials.csv", headers=people.partner)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.text)))


async def test_ordered_labels_are_listed_and_verify_for_anybody(client: AsyncClient, people: People, gtin: str) -> None:
    series = await order(client, people, gtin, count=2500)
    rows = await serials(client, people, series)
    assert [int(row["number"]) for row in rows] == list(range(1, 2501))
    assert len({row["serial"] for row in rows}) == 2500
    assert rows[0]["uri"] == f"http://api.test/01/{gtin}/21/{rows[0]['serial']}"
    answer = await client.get(f"/v1/units/{gtin}/{rows[2400]['serial']}")
    assert answer.json()["state"] == "genuine"
    assert not {"number", "series_id", "count"} & set(answer.json())
    resolved = await client.get(rows[0]["uri"])
    assert resolved.headers["location"] == f"http://api.test/products/{gtin}"


async def test_an_order_repeated_under_its_key_is_one_order(client: AsyncClient, people: People, gtin: str) -> None:
    key = {"Idempotency-Key": f"order-{gtin}"}
    first = await order(client, people, gtin, 100, **key)
    assert await order(client, people, gtin, 100, **key) == first
    listed = await client.get("/v1/unit-series", headers=people.partner)
    assert listed.json()["series"] == [first]
    shown = await client.get(f"/v1/unit-series/{first['id']}", headers=people.partner)
    assert shown.json() == first


async def test_series_are_listed_page_by_page(client: AsyncClient, people: People, gtin: str) -> None:
    ordered = [(await order(client, people, gtin))["id"] for _ in range(3)]
    first = (await client.get("/v1/unit-series?limit=2", headers=people.partner)).json()
    second = await client.get(f"/v1/unit-series?limit=2&cursor={first['next_cursor']}", headers=people.partner)
    assert [each["id"] for each in first["series"] + second.json()["series"]] == ordered[::-1]


@pytest.mark.parametrize("serial", ["nonsense", "0" * 20, "７" * 20, "A%2FB"])
async def test_a_serial_that_was_never_made_is_not_found(
    client: AsyncClient, people: People, gtin: str, serial: str
) -> None:
    assert (await client.get(f"/v1/units/{gtin}/{serial}")).status_code == 404


async def test_a_revoked_label_says_so_and_is_no_longer_printed(client: AsyncClient, people: People, gtin: str) -> None:
    series = await order(client, people, gtin)
    (row, *_) = await serials(client, people, series)
    path = f"/v1/unit-series/{series['id']}"
    revoked = await client.post(f"{path}/revocations", json={"reason": "A roll was stolen."}, headers=people.partner)
    assert revoked.status_code == 201
    shown = (await client.get(f"/v1/units/{gtin}/{row['serial']}")).json()
    assert (shown["state"], shown["revoked_reason"]) == ("revoked", "A roll was stolen.")
    for document in ("serials.csv", "sheets/1"):
        assert (await client.get(f"{path}/{document}", headers=people.partner)).status_code == 409


async def test_sheets_hold_forty_labels_and_end_where_the_series_ends(
    client: AsyncClient, people: People, gtin: str
) -> None:
    series = await order(client, people, gtin, count=41)
    assert series["sheets"] == 2
    path = f"/v1/unit-series/{series['id']}/sheets"
    rows = await serials(client, people, series)
    first, second, third = [await client.get(f"{path}/{n}", headers=people.partner) for n in (1, 2, 3)]
    assert first.headers["content-type"].startswith("image/svg+xml")
    assert [row["serial"] in first.text for row in rows] == [True] * 40 + [False]
    assert [row["serial"] in second.text for row in rows] == [False] * 40 + [True]
    assert third.status_code == 422


async def test_another_partner_finds_no_such_series(client: AsyncClient, people: People, gtin: str) -> None:
    series = await order(client, people, gtin)
    async with db.transaction() as session:
        _, stranger = await as_partner(session, people.programme)
    path = f"/v1/unit-series/{series['id']}"
    for each in (path, f"{path}/serials.csv", f"{path}/sheets/1"):
        assert (await client.get(each, headers=stranger)).status_code == 404
    answer = await client.post(f"{path}/revocations", json={"reason": "x"}, headers=stranger)
    assert answer.status_code == 404
    ordered = await client.post("/v1/unit-series", json={"gtin": gtin, "count": 1}, headers=stranger)
    assert ordered.status_code == 404


@pytest.mark.parametrize("count", [0, -1, MOST_UNITS + 1, "5", 1.5])
async def test_a_count_that_can_not_be_made_is_refused(
    client: AsyncClient, people: People, gtin: str, count: object
) -> None:
    answer = await client.post("/v1/unit-series", json={"gtin": gtin, "count": count}, headers=people.partner)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/count"


async def test_a_key_without_the_scope_orders_nothing(client: AsyncClient, people: People, gtin: str) -> None:
    async with db.transaction() as session:
        _, key = await as_partner(session, people.programme, scopes=["sales:write"])
    answer = await client.post("/v1/unit-series", json={"gtin": gtin, "count": 1}, headers=key)
    assert answer.status_code == 403
