"""Taking credits back over HTTP: a draft, a preview, an order, and what residents are told and say."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response

from core import clock, db
from core.ids import new_id
from points.earning.activities import Receipt, Sale
from points.earning.clawbacks import chunks
from points.earning.credits import record
from points.programmes.access import Role
from tests.api.conftest import People
from tests.factories.clawbacks import spend, worked
from tests.factories.credits import assert_clean
from tests.factories.identities import as_staff
from tests.factories.labels import Labelled
from tests.factories.programmes import make_programme
from workers.tasks import clawbacks as tasks

WHY = {"reason_zh": "上报有误。", "reason_en": "Reported wrongly."}


async def bought(people: People, product: Labelled, receipt: str = "r") -> Receipt:
    line = Sale(people.organization_id, receipt, 1, "m", people.resident_id, product.gtin, 2, clock.now())
    async with db.transaction() as session:
        [found] = await record(session, people.programme.programme_id, [line], now=clock.now())
    assert isinstance(found, Receipt), found
    return found


def scope(people: People) -> dict[str, Any]:
    now = clock.now()
    return {
        "cause": "retailer",
        "retailer_id": str(people.organization_id),
        "from_at": (now - timedelta(days=1)).isoformat(),
        "until_at": (now + timedelta(days=1)).isoformat(),
    }


async def post(client: AsyncClient, people: People, path: str, body: dict[str, Any] | None = None) -> Response:
    return await client.post(f"/v1/{path}", json=body, headers=people.staff)


async def made(client: AsyncClient, people: People, **other: Any) -> str:  # noqa: ANN401 - any JSON
    response = await post(client, people, "clawbacks", WHY | {"scope": scope(people)} | other)
    assert response.status_code == 201, response.text
    identifier: str = response.json()["clawback_id"]
    return identifier


async def previewed(client: AsyncClient, people: People) -> str:
    order_id = await made(client, people)
    begun = await post(client, people, f"clawbacks/{order_id}/previews")
    assert (begun.status_code, begun.json()["state"]) == (202, "previewing"), begun.text
    await work(people, order_id)
    return order_id


async def work(people: People, order_id: str) -> None:
    await worked(people.programme, UUID(order_id), now=clock.now())


async def shown(client: AsyncClient, headers: dict[str, str], path: str) -> dict[str, Any]:
    response = await client.get(f"/v1/{path}", headers=headers)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_from_the_draft_to_the_notice_the_appeal_and_the_forgiven_debt(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    receipt = await bought(people, labelled)
    await spend(people.programme, people.resident_id, 15)
    order_id = await previewed(client, people)
    before = await shown(client, people.staff, f"clawbacks/{order_id}")
    assert (before["state"], before["previewed"]["points"], before["previewed"]["owed"]) == ("previewed", 20, 15)
    assert before["taken"]["points"] == 0
    placed = await post(client, people, f"clawbacks/{order_id}/placements")
    assert (placed.status_code, placed.json()["state"]) == (202, "ordered"), placed.text
    await work(people, order_id)
    after = await shown(client, people.staff, f"clawbacks/{order_id}")
    assert (after["state"], after["taken"], after["done"]) == ("done", before["previewed"], 1)
    [activity] = (await shown(client, people.staff, f"clawbacks/{order_id}/activities"))["activities"]
    assert (activity["activity_id"], activity["points"], activity["taken_points"]) == (str(receipt.activity_id), 20, 20)
    explained = await shown(client, people.resident, f"me/receipts/{receipt.activity_id}")
    [adjustment] = explained["adjustments"]
    assert (adjustment["order_id"], adjustment["adjustment_id"]) == (order_id, activity["adjustment_id"])
    assert adjustment["reason"] == "上报有误。 / Reported wrongly."
    told = await shown(client, people.resident, "me/notices")
    [notice] = told["notices"]
    assert (notice["about_id"], notice["points"], notice["owed_points"], told["unread"]) == (order_id, 20, 15, 1)
    assert "15 积分已使用" in notice["text_zh"]
    assert "appeal" in notice["todo_en"]
    path = f"/v1/me/notices/{notice['notice_id']}"
    read = await client.post(f"{path}/readings", headers=people.resident)
    assert (read.status_code, read.json()) == (200, {"unread": 0}), read.text
    appeal = await client.post(f"{path}/appeals", json={"note": "They were mine."}, headers=people.resident)
    assert appeal.status_code == 201, appeal.text
    again = await client.post(f"{path}/appeals", json={"note": "Really."}, headers=people.resident)
    assert again.status_code == 409
    [appealed] = (await shown(client, people.staff, f"clawbacks/{order_id}/appeals"))["appeals"]
    assert (appealed["appeal"], appealed["owed"]) == ("They were mine.", 15)
    debts = f"residents/{people.resident_id}/forgivenesses"
    assert (await shown(client, people.staff, debts))["owed_points"] == 15
    too_many = await post(client, people, debts, WHY | {"points": 16})
    assert (too_many.status_code, "owes 15 points" in too_many.json()["detail"]) == (409, True)
    forgiven = await post(client, people, debts, WHY)
    assert (forgiven.status_code, forgiven.json()["points"]) == (201, 15), forgiven.text
    left = await shown(client, people.staff, debts)
    assert (left["owed_points"], [each["points"] for each in left["forgivenesses"]]) == (0, [15])
    newest = (await shown(client, people.resident, "me/notices?limit=1"))["notices"]
    assert [each["kind"] for each in newest] == ["forgiveness"]
    await assert_clean(people.programme)


async def test_what_came_in_since_the_preview_is_a_conflict(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    await bought(people, labelled)
    order_id = await previewed(client, people)
    await bought(people, labelled, "later")
    refused = await post(client, people, f"clawbacks/{order_id}/placements")
    assert (refused.status_code, "preview it again" in refused.json()["detail"]) == (409, True), refused.text


async def test_a_draft_that_is_ordered_is_told_to_be_previewed_first(client: AsyncClient, people: People) -> None:
    order_id = await made(client, people)
    refused = await post(client, people, f"clawbacks/{order_id}/placements")
    assert (refused.status_code, "Preview it first." in refused.json()["detail"]) == (409, True), refused.text


async def test_staff_read_and_only_operators_order(client: AsyncClient, people: People, labelled: Labelled) -> None:
    await bought(people, labelled)
    order_id = await previewed(client, people)
    async with db.transaction() as session:
        auditor = await as_staff(session, people.programme, email=f"{new_id().hex}@example.org", role=Role.AUDITOR)
    [listed] = (await shown(client, auditor, "clawbacks"))["clawbacks"]
    assert listed["clawback_id"] == order_id
    [resident] = (await shown(client, auditor, f"clawbacks/{order_id}/residents"))["residents"]
    assert (resident["resident_id"], resident["points"]) == (str(people.resident_id), 20)
    assert (await shown(client, auditor, f"clawbacks/{order_id}/residents?of=run"))["residents"] == []
    for headers in (auditor, people.resident, people.partner):
        for path in ("previews", "placements", "cancellations"):
            response = await client.post(f"/v1/clawbacks/{order_id}/{path}", json={"note": "x"}, headers=headers)
            assert response.status_code == 403
    stopped = await post(client, people, f"clawbacks/{order_id}/cancellations", {"note": "Wrong shop."})
    assert (stopped.status_code, stopped.json()["state"], stopped.json()["note"]) == (201, "cancelled", "Wrong shop.")


@pytest.mark.parametrize(
    ("scope_", "pointer"),
    [
        ({"cause": "certificate", "certificate_number": "none", "from_day": "2026-01-01"}, "certificate_number"),
        ({"cause": "fraud"}, "resident_ids"),
        ({"cause": "fraud", "activity_ids": [str(new_id())]}, "activity_ids"),
        ({"cause": "fraud", "activity_ids": [str(new_id()), "none"]}, "activity_ids/1"),
        ({"cause": "certificate", "certificate_number": "none"}, "from_day"),
        ({"cause": "figures", "shop": "figures"}, "shop"),
        ({"cause": "figures"}, "footprints"),
        ({"cause": "figures", "baselines": [{"wrong_id": str(new_id())}]}, "baselines"),
    ],
)
async def test_what_is_named_has_to_be_there(
    client: AsyncClient, people: People, scope_: dict[str, Any], pointer: str
) -> None:
    refused = await post(client, people, "clawbacks", WHY | {"scope": scope_})
    assert refused.status_code == 422, refused.text
    assert [each["pointer"] for each in refused.json()["errors"]] == [f"#/scope/{pointer}"]


async def test_another_programme_has_none_of_it(client: AsyncClient, people: People) -> None:
    order_id = await made(client, people)
    async with db.transaction() as session:
        stranger = await as_staff(session, await make_programme(session), email=f"{new_id().hex}@example.org")
    for path in ("", "/residents", "/activities", "/appeals"):
        assert (await client.get(f"/v1/clawbacks/{order_id}{path}", headers=stranger)).status_code == 404


async def test_what_an_appeal_was_right_about_is_given_back_and_a_grown_notice_appealed_again(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    receipt = await bought(people, labelled)
    order_id = await previewed(client, people)
    assert (await post(client, people, f"clawbacks/{order_id}/placements")).status_code == 202
    await work(people, order_id)
    [notice] = (await shown(client, people.resident, "me/notices"))["notices"]
    assert notice["appealable"]
    path = f"/v1/me/notices/{notice['notice_id']}/appeals"
    appeal = await client.post(path, json={"note": "They were mine."}, headers=people.resident)
    assert (appeal.status_code, appeal.json()["appealable"]) == (201, False), appeal.text
    back, body = f"clawbacks/{order_id}/reinstatements", WHY | {"resident_id": str(people.resident_id)}
    wrong = await post(client, people, back, body | {"activity_ids": [str(new_id())]})
    assert (wrong.status_code, "took nothing" in wrong.json()["detail"]) == (404, True), wrong.text
    given = await post(client, people, back, body | {"activity_ids": [str(receipt.activity_id)]})
    assert (given.status_code, given.json()["points"], given.json()["paid"]) == (201, 20, 20), given.text
    again = await post(client, people, back, body)
    assert (again.status_code, "given back before" in again.json()["detail"]) == (409, True), again.text
    [listed] = (await shown(client, people.staff, back))["reinstatements"]
    assert listed == given.json()
    explained = await shown(client, people.resident, f"me/receipts/{receipt.activity_id}")
    assert [each["kind"] for each in explained["adjustments"]] == ["clawback", "reopened"]
    assert explained["adjustments"][1]["order_id"] == listed["reinstatement_id"]
    assert (explained["points_left"], explained["units_left"]) == (20, 2)
    [newest] = (await shown(client, people.resident, "me/notices?limit=1"))["notices"]
    assert (newest["kind"], newest["points"], newest["appealable"]) == ("reinstatement", 20, False)
    lines = (await shown(client, people.resident, "me/statement"))["entries"]
    assert lines[0]["kind"] == "reinstatement"
    await assert_clean(people.programme)


async def test_staff_who_only_read_give_nothing_back(client: AsyncClient, people: People, labelled: Labelled) -> None:
    await bought(people, labelled)
    order_id = await previewed(client, people)
    async with db.transaction() as session:
        auditor = await as_staff(session, people.programme, email=f"{new_id().hex}@example.org", role=Role.AUDITOR)
    body = WHY | {"resident_id": str(people.resident_id)}
    response = await client.post(f"/v1/clawbacks/{order_id}/reinstatements", json=body, headers=auditor)
    assert response.status_code == 403


async def test_an_order_that_is_stuck_says_why_and_is_resumed(
    client: AsyncClient, people: People, labelled: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bought(people, labelled)
    order_id = await previewed(client, people)
    assert (await post(client, people, f"clawbacks/{order_id}/placements")).status_code == 202
    with monkeypatch.context() as patched:
        patched.setattr(chunks, "adjust", None)
        while await tasks._one(people.programme.programme_id, UUID(order_id)):
            pass
    stuck = await shown(client, people.staff, f"clawbacks/{order_id}")
    assert (stuck["state"], stuck["done"], stuck["stuck_since"]) == ("running", 0, stuck["stuck"]["since"])
    told = stuck["stuck"]
    assert (told["residents"], told["attempts"]) == ([str(people.resident_id)], 1)
    assert (told["problem"], told["next_at"] > told["tried_at"]) == ("It failed (TypeError).", True)
    assert "tried again by itself" in told["todo_en"]
    resumed = await post(client, people, f"clawbacks/{order_id}/resumptions")
    assert (resumed.status_code, resumed.json()["state"]) == (202, "running"), resumed.text
    await work(people, order_id)
    ended = await shown(client, people.staff, f"clawbacks/{order_id}")
    assert (ended["state"], ended["stuck"], ended["stuck_since"], ended["done"]) == ("done", None, None, 1)
    again = await post(client, people, f"clawbacks/{order_id}/resumptions")
    assert (again.status_code, "nothing to try again" in again.json()["detail"]) == (409, True)
    await assert_clean(people.programme)
