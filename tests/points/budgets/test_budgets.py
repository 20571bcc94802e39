import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core import clock, db
from core.ids import first_id, new_id
from points import ledger
from points.budgets import budgets
from points.budgets.budgets import Alert, Funding
from points.budgets.forecasts import WINDOW
from points.campaigns import campaigns
from points.campaigns.campaigns import CampaignDraft
from points.campaigns.rules import Bonus
from points.errors import InvalidInputError, KeyReusedError, NotFoundError
from points.programmes.tables import Programme
from tests.factories.credits import credit, sale
from tests.factories.labels import make_labelled
from tests.factories.programmes import make_programme
from tests.factories.residents import give_points, make_residents
from tests.factories.waiting import until_somebody_waits

NOW = clock.now()


@pytest.fixture
async def programme(database: str) -> Programme:
    async with db.transaction() as session:
        return await make_programme(session, base_points=0, engagement_points=0)


async def fund(programme: Programme, points: int, *, key: str | None = None) -> Funding:
    async with db.transaction() as session:
        return await budgets.fund(
            session,
            programme.programme_id,
            programme.base_budget_id,
            points,
            key=key or f"fund:{new_id()}",
            reason="2026/17",
            staff_id=None,
            now=NOW,
        )


async def spend(programme: Programme, points: int) -> None:
    async with db.transaction() as session:
        [one] = await make_residents(session, programme, 1)
        await give_points(session, programme, [one], points, now=NOW)


async def watch(programme: Programme) -> list[tuple[int, int]]:
    async with db.transaction() as session:
        raised = await budgets.watch(session, programme.programme_id, now=clock.now())
    return [(each.percent_left, each.points_left) for each in raised]


async def test_funding_is_told_with_what_it_left_and_counts_once_under_its_key(programme: Programme) -> None:
    first = await fund(programme, 100, key="fund:a")
    again = await fund(programme, 100, key="fund:a")
    await fund(programme, 50)
    assert first.funding_id == again.funding_id
    async with db.transaction() as session:
        found = await budgets.fundings(session, programme.programme_id, programme.base_budget_id, before=None, limit=10)
        outlook = await budgets.read(session, programme.programme_id, programme.base_budget_id, now=NOW)
    assert [(each.points, each.points_after, each.reason) for each in found] == [
        (50, 150, "2026/17"),
        (100, 100, "2026/17"),
    ]
    assert (outlook.state.points_funded, outlook.state.points_left, outlook.state.points_spent) == (150, 150, 0)
    with pytest.raises(KeyReusedError):
        await fund(programme, 7, key="fund:a")


async def test_fundings_are_paged_from_the_latest_on(programme: Programme) -> None:
    made = [await fund(programme, points) for points in (1, 2, 3)]
    async with db.transaction() as session:
        where = (programme.programme_id, programme.base_budget_id)
        first = await budgets.fundings(session, *where, before=None, limit=2)
        rest = await budgets.fundings(session, *where, before=first[-1].funding_id, limit=2)
    assert [each.funding_id for each in [*first, *rest]] == [each.funding_id for each in reversed(made)]


async def test_a_budget_of_another_programme_is_not_found_and_points_out_of_range_are_refused(
    programme: Programme, database: str
) -> None:
    async with db.transaction() as session:
        other = await make_programme(session)
    with pytest.raises(NotFoundError):
        async with db.transaction() as session:
            await budgets.read(session, programme.programme_id, other.base_budget_id, now=NOW)
    for points in (0, -1, 10**12 + 1):
        with pytest.raises(InvalidInputError, match="points"):
            await fund(programme, points)


async def test_each_threshold_is_told_once_and_again_after_the_next_funding(programme: Programme) -> None:
    await fund(programme, 100)
    assert await watch(programme) == []
    await spend(programme, 49)
    assert await watch(programme) == []
    await spend(programme, 1)
    assert await watch(programme) == [(50, 50)]
    assert await watch(programme) == []
    await spend(programme, 41)
    assert await watch(programme) == [(20, 9), (10, 9)]
    await fund(programme, 91)
    assert await watch(programme) == []
    await spend(programme, 60)
    assert await watch(programme) == [(50, 40)]


async def test_sweeps_at_once_tell_each_threshold_once(programme: Programme) -> None:
    await fund(programme, 100)
    await spend(programme, 95)
    told = [each for found in await asyncio.gather(*(watch(programme) for _ in range(5))) for each in found]
    assert sorted(told) == [(5, 5), (10, 5), (20, 5), (50, 5)]


async def test_thresholds_can_be_chosen_and_the_defaults_come_back(programme: Programme) -> None:
    await fund(programme, 100)
    where = (programme.programme_id, programme.base_budget_id)
    async with db.transaction() as session:
        state = await budgets.set_thresholds(session, *where, [70, 0, 70])
    assert state.thresholds == (70, 0)
    await spend(programme, 30)
    assert await watch(programme) == [(70, 70)]
    await spend(programme, 70)
    assert await watch(programme) == [(0, 0)]
    async with db.transaction() as session:
        assert (await budgets.set_thresholds(session, *where, [])).thresholds == budgets.DEFAULT_THRESHOLDS
    with pytest.raises(InvalidInputError, match="thresholds"):
        async with db.transaction() as session:
            await budgets.set_thresholds(session, *where, [100])


