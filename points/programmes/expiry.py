"""When points can not be spent any more: so many months later, or on the programme's own dates. Pure.

Both in the calendar of the programme's time zone. What ends a life is always a whole day, so that nobody has to be told
an hour: the last day is spent through, and the first moment of the next is the first that comes too late.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

_MONTH_DAY: Final = re.compile(r"([0-9]{2})-([0-9]{2})")
_LEAP_YEAR: Final = 2000
_QUARTER: Final = 3
_YEAR: Final = 12


class Rounding(StrEnum):
    """To the end of what a life of some months is rounded up, if to anything."""

    NONE = "none"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class ExpiryRule:
    """How long points live.

    Rolling, where `fixed_dates` is empty: through the same day `months` later, and on through the end of that month,
    quarter or year where `rounding` says so.

    By dates: through the first of `fixed_dates` (`MM-DD`, each year) that lies at least `months` later. 02-29 means the
    last day of February.
    """

    months: int = 12
    rounding: Rounding = Rounding.NONE
    fixed_dates: tuple[str, ...] = ()

    def last_day(self, earned: date) -> date:
        """Return the last day on which points earned on the day `earned` can be spent."""
        least = months_later(earned, self.months)
        return _next_of(self.fixed_dates, least) if self.fixed_dates else _rounded(least, self.rounding)


EXPIRY: TypeAdapter[ExpiryRule] = TypeAdapter(ExpiryRule)


def expiry_of(effective_at: datetime, rule: ExpiryRule, time_zone: str) -> datetime:
    """Return the first moment points earned at `effective_at` can not be spent any more, in UTC.

    It is a midnight in `time_zone`: where the clocks skip that one, the moment they skip it; where they strike it
    twice, the first time.
    """
    return expiry_on(effective_at.astimezone(ZoneInfo(time_zone)).date(), rule, time_zone)


@lru_cache(maxsize=1024)
def expiry_on(day: date, rule: ExpiryRule, time_zone: str) -> datetime:
    """Return what `expiry_of` does, for any moment of a day in `time_zone`: a batch asks for the same few days."""
    midnight = datetime.combine(rule.last_day(day) + timedelta(days=1), time.min, tzinfo=ZoneInfo(time_zone))
    return midnight.astimezone(UTC)  # in the zone itself, a midnight that the clocks skip equals nothing at all


def months_later(day: date, months: int) -> date:
    """Return the same day of the month `months` later, or that month's last day where it is shorter."""
    year, month = divmod(day.year * _YEAR + day.month - 1 + months, _YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_day(written: str) -> tuple[int, int] | None:
    """Return month and day of `MM-DD`, or None when no year, leap or not, has such a day."""
    found = _MONTH_DAY.fullmatch(written)
    if found is None:
        return None
    month, day = int(found[1]), int(found[2])
    if not 1 <= month <= _YEAR:
        return None
    return (month, day) if 1 <= day <= monthrange(_LEAP_YEAR, month)[1] else None


def _rounded(day: date, rounding: Rounding) -> date:
    match rounding:
        case Rounding.NONE:
            return day
        case Rounding.MONTH:
            month = day.month
        case Rounding.QUARTER:
            month = (day.month + _QUARTER - 1) // _QUARTER * _QUARTER
        case Rounding.YEAR:
            month = _YEAR
    return _day_in(day.year, month, 31)


def _next_of(fixed_dates: tuple[str, ...], least: date) -> date:
    marks = [mark for written in fixed_dates if (mark := month_day(written)) is not None]
    candidates = (_day_in(year, *mark) for year in (least.year, least.year + 1) for mark in marks)
    return min(day for day in candidates if day >= least)


def _day_in(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
