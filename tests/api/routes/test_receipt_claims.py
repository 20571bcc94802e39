from typing import Any

import pytest
from httpx import AsyncClient, Response

from core import clock, db
from core.ids import new_id
from core.settings import settings
from points.programmes.tables import Programme
from tests.api.conftest import People
from tests.api.routes.test_sales import line, member_code
from tests.factories.identities import as_resident
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents

URL = "/v1/receipt-claims"


async def anonymous(client: AsyncClient, people: People, labelled: Labelled, **other: object) -> dict[str, Any]:
    body = {"lines": [line(labelled, 1, None, **other)]}
    result: dict[str, Any] = (await client.post("/v1/sales", json=body, headers=people.partner)).json()["results"][0]
    return result


async def claimed(client: AsyncClient, headers: dict[str, str], code: str) -> Response:
    return await client.post(URL, json={"claim_code": code}, headers=headers)


async def another(programme: Programme) -> dict[str, str]:
    async with db.transaction() as session:
        (resident_id,) = await make_residents(session, programme, 1)
    return as_resident(programme, resident_id)


async def test_a_receipt_without_a_member_is_claimed_with_its_code(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    told = await anonymous(client, people, labelled, quantity=2)
    assert (told["refusal"]["reason"], told["claim_url"]) == ("anonymous", None)
    first = await claimed(client, people.resident, told["claim_code"].lower())
    again = await claimed(client, people.resident, told["claim_code"])
    assert (first.status_code, again.status_code) == (200, 200), first.text
    counted = [(each["credited"], each["replayed"], each["refused"]) for each in (first.json(), again.json())]
    assert counted == [(1, 0, 0), (0, 1, 0)]
    [result] = first.json()["results"]
    assert (result["line"], result["quantity"], result["receipt"]["kind"]) == (1, 2, "claimed")
    receipt_id = result["receipt"]["receipt_id"]
    explained = await client.get(f"/v1/me/receipts/{receipt_id}", headers=people.resident)
    assert explained.json()["receipt"]["grams"] == 2000


async def test_who_claims_a_receipt_again_is_told_what_is_left_of_it(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    code = (await anonymous(client, people, labelled, quantity=2))["claim_code"]
    first = (await claimed(client, people.resident, code)).json()["results"][0]
    came = {"receipt": "B1", "line": 1, "bought": {"receipt": "R1", "line": 1}, "member_code": None, "quantity": 1}
    body = {"lines": [came | {"code": labelled.gtin, "returned_at": clock.now().isoformat()}]}
    back = await client.post("/v1/returns", json=body, headers=people.partner)
    assert back.json()["returned"] == 1, back.text
    again = (await claimed(client, people.resident, code)).json()["results"][0]
    assert [(each["units_left"], each["grams_left"], each["points_left"]) for each in (first, again)] == [
        (2, 2000, 20),
        (1, 1000, 10),
    ]


async def test_who_comes_second_is_told_so(client: AsyncClient, people: People, labelled: Labelled) -> None:
    code = (await anonymous(client, people, labelled))["claim_code"]
    await claimed(client, people.resident, code)
    refused = await claimed(client, await another(people.programme), code)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/receipt-already-claimed")
    late = await client.post(
        "/v1/sales",
        json={"lines": [line(labelled, 1, "222222222222")]},
        headers=people.partner,
    )
    assert late.json()["results"][0]["refusal"]["reason"] == "unknown_member"


async def test_a_code_nobody_was_given_is_not_found(client: AsyncClient, people: People) -> None:
    answers = [await claimed(client, people.resident, code) for code in ("0" * 20, "7Q2MX", "x" * 100, "码")]
    assert {each.status_code for each in answers} == {404}
    assert len({each.json()["detail"] for each in answers}) == 1


async def test_a_refused_claim_says_what_became_of_each_line(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    told = await anonymous(client, people, labelled)
    sold = line(labelled, 1, await member_code(people), sold_at=None)
    assert sold["line"] == 1
    lines = [line(labelled, 2, None, code="9521234543213"), line(labelled, 3, None)]
    await client.post("/v1/sales", json={"lines": lines}, headers=people.partner)
    results = (await claimed(client, people.resident, told["claim_code"])).json()["results"]
    assert [each["outcome"] for each in results] == ["credited", "refused", "credited"]


async def test_guessing_is_bounded(client: AsyncClient, people: People) -> None:
    headers = await another(people.programme)
    answers = [(await claimed(client, headers, f"{number:020}")).status_code for number in range(31)]
    assert answers == [404] * 30 + [429]


async def test_the_address_of_a_claim_is_told_where_one_is_set(
    client: AsyncClient, people: People, labelled: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TANHUI_PUBLIC_URL", "https://id.example.org")
        settings.cache_clear()
        told = await anonymous(client, people, labelled, receipt=new_id().hex)
    settings.cache_clear()
    assert told["claim_url"] == f"https://id.example.org/r/{told['claim_code']}"


async def test_retailers_and_strangers_claim_nothing(client: AsyncClient, people: People) -> None:
    body = {"claim_code": "0" * 20}
    assert (await client.post(URL, json=body)).status_code == 401
    assert (await client.post(URL, json=body, headers=people.partner)).status_code == 403
