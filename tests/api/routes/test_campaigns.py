from typing import Any

import pytest
from httpx import AsyncClient

from core import db
from core.ids import new_id
from points.programmes.access import Role
from tests.api.conftest import People
from tests.factories.identities import as_staff

NEW: dict[str, Any] = {
    "name_zh": "低碳饮茶周",
    "name_en": "Low-carbon tea week",
    "starts_at": "2098-01-01T00:00:00+08:00",
    "ends_at": "2099-01-01T00:00:00+08:00",
    "rule": {"type": "bonus", "points": 5, "conditions": {"gtins": ["9521234543213"], "evidence": ["sale"]}},
    "funded_points": 500,
}


async def test_an_opened_campaign_is_found_at_its_address_as_it_was_told(client: AsyncClient, people: People) -> None:
    made = await client.post("/v1/campaigns", json=NEW, headers=people.staff)
    assert made.status_code == 201, made.text
    body = made.json()
    assert body["rule"] == {
        "type": "bonus",
        "points": 5,
        "conditions": {"category_id": None, "gtins": ["09521234543213"], "evidence": ["sale"], "minimum_grams": 1},
    }
    assert body["points_left"] == 500
    shown = await client.get(made.headers["Location"], headers=people.staff)
    assert shown.json() == body


async def test_sent_again_under_its_key_it_is_opened_and_funded_once(client: AsyncClient, people: People) -> None:
    headers = people.staff | {"Idempotency-Key": "week"}
    first, again = [await client.post("/v1/campaigns", json=NEW, headers=headers) for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await client.post("/v1/campaigns", json=NEW | {"funded_points": 501}, headers=headers)
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ends_at": NEW["starts_at"]}, "#/ends_at"),
        ({"ends_at": "2026-01-02T00:00:00Z"}, "#/ends_at"),
        ({"starts_at": "2026-01-01T00:00:00"}, "#/starts_at"),
        ({"starts_at": "2026-01-01T00:00:00Z"}, "#/starts_at"),
        ({"funded_points": 0}, "#/funded_points"),
        ({"funded_points": True}, "#/funded_points"),
        ({"rule": {"type": "bonus", "points": "5"}}, "#/rule/points"),
        ({"rule": {"type": "multiply", "multiplier_bp": 10_000}}, "#/rule/multiplier_bp"),
        ({"rule": {"type": "bonus", "points": 5, "conditions": {"category_id": "no-such"}}}, "#/rule"),
        ({"rule": {"type": "lottery"}}, "#/rule"),
        ({"name_zh": "\u0000"}, "#/name_zh"),
        ({"budget_id": str(new_id())}, "#/budget_id"),
    ],
)
async def test_what_can_not_be_is_refused_by_field(
    client: AsyncClient, people: People, change: dict[str, Any], pointer: str
) -> None:
    response = await client.post("/v1/campaigns", json=NEW | change, headers=people.staff)
    assert response.status_code == 422, response.text
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


async def test_a_number_that_is_no_product_is_refused(client: AsyncClient, people: People) -> None:
    rule = {"type": "bonus", "points": 5, "conditions": {"gtins": ["9521234543210"]}}
    response = await client.post("/v1/campaigns", json=NEW | {"rule": rule}, headers=people.staff)
    assert (response.status_code, response.json()["type"]) == (422, "/problems/invalid-code")


async def test_auditors_look_and_only_operators_spend(client: AsyncClient, people: People) -> None:
    async with db.transaction() as session:
        email = f"{new_id().hex}@example.org"
        auditor = await as_staff(session, people.programme, email=email, role=Role.AUDITOR)
    made = await client.post("/v1/campaigns", json=NEW, headers=people.staff)
    assert (await client.get(made.headers["Location"], headers=auditor)).status_code == 200
    assert (await client.post("/v1/campaigns", json=NEW, headers=auditor)).status_code == 403
    assert (await client.post("/v1/campaigns", json=NEW, headers=people.resident)).status_code == 403
    assert (await client.post("/v1/campaigns", json=NEW)).status_code == 401


async def test_what_is_not_there_is_not_found(client: AsyncClient, people: People) -> None:
    assert (await client.get(f"/v1/campaigns/{new_id()}", headers=people.staff)).status_code == 404
    assert (await client.get("/v1/campaigns/x", headers=people.staff)).status_code == 422
