import asyncio

from httpx import AsyncClient

from core import db
from points import ledger
from tests.api.conftest import People
from tests.factories.identities import as_resident
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents


async def balance(client: AsyncClient, people: People) -> dict[str, int]:
    found: dict[str, int] = (await client.get("/v1/me/balance", headers=people.resident)).json()
    return found


async def test_a_scan_is_answered_with_its_receipt_and_its_address(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    response = await client.post("/v1/scans", json={"code": labelled.gtin}, headers=people.resident)
    assert response.status_code == 201, response.text
    receipt = response.json()["receipt"]
    assert (receipt["gtin"], receipt["kind"], receipt["points"], receipt["replayed"]) == (
        labelled.gtin,
        "scan",
        1,
        False,
    )
    explained = await client.get(response.headers["Location"], headers=people.resident)
    assert explained.status_code == 200
    assert explained.json()["receipt"] == receipt | {"replayed": explained.json()["receipt"]["replayed"]}
    assert (await balance(client, people))["available_points"] == 1


async def test_the_same_product_on_the_same_day_is_told_its_first_receipt(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    first = await client.post("/v1/scans", json={"code": labelled.gtin}, headers=people.resident)
    again = await client.post("/v1/scans", json={"code": labelled.gtin}, headers=people.resident)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["receipt"] == first.json()["receipt"] | {"replayed": True}


async def test_a_code_that_can_not_be_is_refused_with_a_reason(client: AsyncClient, people: People) -> None:
    response = await client.post("/v1/scans", json={"code": "9521234543210"}, headers=people.resident)
    assert (response.status_code, response.json()["outcome"]) == (200, "refused")
    assert response.json()["refusal"]["reason"] == "invalid_code"


async def test_an_element_string_with_its_separator_gets_through(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    code = f"\x1d01{labelled.gtin}10A1\x1d21S1"
    response = await client.post("/v1/scans", json={"code": code}, headers=people.resident)
    assert response.status_code == 201, response.text


async def test_sixty_four_identical_requests_at_once_credit_once(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    headers = people.resident | {"Idempotency-Key": "one-and-the-same"}
    body = {"code": labelled.gtin}
    responses = await asyncio.gather(*(client.post("/v1/scans", json=body, headers=headers) for _ in range(64)))
    statuses = [response.status_code for response in responses]
    assert statuses.count(201) >= 1
    assert set(statuses) <= {201, 409}
    fresh = [each for each in responses if each.status_code == 201 and "Idempotent-Replayed" not in each.headers]
    assert len(fresh) == 1
    assert len({each.json()["receipt"]["receipt_id"] for each in responses if each.status_code == 201}) == 1
    assert (await balance(client, people))["available_points"] == 1


async def test_scans_of_many_residents_share_transactions_and_each_gets_their_own(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    async with db.transaction() as session:
        ids = await make_residents(session, people.programme, 40)
    responses = await asyncio.gather(
        *(
            client.post("/v1/scans", json={"code": labelled.gtin}, headers=as_resident(people.programme, each))
            for each in ids
        )
    )
    assert {response.status_code for response in responses} == {201}
    assert len({response.json()["receipt"]["receipt_id"] for response in responses}) == 40
    async with db.transaction() as session:
        findings = await ledger.audit(session, people.programme.programme_id)
    assert [finding for finding in findings if finding.differences] == []


async def test_a_refusal_says_what_to_do_in_both_languages(client: AsyncClient, people: People) -> None:
    response = await client.post("/v1/scans", json={"code": "9521234543210"}, headers=people.resident)
    refusal = response.json()["refusal"]
    assert (refusal["todo_zh"], refusal["todo_en"]) == (
        "请重新扫描包装上的条码或二维码。",
        "Scan the code on the package again.",
    )
