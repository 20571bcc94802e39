"""Footprints that can hardly be what they say wait for a person, who decides once."""

from typing import Any
from uuid import UUID

from httpx import AsyncClient

from core import clock, db
from core.ids import new_id
from labels.catalogue import NewCategory, NewFootprint, NewProduct, register_categories, register_footprints
from labels.products import register_products
from labels.queries import facts_by_ids
from labels.registrations import Registered
from points.programmes.access import Role
from tests.api.conftest import People
from tests.factories.identities import as_staff
from tests.factories.labels import SINCE, fresh_gtin


async def make_suspect(milligrams: int = 24_000_000) -> tuple[str, str]:
    """Register a litre of beer at 24 kg CO2e; return its category and footprint."""
    category_id, gtin = f"test.{new_id().hex}", fresh_gtin()
    async with db.transaction() as session:
        await register_categories(session, [NewCategory(category_id, "啤酒", "Beer", "L", None, 160_000, 4_100_000)])
        await register_products(session, [NewProduct(gtin, "啤酒", category_id=category_id)], now=clock.now())
        row = NewFootprint(gtin, milligrams, "L", "cradle_to_grave", "ISO 14067", "CN", SINCE, source="maker")
        (result,) = await register_footprints(session, [row], now=clock.now())
    assert isinstance(result, Registered)
    assert result.status == "quarantined"
    return category_id, str(result.id)


async def queue(client: AsyncClient, people: People, category_id: str) -> list[dict[str, Any]]:
    response = await client.get("/v1/quarantine", params={"category_id": category_id}, headers=people.staff)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["footprints"]
    return found


async def test_the_queue_says_what_looks_wrong(client: AsyncClient, people: People) -> None:
    category_id, footprint_id = await make_suspect()
    (waiting,) = await queue(client, people, category_id)
    assert (waiting["footprint_id"], waiting["milligrams_per_unit"]) == (footprint_id, 24_000_000)
    assert [each["suspicion"] for each in waiting["findings"]] == ["above_range"]
    category_id, _ = await make_suspect(1_120_000_000)
    (waiting,) = await queue(client, people, category_id)
    assert waiting["findings"][-1]["suggested_mg"] == 1_120_000


async def test_a_decision_is_made_once_and_takes_it_off_the_queue(client: AsyncClient, people: People) -> None:
    category_id, footprint_id = await make_suspect()
    path, body = f"/v1/quarantine/{footprint_id}/decisions", {"decision": "rejected", "reason": "The maker confirms."}
    made = await client.post(path, json=body, headers=people.staff)
    assert made.status_code == 201, made.text
    assert made.json()["decision"] == "rejected"
    assert await queue(client, people, category_id) == []
    again = await client.post(path, json=body | {"decision": "accepted"}, headers=people.staff)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/conflict")
    assert "rejected" in again.json()["detail"]


async def test_an_accepted_footprint_counts_and_a_rejected_one_does_not(client: AsyncClient, people: People) -> None:
    shown = {}
    for decision in ("accepted", "rejected"):
        _, footprint_id = await make_suspect()
        body = {"decision": decision, "reason": "Looked at."}
        await client.post(f"/v1/quarantine/{footprint_id}/decisions", json=body, headers=people.staff)
        async with db.transaction() as session:
            facts = await facts_by_ids(session, [UUID(footprint_id)], [], [])
        (fact,) = facts.footprints.values()
        shown[decision] = fact.quarantined
    assert shown == {"accepted": False, "rejected": True}


async def test_only_those_who_run_a_programme_decide(client: AsyncClient, people: People) -> None:
    _, footprint_id = await make_suspect()
    async with db.transaction() as session:
        auditor = await as_staff(session, people.programme, email=f"{new_id().hex}@example.org", role=Role.AUDITOR)
    path, body = f"/v1/quarantine/{footprint_id}/decisions", {"decision": "accepted", "reason": "x"}
    assert (await client.get("/v1/quarantine", headers=auditor)).status_code == 200
    for who, status in ((auditor, 403), (people.partner, 403), (people.resident, 403), ({}, 401)):
        assert (await client.post(path, json=body, headers=who)).status_code == status


async def test_a_footprint_nobody_registered_is_not_found(client: AsyncClient, people: People) -> None:
    body = {"decision": "accepted", "reason": "x"}
    response = await client.post(f"/v1/quarantine/{new_id()}/decisions", json=body, headers=people.staff)
    assert response.status_code == 404
