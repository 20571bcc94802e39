"""Labels of single units over HTTP: whoever scans a unit first has it, until a till says who bought it."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from api.unit_keys import unit_secret
from core import clock, db
from core.ids import new_id
from points.residents.queries import resident
from tests.api.conftest import People
from tests.factories.credits import assert_clean
from tests.factories.identities import as_resident
from tests.factories.labels import Labelled
from tests.factories.residents import make_residents
from tests.factories.units import make_units

FULL, HALF = 1000, 500
"""Grams a unit saves, and what its label alone is worth of them."""

LEFT = ("units_left", "grams_left", "points_left")


@pytest.fixture
async def code(labelled: Labelled) -> str:
    async with db.transaction() as session:
        [code] = await make_units(session, labelled, 1, secret=unit_secret())
    return code


@pytest.fixture
async def neighbour(people: People) -> dict[str, str]:
    async with db.transaction() as session:
        [resident_id] = await make_residents(session, people.programme, 1)
    return as_resident(people.programme, resident_id)


async def scan(client: AsyncClient, code: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    response = await client.post("/v1/scans", json={"code": code}, headers=headers)
    return response.status_code, response.json()


async def sell(client: AsyncClient, people: People, code: str, *, quantity: int = 1) -> dict[str, Any]:
    async with db.transaction() as session:
        member = (await resident(session, people.programme.programme_id, people.resident_id)).member_code
    line = {"receipt": str(new_id()), "line": 1, "member_code": member, "code": code, "quantity": quantity}
    body = {"lines": [line | {"sold_at": clock.now().isoformat()}]}
    [result] = (await client.post("/v1/sales", json=body, headers=people.partner)).json()["results"]
    told: dict[str, Any] = result
    return told


async def grams(client: AsyncClient, headers: dict[str, str]) -> int:
    found: int = (await client.get("/v1/me/balance", headers=headers)).json()["grams"]
    return found


async def test_a_unit_is_credited_to_one_of_all_who_scan_it_at_once(
    client: AsyncClient, people: People, neighbour: dict[str, str], code: str
) -> None:
    told = await asyncio.gather(*(scan(client, code, who) for who in [people.resident, neighbour] * 6))
    credited = [body["receipt"] for status, body in told if status == 201]
    assert [(each["kind"], each["grams"], each["potential_grams"]) for each in credited] == [("unit", HALF, FULL)]
    assert sum(body["outcome"] == "credited" for _, body in told) == 6, "the winner is told the same receipt each time"
    refused = [body["refusal"] for _, body in told if body["outcome"] == "refused"]
    assert {each["reason"] for each in refused} == {"unit_already_claimed"}
    assert all("keep the till's receipt" in each["detail"] for each in refused), "it says what to do"
    assert await grams(client, people.resident) + await grams(client, neighbour) == HALF
    await assert_clean(people.programme)


async def test_the_sale_of_a_scanned_unit_makes_it_whole(
    client: AsyncClient, people: People, labelled: Labelled, code: str
) -> None:
    _, unit = await scan(client, code, people.resident)
    sold = await sell(client, people, code, quantity=2)
    assert sold["receipt"]["matched"] == [], "what its buyer scanned is not the retailer's"
    told = await client.get(f"/v1/me/receipts/{sold['receipt']['receipt_id']}", headers=people.resident)
    assert told.json()["receipt"]["matched"] == [unit["receipt"]["receipt_id"]]
    assert (sold["receipt"]["grams"], await grams(client, people.resident)) == (2 * FULL - HALF, 2 * FULL)
    assert (await sell(client, people, code))["refusal"]["reason"] == "unit_already_claimed", "it was sold once"
    await assert_clean(people.programme)


async def test_a_unit_goes_to_its_buyer_from_whoever_scanned_it(
    client: AsyncClient, people: People, neighbour: dict[str, str], code: str
) -> None:
    _, unit = await scan(client, code, neighbour)
    sold = await sell(client, people, code)
    assert (sold["outcome"], await grams(client, people.resident), await grams(client, neighbour)) == (
        "credited",
        FULL,
        0,
    )
    path = f"/v1/me/receipts/{unit['receipt']['receipt_id']}"
    explained = (await client.get(path, headers=neighbour)).json()
    assert [each["kind"] for each in explained["adjustments"]] == ["superseded"]
    status, again = await scan(client, code, people.resident)
    assert (status, again["receipt"]["receipt_id"]) == (200, sold["receipt"]["receipt_id"])
    assert "superseded" not in str(sold), "the till is not told who had scanned it"
    await assert_clean(people.programme)


async def test_who_scans_a_unit_again_is_told_what_is_left_of_its_receipt(
    client: AsyncClient, people: People, labelled: Labelled, code: str
) -> None:
    sold = await sell(client, people, code, quantity=2)
    for left in [2, 1, 0]:
        status, told = await scan(client, code, people.resident)
        assert (status, told["outcome"], told["receipt"]["replayed"]) == (200, "credited", True)
        assert (told["receipt"]["quantity"], told["units_left"], told["grams_left"]) == (2, left, left * FULL)
        path = f"/v1/me/receipts/{told['receipt']['receipt_id']}"
        explained = (await client.get(path, headers=people.resident)).json()
        assert {name: told[name] for name in LEFT} == {name: explained[name] for name in LEFT}
        bought = {"receipt": sold["till_receipt"], "line": 1}
        came = {"receipt": str(new_id()), "line": 1, "bought": bought, "member_code": None, "quantity": 1}
        body = {"lines": [came | {"code": labelled.gtin, "returned_at": clock.now().isoformat()}]}
        back = (await client.post("/v1/returns", json=body, headers=people.partner)).json()
        assert back["returned"] == min(1, left), back
    await assert_clean(people.programme)


async def test_whose_scanned_unit_was_anothers_is_told_that_nothing_is_left_of_its_receipt(
    client: AsyncClient, people: People, neighbour: dict[str, str], code: str
) -> None:
    _, first = await scan(client, code, neighbour)
    assert [first[name] for name in LEFT] == [1, HALF, first["receipt"]["points"]]
    await sell(client, people, code)
    _, again = await scan(client, code, neighbour)
    assert again["receipt"]["receipt_id"] == first["receipt"]["receipt_id"]
    assert [again[name] for name in LEFT] == [0, 0, 0]


async def test_a_serial_that_was_never_printed_is_refused(client: AsyncClient, people: People, code: str) -> None:
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    status, told = await scan(client, wrong, people.resident)
    assert (status, told["refusal"]["reason"]) == (200, "unit_not_genuine")
    assert "plain code" in told["refusal"]["detail"]
