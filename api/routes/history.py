"""What the resident who asks has gathered: over time, by category, and in things everybody knows."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final

from fastapi import Query
from sqlmodel.ext.asyncio.session import AsyncSession

from api.audiences import Resident
from api.dependencies import Now, Session
from api.openapi import answers
from api.principals import ResidentPrincipal
from api.routing import router as new_router
from api.schemas import Day
from api.schemas.history import CategoryHistory, Equivalent, Equivalents, GatheredIn, GatheredOf, History
from core.clock import local_day
from labels.equivalents import equivalents
from points import ledger
from points.earning.history import Period, by_category, by_period
from points.programmes.queries import programme

router = new_router(tag="me")

_DAYS: Final = 30
_WEEKS: Final = 12
_MONTHS: Final = 12
_YEAR: Final = timedelta(days=364)
_DRINKS: Final = {
    "category_id": "drinks.tea",
    "name_zh": "茶",
    "name_en": "Tea",
    "grams": 4_812,
    "points": 57,
    "units": 9,
    "activities": 6,
}
_KILOMETRES: Final = {
    "key": "petrol_car",
    "name_zh": "乘普通汽油轿车行驶",
    "name_en": "driving an average petrol car",
    "unit": "km",
    "amount_thousandths": 76_696,
    "milligrams_per_unit": 162_720,
    "region": "GB",
    "year": 2025,
    "source": "UK Government GHG Conversion Factors for Company Reporting 2025, business travel by land",
    "licence": "Open Government Licence v3.0",
}
_GATHERED: Final = {"starts_on": "2026-05-01", "grams": 412, "points": 9, "activities": 1}
Since = Annotated[
    Day | None, Query(description="The first day, in the programme's time zone.", examples=["2026-05-01"])
]
Until = Annotated[Day | None, Query(description="The last day; left out, today.", examples=["2026-05-31"])]


@router.get(
    "/me/history",
    summary="What did I save, over time?",
    responses=answers(200, "Every period, oldest first.", {"periods": [_GATHERED]}),
)
async def show_history(
    resident: Resident,
    session: Session,
    now: Now,
    by: Annotated[
        Period, Query(description="How long each step is; weeks begin on Monday.", examples=["week"])
    ] = Period.DAY,
    since: Since = None,
    until: Until = None,
) -> History:
    """Show grams, points and activities by day, week or month; left out, of the last 30 days, 12 weeks or 12 months.

    What was on days before `since` or after `until` is not in the first or last period. At most 400 at a time.
    """
    last = until or await _today(session, resident, now)
    first = since or _usual(by, last)
    found = await by_period(session, resident.programme_id, resident.resident_id, period=by, since=first, until=last)
    return History(periods=[GatheredIn.model_validate(each) for each in found])


@router.get(
    "/me/history/categories",
    summary="What did I save, by category?",
    responses=answers(200, "The most grams first.", {"categories": [_DRINKS]}),
)
async def show_category_history(
    resident: Resident, session: Session, now: Now, since: Since = None, until: Until = None
) -> CategoryHistory:
    """Show what was credited in each category on the days from `since` to `until`; left out, of a year."""
    last = until or await _today(session, resident, now)
    first = since or last - _YEAR
    found = await by_category(session, resident.programme_id, resident.resident_id, since=first, until=last)
    return CategoryHistory(categories=[GatheredOf.model_validate(each) for each in found])


@router.get(
    "/me/equivalents",
    summary="How much is that?",
    responses=answers(200, "The grams in things everybody knows.", {"grams": 12_480, "equivalents": [_KILOMETRES]}),
)
async def show_equivalents(resident: Resident, session: Session, now: Now) -> Equivalents:
    """Show what all grams saved are about as much as, each by an official figure whose source is named."""
    held = await ledger.holdings(session, resident.programme_id, resident.resident_id, now=now)
    return Equivalents(
        grams=held.grams,
        equivalents=[
            Equivalent(
                key=each.everyday.key,
                name_zh=each.everyday.name_zh,
                name_en=each.everyday.name_en,
                unit=each.everyday.unit,
                amount_thousandths=each.thousandths,
                milligrams_per_unit=each.everyday.milligrams,
                region=each.everyday.region,
                year=each.everyday.year,
                source=each.everyday.source,
                licence=each.everyday.licence,
            )
            for each in equivalents(held.grams)
        ],
    )


def _usual(by: Period, last: date) -> date:
    """Return the first day of what is shown up to `last` when nobody says: the beginning of a whole period."""
    match by:
        case Period.DAY:
            return last - timedelta(days=_DAYS - 1)
        case Period.WEEK:
            return last - timedelta(days=last.weekday(), weeks=_WEEKS - 1)
        case Period.MONTH:
            year, month = divmod(last.year * 12 + last.month - _MONTHS, 12)
            return date(year, month + 1, 1)


async def _today(session: AsyncSession, resident: ResidentPrincipal, now: datetime) -> date:
    zone = (await programme(session, resident.programme_id)).time_zone
    return local_day(now, zone)