async def test_of_two_who_set_thresholds_at_once_the_last_one_is_right(programme: Programme) -> None:
    async def chosen(percent: int) -> None:
        async with db.transaction() as session:
            await budgets.set_thresholds(session, programme.programme_id, programme.base_budget_id, {percent})

    async with db.transaction() as session:
        await budgets.set_thresholds(session, programme.programme_id, programme.base_budget_id, {10})
        other = asyncio.create_task(chosen(20))
        await until_somebody_waits(session)
    await other
    async with db.transaction() as session:
        outlook = await budgets.read(session, programme.programme_id, programme.base_budget_id, now=NOW)
    assert outlook.state.thresholds == (20,)


async def test_budgets_of_campaigns_are_watched_while_they_run(programme: Programme) -> None:
    async with db.transaction() as session:
        product = await make_labelled(session)
        [one] = await make_residents(session, programme, 1)
        draft = CampaignDraft("周末", "Weekend", NOW - timedelta(days=1), NOW + timedelta(days=1), Bonus(points=8))
        opened = await campaigns.open(
            session, programme.programme_id, draft, funded_points=10, staff_id=one, now=draft.starts_at
        )
    await watch(programme)
    await credit(programme, sale(one, product.gtin))
    assert await watch(programme) == [(50, 2), (20, 2)]
    async with db.transaction() as session:
        found: list[Alert] = await budgets.alerts(
            session, programme.programme_id, opened.campaign.budget_id, before=None, limit=1
        )
        listed = await budgets.listed(session, programme.programme_id, after=None, limit=10)
    assert [each.percent_left for each in found] == [20]
    assert {each.kind for each in listed} == {"base", "engagement", "campaign"}
    async with db.transaction() as session:
        over = await budgets.watch(session, programme.programme_id, now=NOW + timedelta(days=2))
    assert over == []


async def test_whole_days_are_counted_once_and_lead_to_a_forecast(programme: Programme) -> None:
    await fund(programme, 100)
    await watch(programme)
    await spend(programme, 30)

    async def count(days: int) -> list[bool]:
        counted = []
        for _ in range(12):
            async with db.transaction() as session:
                day = await budgets.count_next_day(session, programme.programme_id, now=NOW + timedelta(days=days))
            counted.append(day is not None)
        return counted

    assert sum(await count(1)) == 0, "the day of the first funding is not whole, and the next is not over"
    assert sum(await count(9)) == 8
    assert sum(await count(9)) == 0
    async with db.transaction() as session:
        outlook = await budgets.read(
            session, programme.programme_id, programme.base_budget_id, now=NOW + timedelta(days=9)
        )
    assert [each.net for each in outlook.forecast.days] == [0] * 8
    assert (outlook.forecast.points_left, outlook.forecast.because) == (70, "not_drawn_on")


async def test_after_midnight_a_forecast_still_has_four_of_each_weekday(programme: Programme) -> None:
    await fund(programme, 100)
    await watch(programme)
    counted = True
    while counted:
        async with db.transaction() as session:
            counted = bool(
                await budgets.count_next_day(session, programme.programme_id, now=NOW + timedelta(days=WINDOW + 2))
            )
    async with db.transaction() as session:
        outlook = await budgets.read(
            session, programme.programme_id, programme.base_budget_id, now=NOW + timedelta(days=WINDOW + 3)
        )
    assert (len(outlook.forecast.days), outlook.forecast.method) == (WINDOW, "weekday_means")


async def test_what_left_and_what_came_back_on_a_day_is_what_the_ledger_recorded(programme: Programme) -> None:
    early = NOW - timedelta(days=3)
    async with db.transaction() as session:
        await ledger.fund(session, programme.programme_id, programme.base_budget_id, 100, key="fund:x", now=early)
        [one] = await make_residents(session, programme, 1)
        await give_points(session, programme, [one], 30, now=NOW)
    await watch(programme)
    await _backdate(programme.programme_id)
    async with db.transaction() as session:
        assert await budgets.count_next_day(session, programme.programme_id, now=NOW + timedelta(days=2)) is not None
        outlook = await budgets.read(
            session, programme.programme_id, programme.base_budget_id, now=NOW + timedelta(days=2)
        )
    assert [(each.drawn, each.returned) for each in outlook.forecast.days] == [(30, 0)]


async def _backdate(programme_id: UUID) -> None:
    """Let the funding have been noted two days ago, so that the day of the award is a whole one."""
    async with db.transaction() as session:
        connection = await session.connection()
        await connection.execute(
            text("UPDATE budget_funding SET funding_id = :old WHERE programme_id = :id"),
            {"id": programme_id, "old": first_id(NOW - timedelta(days=1))},
        )
