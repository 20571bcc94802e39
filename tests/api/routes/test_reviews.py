"""Held activities over HTTP: operators decide, auditors look, residents see theirs and appeal."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from httpx import AsyncClient

from core import clock, db
from core.ids import new_id
from points.earning.activities import Sale
from points.earning.credits import record
from points.earning.guards import retailer_staff
from points.programmes.access import Role
from points.programmes.guard_terms import Guards, Rule
from tests.api.conftest import People
from tests.factories.identities import as_partner, as_resident, as_staff
from tests.factories.labels import Labelled
from tests.factories.programmes import AT_ONCE, make_programme
from tests.factories.residents import make_residents

GUARDS = Guards(visits_per_minute=0, staff_may_claim=False)


@dataclass(frozen=True)
class Held:
    """A held sale, and those who have to do with it."""

    people: People
    auditor: dict[str, str]


async def claim_of(client: AsyncClient, held: Held, gtin: str) -> dict[str, Any]:
    """Have the resident, as staff of the retailer, claim an anonymous receipt of it; return its code and the result."""
    programme_id = held.people.programme.programme_id
    member = (await client.get("/v1/me", headers=held.people.resident)).json()["member_code"]
    async with db.transaction() as session:
        retailer_id = held.people.organization_id
        await retailer_staff.declare(session, programme_id, retailer_id, [member], actor="t", now=clock.now())
    sold = {"receipt": "anonymous", "line": 1, "member_code": None, "code": gtin, "quantity": 1}
    lines = {"lines": [sold | {"sold_at": clock.now().isoformat()}]}
    told = (await client.post("/v1/sales", json=lines, headers=held.people.partner)).json()["results"][0]
    body = {"claim_code": told["claim_code"]}
    claimed = await client.post("/v1/receipt-claims", json=body, headers=held.people.resident)
    return {**body, **claimed.json()["results"][0]}


async def buyer(held: Held) -> dict[str, str]:
    async with db.transaction() as session:
        [resident_id] = await make_residents(session, held.people.programme, 1)
    return as_resident(held.people.programme, resident_id)


@pytest.fixture
async def held(client: AsyncClient, labelled: Labelled) -> Held:
    return await hold(labelled, GUARDS)


async def hold(labelled: Labelled, guards: Guards) -> Held:
    async with db.transaction() as session:
        programme = await make_programme(session, terms=replace(AT_ONCE, guards=guards))
        [resident_id] = await make_residents(session, programme, 1)
        organization_id, partner = await as_partner(session, programme)
        staff = await as_staff(session, programme, email=f"{new_id().hex}@example.org")
        auditor = await as_staff(session, programme, email=f"{new_id().hex}@example.org", role=Role.AUDITOR)
        line = Sale(organization_id, "r", 1, "m", resident_id, labelled.gtin, 2, clock.now())
        await record(session, programme.programme_id, [line], now=clock.now())
    people = People(programme, resident_id, organization_id, as_resident(programme, resident_id), partner, staff)
    return Held(people, auditor)


async def reviews(client: AsyncClient, headers: dict[str, str], path: str = "/v1/reviews") -> list[dict[str, Any]]:
    response = await client.get(path, headers=headers)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["reviews"]
    return found


async def test_an_operator_accepts_and_the_resident_has_the_receipt(client: AsyncClient, held: Held) -> None:
    [waiting] = await reviews(client, held.people.staff, "/v1/reviews?state=open&rule=visits_per_minute")
    path = f"/v1/reviews/{waiting['review_id']}"
    shown = (await client.get(path, headers=held.people.staff)).json()
    assert shown["facts"] == {"count": 1, "most": 0}
    assert (shown["evidence"]["receipt"], shown["evidence"]["quantity"]) == ("r", 2)
    assert [step["kind"] for step in shown["steps"]] == ["held"]
    body = {"decision": "accept", "note": "Receipt seen."}
    made = await client.post(f"{path}/decisions", json=body, headers=held.people.staff)
    assert made.status_code == 201, made.text
    assert made.json()["receipt"]["grams"] == 2000
    receipt_id = made.json()["receipt_id"]
    assert receipt_id == made.json()["receipt"]["receipt_id"] != waiting["review_id"]
    receipt = await client.get(f"/v1/me/receipts/{receipt_id}", headers=held.people.resident)
    assert receipt.status_code == 200, receipt.text
    again = await client.post(f"{path}/decisions", json=body | {"decision": "refuse"}, headers=held.people.staff)
    assert (again.status_code, "accepted before" in again.json()["detail"]) == (409, True)
    [mine] = await reviews(client, held.people.resident, "/v1/me/reviews")
    [told] = await reviews(client, held.people.staff)
    assert [waiting["receipt_id"], mine["receipt_id"], told["receipt_id"]] == [None, receipt_id, receipt_id]
    assert (mine["state"], mine["note"], mine["todo_en"]) == (
        "accepted",
        "Receipt seen.",
        "It was credited; see its receipt.",
    )


async def test_a_resident_reads_the_rule_and_appeals(client: AsyncClient, labelled: Labelled) -> None:
    held = await hold(labelled, Guards(visits_per_minute=0, refusing=(Rule.VISITS_PER_MINUTE,)))
    [mine] = await reviews(client, held.people.resident, "/v1/me/reviews")
    assert (mine["state"], mine["rule"]) == ("refused", "visits_per_minute")
    assert "appeal" in mine["todo_en"]
    assert "申诉" in mine["todo_zh"]
    path = f"/v1/me/reviews/{mine['review_id']}/appeals"
    made = await client.post(path, json={"note": "It was me."}, headers=held.people.resident)
    assert (made.status_code, made.json()["appealed_at"] is not None) == (201, True), made.text
    [appealed] = await reviews(client, held.people.staff, "/v1/reviews?appealed=true")
    reopen = f"/v1/reviews/{appealed['review_id']}/reopenings"
    reopened = await client.post(reopen, json={"note": "Look again."}, headers=held.people.staff)
    assert (reopened.status_code, reopened.json()["state"]) == (201, "open"), reopened.text
    body = {"review_ids": [appealed["review_id"], str(new_id())], "decision": "accept", "note": "Yes."}
    decided = await client.post("/v1/reviews/decisions", json=body, headers=held.people.staff)
    assert [each["state"] for each in decided.json()["outcomes"]] == ["accepted", None]


@pytest.mark.parametrize("refusing", [(), (Rule.VISITS_PER_HOUR,)])
async def test_who_is_stopped_is_told_what_was_found_and_not_the_threshold_which_staff_read(
    client: AsyncClient, labelled: Labelled, refusing: tuple[Rule, ...]
) -> None:
    held = await hold(labelled, Guards(visits_per_hour=1, refusing=refusing))
    for _ in range(2):
        scanned = await client.post("/v1/scans", json={"code": labelled.gtin}, headers=held.people.resident)
    told = scanned.json()["held"] or scanned.json()["refusal"]
    assert "Unusually many purchases or scans within an hour. " in told["detail"]
    assert "no more than" not in told["detail"]
    [stopped, *_] = await reviews(client, held.people.staff)
    assert "expects no more than 1." in stopped["detail"]


async def test_who_is_refused_after_a_review_is_told_by_a_notice_each_time_and_appeals_at_the_review(
    client: AsyncClient, held: Held
) -> None:
    [waiting] = await reviews(client, held.people.staff)
    path, notices = f"/v1/reviews/{waiting['review_id']}", "/v1/me/notices"
    for note in ("No receipt was shown.", "The receipt was another's."):
        body = {"review_ids": [waiting["review_id"], str(new_id())], "decision": "refuse", "note": note}
        for _ in range(2):  # decided before, it is not told again
            await client.post("/v1/reviews/decisions", json=body, headers=held.people.staff)
        told = (await client.get(notices, headers=held.people.resident)).json()
        [notice] = told["notices"]
        assert (told["unread"], notice["kind"], notice["about_id"]) == (1, "review", waiting["review_id"])
        assert (notice["reason_zh"], notice["reason_en"], notice["appealable"]) == (note, note, False)
        assert "appeal against that review" in notice["todo_en"]
        await client.post(f"{notices}/{notice['notice_id']}/readings", headers=held.people.resident)
        reopened = await client.post(f"{path}/reopenings", json={"note": "Again."}, headers=held.people.staff)
        assert reopened.status_code == 201, reopened.text
    wrong = await client.post(
        f"{notices}/{notice['notice_id']}/appeals", json={"note": "Mine."}, headers=held.people.resident
    )
    assert wrong.status_code == 409
    assert f"/v1/me/reviews/{waiting['review_id']}/appeals" in wrong.json()["detail"]


async def test_auditors_read_and_only_operators_decide(client: AsyncClient, held: Held, people: People) -> None:
    [waiting] = await reviews(client, held.auditor)
    path = f"/v1/reviews/{waiting['review_id']}"
    assert (await client.get(path, headers=held.auditor)).status_code == 200
    body = {"decision": "accept", "note": "x"}
    for headers, status in ((held.auditor, 403), (held.people.resident, 403), (people.staff, 404)):
        assert (await client.post(f"{path}/decisions", json=body, headers=headers)).status_code == status
    assert await reviews(client, people.staff) == [], "of another programme"
    assert await reviews(client, people.resident, "/v1/me/reviews") == []


async def test_a_held_line_is_told_to_the_retailer(client: AsyncClient, held: Held, labelled: Labelled) -> None:
    me = (await client.get("/v1/me", headers=held.people.resident)).json()
    line = {
        "receipt": "r2",
        "line": 1,
        "member_code": me["member_code"],
        "code": labelled.gtin,
        "quantity": 1,
        "sold_at": clock.now().isoformat(),
    }
    response = await client.post("/v1/sales", json={"lines": [line]}, headers=held.people.partner)
    assert response.status_code == 200, response.text
    [result] = response.json()["results"]
    assert (result["outcome"], result["held"]["rule"]) == ("held", "held_for_review")


async def test_a_refused_claim_releases_its_receipt_and_the_outcome_says_so(
    client: AsyncClient, labelled: Labelled
) -> None:
    held = await hold(labelled, Guards(staff_may_claim=False, refusing=()))
    claimed = await claim_of(client, held, labelled.gtin)
    assert claimed["outcome"] == "held"
    review_id = claimed["held"]["review_id"]
    path, body = f"/v1/reviews/{review_id}/decisions", {"decision": "refuse", "note": "It is not yours."}
    made = await client.post(path, json=body, headers=held.people.staff)
    assert (made.status_code, made.json()["state"], made.json()["receipt_released"]) == (201, "refused", True)
    code = {"claim_code": claimed["claim_code"]}
    again = await client.post("/v1/receipt-claims", json=code, headers=held.people.resident)
    assert again.json()["results"][0]["refusal"]["reason"] == "refused_by_guard"
    taken = await client.post("/v1/receipt-claims", json=code, headers=await buyer(held))
    assert (taken.status_code, taken.json()["credited"]) == (200, 1), taken.text


async def test_a_review_of_a_receipt_that_its_buyer_has_claimed_is_not_opened_again(
    client: AsyncClient, labelled: Labelled
) -> None:
    held = await hold(labelled, Guards(staff_may_claim=False))
    claimed = await claim_of(client, held, labelled.gtin)
    assert (claimed["outcome"], claimed["refusal"]["reason"]) == ("refused", "refused_by_guard")
    [review] = await reviews(client, held.people.staff, "/v1/reviews?state=refused&rule=staff_claim")
    reopening = f"/v1/reviews/{review['review_id']}/reopenings"
    opened = await client.post(reopening, json={"note": "Look again."}, headers=held.people.staff)
    assert (opened.status_code, opened.json()["state"]) == (201, "open"), opened.text
    code = {"claim_code": claimed["claim_code"]}
    true_buyer = await buyer(held)
    early = await client.post("/v1/receipt-claims", json=code, headers=true_buyer)
    assert (early.status_code, "being reviewed" in early.json()["detail"]) == (409, True)
    body = {"review_ids": [review["review_id"]], "decision": "refuse", "note": "No."}
    decided = await client.post("/v1/reviews/decisions", json=body, headers=held.people.staff)
    assert [each["receipt_released"] for each in decided.json()["outcomes"]] == [True]
    taken = await client.post("/v1/receipt-claims", json=code, headers=true_buyer)
    assert (taken.status_code, taken.json()["credited"]) == (200, 1), taken.text
    conflict = await client.post(reopening, json={"note": "Look again."}, headers=held.people.staff)
    assert (conflict.status_code, "another's by now" in conflict.json()["detail"]) == (409, True), conflict.text
