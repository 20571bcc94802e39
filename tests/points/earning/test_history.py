"""What was gathered over time and by category: no gaps, no doubles, right at the ends of weeks, months and years."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import transaction
from core.ids import new_id
from points.earning.activities import Receipt
from points.earning.adjustments.adjustments import adjust
from points.earning.adjustments.values import AdjustmentKind, Change, UnitsKept
from points.earning.history import MOST_PERIODS, Gathered, Period, by_category, by_period
from points.earning.tables import ResidentDay
from points.errors import InvalidInputError
from points.programmes.tables import Programme
from tests.factories.credits import NOW, credit, sale
from tests.factories.labels import make_labelled
from tests.factories.residents import make_residents

LAST = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.fixture
async def resident_id(programme: Programme) -> UUID:
    """Somebody with 1 g on the last day of 2023, 2 g on the leap day of 2024 and 4 g on the day after."""
    resident_id = new_id()
    days = {date(2023, 12, 31): 1, date(2024, 2, 29): 2, date(2024, 3, 1): 4}
    async with transaction() as session:
        for day, grams in days.items():
            session.add(_day(programme, resident_id, day, grams))
    return resident_id


def _day(programme: Programme, resident_id: UUID, day: date, grams: int) -> ResidentDay:
    return ResidentDay(
        programme_id=programme.programme_id,
        resident_id=resident_id,
        day=day,
        grams=grams,
        points=10 * grams,
        activities=1,
        last_at=LAST,
    )


async def grams(
    session: AsyncSession, programme: Programme, resident_id: UUID, period: Period, since: date, until: date
) -> dict[date, int]:
    found = await by_period(session, programme.programme_id, resident_id, period=period, since=since, until=until)
    return {each.starts_on: each.grams for each in found}


async def test_every_period_has_its_sum_and_those_without_anything_are_there(
    programme: Programme, resident_id: UUID
) -> None:
    async with transaction() as session:
        days = await grams(session, programme, resident_id, Period.DAY, date(2024, 2, 28), date(2024, 3, 1))
        weeks = await grams(session, programme, resident_id, Period.WEEK, date(2023, 12, 31), date(2024, 1, 9))
        months = await grams(session, programme, resident_id, Period.MONTH, date(2023, 12, 1), date(2024, 3, 31))
    assert days == {date(2024, 2, 28): 0, date(2024, 2, 29): 2, date(2024, 3, 1): 4}
    assert weeks == {date(2023, 12, 25): 1, date(2024, 1, 1): 0, date(2024, 1, 8): 0}
    assert months == {date(2023, 12, 1): 1, date(2024, 1, 1): 0, date(2024, 2, 1): 2, date(2024, 3, 1): 4}


async def test_a_period_counts_only_the_days_that_were_asked_for(programme: Programme, resident_id: UUID) -> None:
    day = date(2024, 3, 1)
    async with transaction() as session:
        [week] = await by_period(session, programme.programme_id, resident_id, period=Period.WEEK, since=day, until=day)
    assert week == Gathered(date(2024, 2, 26), grams=4, points=40, activities=1)


async def test_another_residents_days_are_not_counted(programme: Programme, resident_id: UUID) -> None:
    async with transaction() as session:
        mine = await grams(session, programme, new_id(), Period.MONTH, date(2024, 2, 1), date(2024, 3, 1))
    assert set(mine.values()) == {0}


async def test_categories_have_what_is_left_of_their_receipts_the_most_grams_first(programme: Programme) -> None:
    async with transaction() as session:
        (resident_id,) = await make_residents(session, programme, 1)
        tea, milk = await make_labelled(session), await make_labelled(session)
    yesterday = NOW - timedelta(days=1)
    kept, returned = await credit(
        programme,
        sale(resident_id, tea.gtin, line=1, quantity=2),
        sale(resident_id, milk.gtin, line=2, quantity=3, at=yesterday),
    )
    assert isinstance(kept, Receipt)
    assert isinstance(returned, Receipt)
    back = Change("test", returned.activity_id, AdjustmentKind.RETURN, UnitsKept(1), "returned", None, NOW)
    async with transaction() as session:
        await adjust(session, programme.programme_id, [back], now=NOW)

    async def since(day: date) -> list[tuple[str, int, int, int]]:
        async with transaction() as session:
            found = await by_category(session, programme.programme_id, resident_id, since=day, until=kept.day)
        return [(each.category_id, each.grams, each.units, each.activities) for each in found]

    of_tea = (tea.category_id, 2_000, 2, 1)
    assert await since(returned.day) == [of_tea, (milk.category_id, 1_000, 1, 1)]
    assert await since(kept.day) == [of_tea]


@pytest.mark.parametrize(
    ("since", "until", "period"),
    [
        (date(2024, 1, 2), date(2024, 1, 1), Period.DAY),
        (date(2024, 1, 1), date.fromordinal(date(2024, 1, 1).toordinal() + MOST_PERIODS), Period.DAY),
        (date(1900, 1, 1), date(2999, 1, 1), Period.MONTH),
    ],
)
async def test_days_the_wrong_way_round_or_too_many_are_refused_by_name(
    programme: Programme, since: date, until: date, period: Period
) -> None:
    async with transaction() as session:
        with pytest.raises(InvalidInputError) as refused:
            await by_period(session, programme.programme_id, new_id(), period=period, since=since, until=until)
    assert refused.value.context == {"field": "since"}
