"""Factors and baselines as anybody may look them up."""

from typing import Any

import pytest
from httpx import AsyncClient

from core import clock, db
from labels.seed.library import register_library

FOOTPRINT = "electricity_carbon_footprint_factor"
CO2 = "electricity_co2_emission_factor"


@pytest.fixture(autouse=True)
async def _library(database: str) -> None:
    async with db.transaction() as session:
        await register_library(session, now=clock.now())


async def get(client: AsyncClient, path: str, **query: str | int | None) -> dict[str, Any]:
    response = await client.get(path, params={name: value for name, value in query.items() if value is not None})
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    return page


async def test_a_province_is_answered_with_its_own_figure_or_the_nations(client: AsyncClient) -> None:
    own = await get(client, "/v1/factors/applicable", metric=CO2, region="CN-ZJ", on="2026-05-01")
    wider = await get(client, "/v1/factors/applicable", metric=FOOTPRINT, region="CN-ZJ", on="2026-05-01")
    assert (own["factor"]["region"], own["factor"]["year"], own["fell_back"]) == ("CN-ZJ", 2023, False)
    assert (wider["factor"]["region"], wider["factor"]["year"], wider["fell_back"]) == ("CN", 2024, True)
    assert (own["factor"]["unit"], wider["factor"]["unit"]) == ("kgCO2/kWh", "kgCO2e/kWh")


async def test_where_no_factor_holds_the_answer_says_where_it_looked(client: AsyncClient) -> None:
    query = {"metric": FOOTPRINT, "region": "CN-ZJ", "on": "2024-01-01"}
    response = await client.get("/v1/factors/applicable", params=query)
    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")
    assert "CN-ZJ, CN-EAST-GRID, CN" in response.json()["detail"]


@pytest.mark.parametrize("query", [{"metric": "electricity", "region": "CN"}, {"metric": CO2, "region": "here"}, {}])
async def test_a_metric_or_region_that_is_none_is_refused(client: AsyncClient, query: dict[str, str]) -> None:
    assert (await client.get("/v1/factors/applicable", params=query)).status_code == 422


async def test_factors_are_listed_page_by_page_without_gaps(client: AsyncClient) -> None:
    whole = await get(client, "/v1/factors", metric=FOOTPRINT, limit=200)
    seen: list[str] = []
    cursor = None
    while True:
        page = await get(client, "/v1/factors", metric=FOOTPRINT, limit=5, cursor=cursor)
        seen += [each["factor_id"] for each in page["factors"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [each["factor_id"] for each in whole["factors"]]
    assert len(seen) == len(set(seen)) >= 21
    assert {each["metric"] for each in whole["factors"]} == {FOOTPRINT}


async def test_factors_are_found_by_year_subject_and_words(client: AsyncClient) -> None:
    coal = await get(client, "/v1/factors", subject="generation.coal", year=2024)
    assert [each["nanograms_per_unit"] for each in coal["factors"]] == [924_000_000_000]
    wind = await get(client, "/v1/factors", q="风力")
    assert {each["subject"] for each in wind["factors"]} == {"generation.wind"}
    assert (await get(client, "/v1/factors", q="100%_\\"))["factors"] == []


async def test_a_factor_is_shown_and_not_sent_twice(client: AsyncClient) -> None:
    (first,) = (await get(client, "/v1/factors", subject="generation.coal", year=2024))["factors"]
    response = await client.get(f"/v1/factors/{first['factor_id']}")
    assert response.json() == first
    again = await client.get(response.url, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_baselines_are_found_by_category_boundary_and_words(client: AsyncClient) -> None:
    rice = await get(client, "/v1/baselines", category_id="food.grains.rice")
    assert {each["boundary"] for each in rice["baselines"]} == {
        "cradle_to_consumer",
        "cradle_to_gate",
        "cradle_to_shelf",
    }
    gate = await get(client, "/v1/baselines", category_id="food.grains.rice", boundary="cradle_to_gate")
    assert [each["sample_size"] for each in gate["baselines"]] == [4]
    tea = await get(client, "/v1/baselines", q="绿茶", model="conventional_product")
    assert [(each["region"], each["thresholds"]) for each in tea["baselines"]] == [("CN-ZJ", [])]


async def test_a_baseline_tells_its_grades_and_its_source(client: AsyncClient) -> None:
    (beef,) = (await get(client, "/v1/baselines", category_id="food.meat.beef", boundary="cradle_to_gate"))["baselines"]
    shown = await get(client, f"/v1/baselines/{beef['baseline_id']}")
    assert shown == beef
    assert [each["grade"] for each in beef["thresholds"]] == ["A", "B", "C", "D", "E"]
    assert beef["thresholds"][1]["up_to_mg"] == beef["milligrams_per_unit"]
    assert all(beef[name] for name in ("source", "source_row", "licence", "standard", "method", "year"))


@pytest.mark.parametrize("path", ["factors", "baselines"])
async def test_what_nobody_registered_is_not_found(client: AsyncClient, path: str) -> None:
    response = await client.get(f"/v1/{path}/019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f")
    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")
