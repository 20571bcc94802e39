"""The published choice of pilot industries, and who may put judgements into it."""

from typing import Any

from httpx import AsyncClient

from core import clock, db
from labels.factors import register_baselines
from labels.medians import BaselineDraft
from tests.api.conftest import People
from tests.factories.labels import SINCE, Labelled


async def listed(client: AsyncClient, category_id: str) -> dict[str, Any] | None:
    response = await client.get("/v1/pilot-industries")
    assert response.status_code == 200, response.text
    industries: list[dict[str, Any]] = response.json()["industries"]
    return next((each for each in industries if each["category_id"] == category_id), None)


async def judge(client: AsyncClient, people: People, category_id: str, criterion: str, score: int) -> int:
    body = {"criterion": criterion, "score": score, "reason": "Asked makers.", "source": "survey"}
    response = await client.post(f"/v1/pilot-industries/{category_id}/judgements", json=body, headers=people.staff)
    return response.status_code


async def test_the_whole_rule_is_published(client: AsyncClient, database: str) -> None:
    choice = (await client.get("/v1/pilot-industries")).json()
    assert sum(each["weight_percent"] for each in choice["criteria"]) == 100
    assert [each["criterion"] for each in choice["criteria"] if each["judged"]] == [
        "export_demand",
        "process_difficulty",
    ]
    assert all(each["rule"] for each in choice["criteria"])


async def add_spread(category_id: str) -> None:
    """Give a category a baseline whose best quarter lies 20 % below the median."""
    same = ("kg", "cradle_to_gate", "ISO 14067", "CN")
    draft = BaselineDraft(category_id, category_id, 5_000_000, *same, 9, 4_000_000, 5_500_000, "test", "1", "CC0")
    async with db.transaction() as session:
        await register_baselines(session, [draft], valid_from=SINCE, now=clock.now())


async def test_a_category_is_ranked_once_nothing_is_missing(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    before = await listed(client, labelled.category_id)
    assert before is not None
    assert before["missing"] == ["export_demand", "process_difficulty"]
    assert (before["rank"], before["sensitivity"]) == (None, None)
    await add_spread(labelled.category_id)
    assert await judge(client, people, labelled.category_id, "export_demand", 10) == 201
    assert await judge(client, people, labelled.category_id, "export_demand", 80) == 201
    assert await judge(client, people, labelled.category_id, "process_difficulty", 50) == 201
    after = await listed(client, labelled.category_id)
    assert after is not None
    assert after["missing"] == []
    assert [each["score"] for each in after["scores"]] == [80, 40, 50, 40 + 10 + 20]
    assert after["total_bp"] == 80 * 30 + 40 * 30 + 50 * 20 + 70 * 20
    assert [each["score"] for each in after["judgements"]] == [80, 50]
    assert after["sensitivity"]["best_rank"] <= after["rank"] <= after["sensitivity"]["worst_rank"]


async def test_what_the_registry_tells_is_not_judged(client: AsyncClient, people: People, labelled: Labelled) -> None:
    assert await judge(client, people, labelled.category_id, "measurability", 70) == 422
    assert await judge(client, people, "nobody.knows", "export_demand", 70) == 404
    assert await judge(client, people, labelled.category_id, "export_demand", 101) == 422


async def test_only_those_who_run_a_programme_judge(client: AsyncClient, people: People, labelled: Labelled) -> None:
    body = {"criterion": "export_demand", "score": 1, "reason": "x"}
    for who, status in ((people.partner, 403), (people.resident, 403), ({}, 401)):
        path = f"/v1/pilot-industries/{labelled.category_id}/judgements"
        assert (await client.post(path, json=body, headers=who)).status_code == status
