from dataclasses import replace
from typing import Any

import pytest
from httpx import AsyncClient

from core import clock, db
from points.programmes.guard_terms import Guards, Rule
from points.residents.queries import resident
from tests.api.conftest import People
from tests.factories.identities import as_partner, as_resident
from tests.factories.labels import Labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents


async def member_code(people: People) -> str:
    async with db.transaction() as session:
        return (await resident(session, people.programme.programme_id, people.resident_id)).member_code


def line(labelled: Labelled, number: int, member: str | None, **other: object) -> dict[str, Any]:
    sold = {"receipt": "R1", "line": number, "member_code": member, "code": labelled.gtin, "quantity": 1}
    return sold | {"sold_at": clock.now().isoformat()} | other


async def test_every_line_has_its_own_result(client: AsyncClient, people: People, labelled: Labelled) -> None:
    member = await member_code(people)
    lines = [
        line(labelled, 1, member, quantity=2),
        line(labelled, 2, None),
        line(labelled, 3, "ZZZZZZZZZZZZ"),
        line(labelled, 4, member, quantity=-1),
        line(labelled, 5, member, code="9521234543210"),
    ]
    response = await client.post("/v1/sales", json={"lines": lines}, headers=people.partner)
    assert response.status_code == 200, response.text
    told = response.json()
    assert (told["credited"], told["replayed"], told["refused"]) == (1, 0, 4)
    assert told["results"][0]["receipt"]["grams"] == 2000
    reasons = [result["refusal"]["reason"] for result in told["results"][1:]]
    assert reasons == ["anonymous", "unknown_member", "returns_not_accepted", "invalid_code"]
    assert [result["line"] for result in told["results"]] == [1, 2, 3, 4, 5]
    assert "resident_id" not in response.text


async def test_a_line_sent_again_is_not_credited_again(client: AsyncClient, people: People, labelled: Labelled) -> None:
    body = {"lines": [line(labelled, 1, await member_code(people))]}
    first = await client.post("/v1/sales", json=body, headers=people.partner)
    again = await client.post("/v1/sales", json=body, headers=people.partner)
    counted = [(each["credited"], each["replayed"], each["refused"]) for each in (first.json(), again.json())]
    assert counted == [(1, 0, 0), (0, 1, 0)]
    assert again.json()["results"][0]["receipt"] == first.json()["results"][0]["receipt"] | {"replayed": True}
    held = (await client.get("/v1/me/balance", headers=people.resident)).json()
    assert (held["grams"], held["available_points"]) == (1000, 10)


async def test_a_credited_sale_is_explained_to_its_resident(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    body = {"lines": [line(labelled, 1, await member_code(people))]}
    sold = (await client.post("/v1/sales", json=body, headers=people.partner)).json()["results"][0]["receipt"]
    response = await client.get(f"/v1/me/receipts/{sold['receipt_id']}", headers=people.resident)
    told = response.json()
    assert (response.status_code, told["provenance"]["certificate_number"]) == (200, labelled.certificate_number)
    assert all(step["name_zh"] and step["name_en"] and step["result"] for step in told["steps"])
    assert told["steps"][-1]["result"] == str(sold["points"])


async def test_held_lines_are_counted_apart_from_refused_ones(client: AsyncClient, labelled: Labelled) -> None:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=replace(AT_ONCE, guards=Guards(visits_per_minute=0)))
        [resident_id] = await make_residents(session, programme, 1)
        organization_id, partner = await as_partner(session, programme)
    shopper = People(programme, resident_id, organization_id, as_resident(programme, resident_id), partner, {})
    lines = [line(labelled, 1, await member_code(shopper)), line(labelled, 2, None)]
    told = (await client.post("/v1/sales", json={"lines": lines}, headers=partner)).json()
    assert (told["credited"], told["refused"], told["held"]) == (0, 1, 1)
    assert [each["outcome"] for each in told["results"]] == ["held", "refused"]
    body = {"claim_code": told["results"][1]["claim_code"]}
    claimed = (await client.post("/v1/receipt-claims", json=body, headers=shopper.resident)).json()
    assert (claimed["credited"], claimed["refused"], claimed["held"]) == (0, 0, 1)


@pytest.mark.parametrize(("refusing", "outcome"), [((), "held"), ((Rule.TWO_RETAILERS_AT_ONCE,), "refused")])
async def test_a_till_is_not_told_what_guards_know_of_its_buyer(
    client: AsyncClient, labelled: Labelled, refusing: tuple[Rule, ...], outcome: str
) -> None:
    guards = Guards(minutes_between_retailers=10, refusing=refusing)
    async with db.transaction() as session:
        programme = await make_programme(session, terms=replace(AT_ONCE, guards=guards))
        [resident_id] = await make_residents(session, programme, 1)
        organization_id, first = await as_partner(session, programme)
        _, second = await as_partner(session, programme)
    shopper = People(programme, resident_id, organization_id, as_resident(programme, resident_id), first, {})
    body = {"lines": [line(labelled, 1, await member_code(shopper))]}
    assert (await client.post("/v1/sales", json=body, headers=first)).json()["credited"] == 1
    told = await client.post("/v1/sales", json=body, headers=second)
    assert told.json()["results"][0]["outcome"] == outcome
    assert "retailers" not in told.text
    assert "Another" not in told.text
    [mine] = (await client.get("/v1/me/reviews", headers=shopper.resident)).json()["reviews"]
    assert mine["rule"] == "two_retailers_at_once", "the resident is told"
