"""On which day a budget runs out, if it is drawn on as it was in the last weeks. Pure, and exact.

Stated so that anybody can do it again: the net draw (points that left less points that came back, funding not counted)
of up to 28 whole days of the programme. With 28 of them each weekday has its own mean, of the four of its kind, for
shops are not as busy on a Tuesday as on a Saturday; with fewer, every day has the mean of all. What is left is drawn
down day by day, today as a whole day; the answer is the first day whose draw it does not cover.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

WINDOW: Final = 28
"""Whole days looked back on: four of each weekday."""

LEAST: Final = 7
"""Fewer whole days than this are no basis for a forecast."""

_WEEK: Final = 7
HORIZON: Final = 3_650
"""Days looked ahead; a budget that lasts longer runs out on no day anybody plans for."""


class Method(StrEnum):
    """How the daily draw was guessed."""

    WEEKDAY_MEANS = "weekday_means"
    DAILY_MEAN = "daily_mean"


class Because(StrEnum):
    """Why no day is told."""

    TOO_LITTLE_HISTORY = "too_little_history"
    NOT_DRAWN_ON = "not_drawn_on"
    BEYOND_HORIZON = "beyond_horizon"


@dataclass(frozen=True, slots=True)
class DayDraw:
    """What left a budget on one whole day, and what came back to it."""

    day: date
    drawn: int
    returned: int

    @property
    def net(self) -> int:
        """Points that left and did not come back."""
        return self.drawn - self.returned


@dataclass(frozen=True, slots=True)
class Forecast:
    """The first day the budget can not pay, or why none is told; with what it was worked out from."""

    runs_out_on: date | None
    because: Because | None
    method: Method | None
    points_left: int
    days: tuple[DayDraw, ...]


def forecast(points_left: int, days: Sequence[DayDraw], today: date) -> Forecast:
    """Return the forecast from `points_left` today and the whole days before today, the latest WINDOW of them."""
    known = tuple(sorted(days, key=lambda each: each.day)[-WINDOW:])
    if points_left == 0:
        return Forecast(today, None, None, 0, known)
    if len(known) < LEAST:
        return Forecast(None, Because.TOO_LITTLE_HISTORY, None, points_left, known)
    method = Method.WEEKDAY_MEANS if len(known) == WINDOW else Method.DAILY_MEAN
    means = _means(known, method)
    weekly = sum(means, Fraction())
    if weekly <= 0:
        return Forecast(None, Because.NOT_DRAWN_ON, method, points_left, known)
    ahead = _days_covered(points_left, means, weekly, today.weekday())
    if ahead > HORIZON:
        return Forecast(None, Because.BEYOND_HORIZON, method, points_left, known)
    return Forecast(today + timedelta(days=ahead), None, method, points_left, known)


def _means(days: Sequence[DayDraw], method: Method) -> list[Fraction]:
    """Return the mean net draw of each weekday, Monday first."""
    if method is Method.DAILY_MEAN:
        return [Fraction(sum(each.net for each in days), len(days))] * _WEEK
    by_weekday = [[each.net for each in days if each.day.weekday() == weekday] for weekday in range(_WEEK)]
    return [Fraction(sum(nets), len(nets) or 1) for nets in by_weekday]


def _days_covered(points: int, means: Sequence[Fraction], weekly: Fraction, weekday: int) -> int:
    """Return how many days from today on `points` cover; whole weeks are taken at once, but for the last two.

    The last two are walked, since within a week more may come back on one day than leaves on the others.
    """
    weeks = max(0, points // weekly - 1)
    rest, ahead = points - weeks * weekly, weeks * _WEEK
    while ahead <= HORIZON:
        draw = means[(weekday + ahead) % _WEEK]
        if draw > rest:
            return int(ahead)
        rest, ahead = rest - draw, ahead + 1
    return int(ahead)
