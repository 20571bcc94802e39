from uuid import uuid4

from httpx import AsyncClient

from core import clock, db
from points.budgets import budgets
from points.programmes.access import Role
from tests.api.conftest import People
from tests.factories.identities import as_staff


async def test_a_budget_is_funded_once_under_its_key_and_lists_what_was_put_in(
    client: AsyncClient, people: People
) -> None:
    address = f"/v1/budgets/{people.programme.base_budget_id}"
    headers = people.staff | {"Idempotency-Key": "2026-17"}
    body = {"points": 500, "reason": "2026/17"}
    first, again = [await client.post(f"{address}/fundings", json=body, headers=headers) for _ in range(2)]
    assert first.status_code == 201, first.text
    assert (first.json(), again.headers["Idempotent-Replayed"]) == (again.json(), "true")
    shown = (await client.get(address, headers=people.staff)).json()
    assert (shown["budget"]["points_left"], shown["budget"]["points_funded"]) == (1_000_000_500, 1_000_000_500)
    assert (shown["waiting_awards"], shown["forecast"]["because"]) == (0, "too_little_history")
    page = (await client.get(f"{address}/fundings", params={"limit": 1}, headers=people.staff)).json()
    assert [(each["points"], each["reason"]) for each in page["fundings"]] == [(500, "2026/17")]
    rest = await client.get(f"{address}/fundings", params={"cursor": page["next_cursor"]}, headers=people.staff)
    assert [each["points"] for each in rest.json()["fundings"]] == [1_000_000_000]


async def test_thresholds_and_alerts_are_for_staff_to_see_and_operators_to_set(
    client: AsyncClient, people: People
) -> None:
    address = f"/v1/budgets/{people.programme.base_budget_id}"
    async with db.transaction() as session:
        auditor = await as_staff(session, people.programme, email="a@example.org", role=Role.AUDITOR)
        await budgets.watch(session, people.programme.programme_id, now=clock.now())
    chosen = await client.put(f"{address}/thresholds", json={"thresholds": [60, 30]}, headers=people.staff)
    assert chosen.json()["thresholds"] == [60, 30]
    refused = await client.put(f"{address}/thresholds", json={"thresholds": [100]}, headers=people.staff)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/thresholds/0")
    listed = await client.get("/v1/budgets/alerts", headers=auditor)
    assert listed.json() == {"alerts": [], "next_cursor": None}
    assert (await client.get("/v1/budgets", headers=auditor)).json()["budgets"][0]["kind"] in {"base", "engagement"}
    for headers in (people.resident, people.partner, auditor):
        assert (await client.post(f"{address}/fundings", json={"points": 1}, headers=headers)).status_code == 403


async def test_a_budget_nobody_has_is_not_found(client: AsyncClient, people: People) -> None:
    for path in ("", "/fundings"):
        found = await client.get(f"/v1/budgets/{uuid4()}{path}", headers=people.staff)
        assert found.status_code == 404
    funded = await client.post(f"/v1/budgets/{uuid4()}/fundings", json={"points": 1}, headers=people.staff)
    assert funded.status_code == 404
