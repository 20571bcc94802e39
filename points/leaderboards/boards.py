"""Boards, the periods they run over, and the one number that carries a place on them. Pure.

A sorted set holds doubles, which are exact up to 2**53. A score is `-grams * 2**20 + ticks`: ascending, so that more
grams come first, then who got there first, then (equal scores, by Redis itself) the smaller member id. With grams kept
below 2**32 and ticks below 2**20 no score is beyond 2**52, so every one is exact.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from core.clock import local_day

TICK_RANGE = 2**20
LAST_TICK = TICK_RANGE - 1
MOST_GRAMS = 2**32 - 1
"""4,294 tonnes of CO2e: no resident gets there, and one who did would share first place."""

ALL_TIME_FROM = datetime(2020, 1, 1, tzinfo=UTC)


class Board(StrEnum):
    """Who is ranked against whom."""

    RESIDENTS = "residents"


class Period(StrEnum):
    """Over which days grams add up, in the programme's own time zone. A week is ISO 8601's: it starts on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


TICK_SECONDS = {Period.DAY: 1, Period.WEEK: 1, Period.MONTH: 3, Period.ALL: 1800}
"""Length of a tick: the shortest that lets the period fit 2**20 of them. All time then lasts until 2079."""


@dataclass(frozen=True, slots=True)
class Span:
    """One period that has been given its days: `first` <= day < `until`, and the moment its ticks count from."""

    period: Period
    key: str
    first: date
    until: date
    starts_at: datetime

    @property
    def tick_seconds(self) -> int:
        """Seconds in one tick."""
        return TICK_SECONDS[self.period]


def span_of(period: Period, now: datetime, time_zone: str) -> Span:
    """Return the span of `period` that `now` falls in, by the calendar of an IANA `time_zone`."""
    today = local_day(now, time_zone)
    if period is Period.ALL:
        return Span(period, "all", date.min, date.max, ALL_TIME_FROM)
    first, until, key = _days(period, today)
    return Span(period, key, first, until, datetime.combine(first, time.min, ZoneInfo(time_zone)).astimezone(UTC))


def spans_of(now: datetime, time_zone: str) -> tuple[Span, ...]:
    """Return the span of every period that `now` falls in."""
    return tuple(span_of(period, now, time_zone) for period in Period)


def _days(period: Period, today: date) -> tuple[date, date, str]:
    if period is Period.DAY:
        return today, today + timedelta(days=1), today.isoformat()
    if period is Period.WEEK:
        monday = today - timedelta(days=today.weekday())
        year, week, _ = today.isocalendar()
        return monday, monday + timedelta(days=7), f"{year}-W{week:02d}"
    first = today.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1), f"{today:%Y-%m}"


def board_key(programme_id: UUID, board: Board, span: Span) -> str:
    """Return the Redis key of a board. The braces keep a programme's keys on one node of a Redis cluster."""
    return f"tanhui:board:{{{programme_id}}}:{board}:{span.key}"


def encode(grams: int, last_gain_at: datetime, span: Span) -> int:
    """Return the score of `grams` last added to at `last_gain_at`.

    A gain recorded before the span starts or after its last tick counts as its first or last one.
    """
    ticks = (last_gain_at - span.starts_at) // timedelta(seconds=span.tick_seconds)
    return -min(grams, MOST_GRAMS) * TICK_RANGE + min(max(ticks, 0), LAST_TICK)


def grams_in(score: int) -> int:
    """Return the grams a score carries."""
    return -(score // TICK_RANGE)
