"""Funding budgets and watching them: what is left, what was put in, when it runs out, who must hear of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import first_id, made_at
from points import ledger
from points.budgets import queries
from points.budgets.forecasts import WINDOW, DayDraw, Forecast, forecast
from points.errors import InvalidInputError, KeyReusedError, NotFoundError
from points.programmes.queries import lock_programme, programme

MOST_POINTS: Final = 10**12
"""What can be put into a budget at once."""

DEFAULT_THRESHOLDS: Final = (50, 20, 10, 5)
"""Percent left of what the last funding left in the budget."""

MOST_THRESHOLDS: Final = 10
_MOST_PERCENT: Final = 99

SETTLED_AFTER: Final = timedelta(minutes=10)
"""How long after midnight a day is counted: an entry's id is older than its commit, but never by so much."""


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget, what it is for, and what is in it. `points_spent` is what left it and did not come back."""

    budget_id: UUID
    kind: str
    campaign_id: UUID | None
    name_zh: str
    name_en: str
    points_funded: int
    points_left: int
    thresholds: tuple[int, ...]

    @property
    def points_spent(self) -> int:
        """Points that left and did not come back."""
        return self.points_funded - self.points_left


@dataclass(frozen=True, slots=True)
class BudgetOutlook:
    """A budget with what waits for it and when it runs out."""

    state: BudgetState
    waiting_awards: int
    waiting_points: int
    forecast: Forecast


@dataclass(frozen=True, slots=True)
class Funding:
    """Points put into a budget. `points_after` is unknown for a moment where it did not come through the API."""

    funding_id: UUID
    points: int
    funded_at: datetime
    points_after: int | None
    reason: str | None
    funded_by_id: UUID | None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """A budget fell to `percent_left` of what its last funding had left in it."""

    alert_id: UUID
    budget_id: UUID
    funding_id: UUID
    percent_left: int
    points_left: int
    points_after: int
    raised_at: datetime


async def fund(
    session: AsyncSession,
    programme_id: UUID,
    budget_id: UUID,
    points: int,
    *,
    key: str,
    reason: str | None,
    staff_id: UUID | None,
    now: datetime,
) -> Funding:
    """Put newly issued points into a budget of the programme, once under `key`.

    What waits for the budget is granted afterwards, in a transaction of its own.

    Raises:
        InvalidInputError: when the points are out of range.
        KeyReusedError: when the key was used for something else.
        NotFoundError: when the programme has no such budget.
    """
    if not 1 <= points <= MOST_POINTS:
        raise InvalidInputError(f"points must be from 1 to {MOST_POINTS}, not {points}.", field="points")
    await _found(session, programme_id, budget_id)
    posted = await ledger.fund(session, programme_id, budget_id, points, key=key, now=now)
    if isinstance(posted, ledger.Rejected):
        raise KeyReusedError
    left = await ledger.budget_left(session, programme_id, budget_id)
    if not posted.replayed:
        noted = {"budget_id": budget_id, "funding_id": posted.entry_id, "points": points, "points_after": left}
        await queries.note_funding(session, programme_id, noted | {"reason": reason, "funded_by_id": staff_id})
    return Funding(posted.entry_id, points, now, left, reason, staff_id, posted.replayed)


async def listed(session: AsyncSession, programme_id: UUID, *, after: UUID | None, limit: int) -> list[BudgetState]:
    """Return the programme's budgets, its campaigns' among them, by id."""
    return [_state(row) for row in await queries.budgets(session, programme_id, after=after, limit=limit)]


async def read(session: AsyncSession, programme_id: UUID, budget_id: UUID, *, now: datetime) -> BudgetOutlook:
    """Return a budget with what waits for it and the day it runs out.

    Raises:
        NotFoundError: when the programme has no such budget.
    """
    state = await _found(session, programme_id, budget_id)
    today = _day_of(now, (await programme(session, programme_id)).time_zone)
    since = today - timedelta(days=WINDOW + 1)  # for a while after midnight yesterday is not counted yet
    rows = await queries.days(session, programme_id, budget_id, since=since, until=today)
    awards, points = await queries.waiting(session, programme_id, budget_id)
    told = forecast(state.points_left, [DayDraw(row.day, row.drawn, row.returned) for row in rows], today)
    return BudgetOutlook(state, awards, points, told)


async def fundings(
    session: AsyncSession, programme_id: UUID, budget_id: UUID, *, before: UUID | None, limit: int
) -> list[Funding]:
    """Return what was put into a budget, latest first.

    Raises:
        NotFoundError: when the programme has no such budget.
    """
    await _found(session, programme_id, budget_id)
    rows = await queries.fundings(session, programme_id, budget_id, before=before, limit=limit)
    return [
        Funding(row.entry_id, row.points, row.effective_at, row.points_after, row.reason, row.funded_by_id)
        for row in rows
    ]


async def set_thresholds(
    session: AsyncSession, programme_id: UUID, budget_id: UUID, percents: Collection[int]
) -> BudgetState:
    """Set at which shares left a budget's alerts are raised; none brings the defaults back.

    Raises:
        InvalidInputError: when there are too many, or one is no percentage below 100.
        NotFoundError: when the programme has no such budget.
    """
    wanted = set(percents)
    if len(wanted) > MOST_THRESHOLDS or any(not 0 <= each <= _MOST_PERCENT for each in wanted):
        detail = f"thresholds must be {MOST_THRESHOLDS} percentages at most, each from 0 to {_MOST_PERCENT}."
        raise InvalidInputError(detail, field="thresholds")
    await _found(session, programme_id, budget_id)
    await lock_programme(session, programme_id)  # or those of two who set some at once would all hold
    await queries.set_thresholds(session, programme_id, budget_id, wanted)
    return await _found(session, programme_id, budget_id)


async def watch(session: AsyncSession, programme_id: UUID, *, now: datetime) -> list[Alert]:
    """Raise the alerts that are due, each once for its threshold and funding; return those raised now."""
    await queries.take_up_fundings(session, programme_id)
    return _alerts(await queries.raise_alerts(session, programme_id, DEFAULT_THRESHOLDS, now=now))


async def alerts(
    session: AsyncSession, programme_id: UUID, budget_id: UUID | None, *, before: UUID | None, limit: int
) -> list[Alert]:
    """Return alerts of one budget or of all, latest first."""
    return _alerts(await queries.alerts(session, programme_id, budget_id, before=before, limit=limit))


async def count_next_day(session: AsyncSession, programme_id: UUID, *, now: datetime) -> date | None:
    """Count the oldest whole day that was not counted yet, of the last WINDOW; return it, or None when all are."""
    zone = ZoneInfo((await programme(session, programme_id)).time_zone)
    today = (now - SETTLED_AFTER).astimezone(zone).date()
    first = await queries.first_funding(session, programme_id)
    if first is None:
        return None
    last = await queries.last_day(session, programme_id)
    begun = made_at(first).astimezone(zone).date() if last is None else last
    day = max(begun + timedelta(days=1), today - timedelta(days=WINDOW))
    if day >= today:
        return None
    await queries.count_day(session, programme_id, day, *(_first_of(each, zone) for each in (day, day + _A_DAY)))
    return day


_A_DAY: Final = timedelta(days=1)


def _first_of(day: date, zone: ZoneInfo) -> UUID:
    return first_id(datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC))


def _day_of(moment: datetime, time_zone: str) -> date:
    return moment.astimezone(ZoneInfo(time_zone)).date()


async def _found(session: AsyncSession, programme_id: UUID, budget_id: UUID) -> BudgetState:
    rows = await queries.budgets(session, programme_id, only=budget_id)
    if not rows:
        raise NotFoundError(f"This programme has no budget {budget_id}.")
    return _state(rows[0])


def _state(row: Row[Any]) -> BudgetState:
    return BudgetState(
        budget_id=row.budget_id,
        kind=row.kind,
        campaign_id=row.campaign_id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        points_funded=row.points_funded,
        points_left=row.points_left,
        thresholds=tuple(row.thresholds or DEFAULT_THRESHOLDS),
    )


def _alerts(rows: Sequence[Row[Any]]) -> list[Alert]:
    return [
        Alert(
            row.alert_id,
            row.budget_id,
            row.funding_id,
            row.percent_left,
            row.points_left,
            row.points_after,
            row.raised_at,
        )
        for row in rows
    ]
