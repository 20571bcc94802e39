"""What a resident sees of what they gathered, over HTTP."""

import pytest
from httpx import AsyncClient

from core import clock
from core.clock import local_day
from core.db import transaction
from labels.equivalents import equivalents
from points.earning.credits import record
from tests.api.conftest import People
from tests.factories.credits import sale
from tests.factories.labels import Labelled


async def buy(people: People, labelled: Labelled, quantity: int) -> None:
    async with transaction() as session:
        bought = sale(people.resident_id, labelled.gtin, quantity=quantity)
        await record(session, people.programme.programme_id, [bought], now=clock.now())


async def test_a_purchase_stands_in_its_day_week_month_and_category(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    await buy(people, labelled, 2)
    today = local_day(clock.now(), people.programme.time_zone)
    for by, periods in (("day", 30), ("week", 12), ("month", 12)):
        history = (await client.get("/v1/me/history", params={"by": by}, headers=people.resident)).json()["periods"]
        assert len(history) == periods
        assert [each["starts_on"] for each in history] == sorted(each["starts_on"] for each in history)
        assert {each["grams"] for each in history[:-1]} == {0}
        assert (history[-1]["grams"], history[-1]["activities"]) == (2_000, 1)
        assert history[-1]["starts_on"] <= str(today)
    [category] = (await client.get("/v1/me/history/categories", headers=people.resident)).json()["categories"]
    assert (category["grams"], category["units"]) == (2_000, 2)
    assert category["name_zh"]


async def test_grams_are_told_in_things_everybody_knows_with_their_sources(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    nothing = (await client.get("/v1/me/equivalents", headers=people.resident)).json()
    assert {each["amount_thousandths"] for each in nothing["equivalents"]} == {0}
    await buy(people, labelled, 3)
    told = (await client.get("/v1/me/equivalents", headers=people.resident)).json()
    assert told["grams"] == 3_000
    assert [each["amount_thousandths"] for each in told["equivalents"]] == [
        each.thousandths for each in equivalents(3_000)
    ]
    assert all(each["source"] and each["licence"] for each in told["equivalents"])


async def test_what_is_shown_when_nobody_says_begins_with_a_whole_period(client: AsyncClient, people: People) -> None:
    for by, until, begins in (
        ("day", "2026-03-01", "2026-01-31"),
        ("week", "2026-03-01", "2025-12-08"),
        ("week", "2026-03-02", "2025-12-15"),
        ("month", "2026-01-31", "2025-02-01"),
        ("month", "2026-12-31", "2026-01-01"),
    ):
        shown = await client.get("/v1/me/history", params={"by": by, "until": until}, headers=people.resident)
        periods = [each["starts_on"] for each in shown.json()["periods"]]
        assert (periods[0], len(periods)) == (begins, 30 if by == "day" else 12)


@pytest.mark.parametrize("path", ["/v1/me/history", "/v1/me/history/categories"])
async def test_days_the_wrong_way_round_are_refused_where_they_stand(
    client: AsyncClient, people: People, path: str
) -> None:
    asked = {"since": "2026-02-02", "until": "2026-02-01"}
    refused = await client.get(path, params=asked, headers=people.resident)
    assert [(each["in"], each["pointer"]) for each in refused.json()["errors"]] == [("query", "#/since")]


async def test_days_that_make_no_span_are_refused_by_name(client: AsyncClient, people: People) -> None:
    for parameters, named in (
        ({"since": "2026-02-02", "until": "2026-02-01"}, "since"),
        ({"since": "1900-01-01"}, "since"),
        ({"since": "2026-02-30"}, "since"),
        ({"by": "hour"}, "by"),
    ):
        refused = await client.get("/v1/me/history", params=parameters, headers=people.resident)
        assert refused.status_code == 422
        assert named in refused.text


async def test_only_the_resident_sees_it(client: AsyncClient, people: People) -> None:
    for path in ("/v1/me/history", "/v1/me/history/categories", "/v1/me/equivalents"):
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers=people.partner)).status_code == 403
