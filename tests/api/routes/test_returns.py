from datetime import timedelta
from typing import Any

from httpx import AsyncClient

from api.unit_keys import unit_secret
from core import clock, db
from core.ids import new_id
from tests.api.conftest import People
from tests.api.routes.test_sales import line, member_code
from tests.factories.labels import Labelled
from tests.factories.units import make_units


def back(labelled: Labelled, number: int, **other: object) -> dict[str, Any]:
    came = {"receipt": "B1", "line": number, "bought": {"receipt": "R1", "line": 1}, "member_code": None, "quantity": 1}
    return came | {"code": labelled.gtin, "returned_at": clock.now().isoformat()} | other


async def test_every_line_has_its_own_result(client: AsyncClient, people: People, labelled: Labelled) -> None:
    sold = {"lines": [line(labelled, 1, await member_code(people), quantity=2)]}
    receipt = (await client.post("/v1/sales", json=sold, headers=people.partner)).json()["results"][0]["receipt"]
    body = {"lines": [back(labelled, 1), back(labelled, 2, quantity=2), back(labelled, 3, bought=None)]}
    response = await client.post("/v1/returns", json=body, headers=people.partner)
    assert response.status_code == 200, response.text
    told = response.json()
    assert (told["returned"], told["replayed"], told["refused"]) == (1, 0, 2)
    first = told["results"][0]
    assert (first["units"], first["grams"], first["points"]) == (1, 1000, 10)
    assert first["taken_back"][0]["receipt_id"] == receipt["receipt_id"]
    assert "resident_id" not in response.text
    assert "owed" not in response.text
    reasons = [result["refusal"]["reason"] for result in told["results"][1:]]
    assert reasons == ["more_than_bought", "no_such_sale"]
    again = (await client.post("/v1/returns", json=body, headers=people.partner)).json()
    assert (again["returned"], again["replayed"], again["refused"]) == (0, 1, 2)


async def test_a_return_sent_before_its_sale_is_taken_when_it_is_sent_again_under_another_key(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    body, first = {"lines": [back(labelled, 1)]}, people.partner | {"Idempotency-Key": new_id().hex}
    early = (await client.post("/v1/returns", json=body, headers=first)).json()["results"][0]
    assert early["refusal"]["reason"] == "no_such_sale"
    assert "new Idempotency-Key" in early["refusal"]["detail"]
    sold_at = (clock.now() - timedelta(hours=1)).isoformat()
    sold = {"lines": [line(labelled, 1, await member_code(people), sold_at=sold_at)]}
    await client.post("/v1/sales", json=sold, headers=people.partner)
    repeated = await client.post("/v1/returns", json=body, headers=first)
    assert (repeated.headers["Idempotent-Replayed"], repeated.json()["returned"]) == ("true", 0)
    for other in (people.partner | {"Idempotency-Key": new_id().hex}, people.partner):
        taken = (await client.post("/v1/returns", json=body, headers=other)).json()
        assert taken["returned"] + taken["replayed"] == 1, taken


async def test_the_receipt_tells_what_was_taken_back_and_what_stays(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    sold = {"lines": [line(labelled, 1, await member_code(people), quantity=3)]}
    receipt = (await client.post("/v1/sales", json=sold, headers=people.partner)).json()["results"][0]["receipt"]
    await client.post("/v1/returns", json={"lines": [back(labelled, 1, quantity=2)]}, headers=people.partner)
    told = (await client.get(f"/v1/me/receipts/{receipt['receipt_id']}", headers=people.resident)).json()
    assert (told["receipt"]["points"], told["units_left"], told["grams_left"], told["points_left"]) == (30, 1, 1000, 10)
    [adjustment] = told["adjustments"]
    assert (adjustment["kind"], adjustment["units"], adjustment["points"]) == ("return", -2, -20)
    held = (await client.get("/v1/me/balance", headers=people.resident)).json()
    assert (held["grams"], held["available_points"], held["owed_points"]) == (1000, 10, 0)


async def test_what_a_label_scan_had_credited_is_not_told_to_the_retailer_who_takes_the_unit_back(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    async with db.transaction() as session:
        alone, sold_too = await make_units(session, labelled, 2, secret=unit_secret())
    for code in (alone, sold_too):
        scanned = {"code": code, "symbology": None, "scanned_at": clock.now().isoformat()}
        made = await client.post("/v1/scans", json=scanned, headers=people.resident)
        assert made.status_code == 201, made.text
    sold = {"lines": [line(labelled, 1, await member_code(people), code=sold_too), line(labelled, 2, None, code=alone)]}
    receipt = (await client.post("/v1/sales", json=sold, headers=people.partner)).json()["results"][0]["receipt"]
    before = (await client.get("/v1/me/balance", headers=people.resident)).json()
    lines = [back(labelled, 1, bought={"receipt": "R1", "line": 2}, code=alone), back(labelled, 2, code=sold_too)]
    for replayed in (False, True):
        headers = people.partner | {"Idempotency-Key": new_id().hex}
        response = await client.post("/v1/returns", json={"lines": lines}, headers=headers)
        first, second = response.json()["results"]
        assert (first["outcome"], first["units"], first["replayed"]) == ("returned", 1, replayed)
        assert (first["grams"], first["points"], first["taken_back"]) == (0, 0, [])
        [own] = second["taken_back"]
        assert own["receipt_id"] == receipt["receipt_id"]
        assert (second["grams"], own["grams"], own["points"]) == (receipt["grams"],) * 2 + (receipt["points"],)
    left = (await client.get("/v1/me/balance", headers=people.resident)).json()
    assert (before["grams"], left["grams"]) == (500 + 1000, 0), "all of it is taken back all the same"


async def test_a_return_needs_whole_units(client: AsyncClient, people: People, labelled: Labelled) -> None:
    body = {"lines": [back(labelled, 1, quantity=0)]}
    response = await client.post("/v1/returns", json=body, headers=people.partner)
    assert response.status_code == 422
    assert "quantity" in response.text
