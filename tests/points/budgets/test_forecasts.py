from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.budgets.forecasts import HORIZON, WINDOW, Because, DayDraw, Forecast, Method, forecast

TODAY = date(2026, 6, 15)  # a Monday


def days(*net: int) -> list[DayDraw]:
    """The whole days up to yesterday, oldest first."""
    return [
        DayDraw(TODAY - timedelta(days=len(net) - place), max(each, 0), max(-each, 0)) for place, each in enumerate(net)
    ]


def walked(points: int, history: list[DayDraw]) -> date | None:
    """The same forecast, walked day by day without any shortcut."""
    if len(history) == WINDOW:
        means = [Fraction(sum(d.net for d in history if d.day.weekday() == w), 4) for w in range(7)]
    else:
        means = [Fraction(sum(d.net for d in history), len(history))] * 7
    if sum(means) <= 0:
        return None
    rest = Fraction(points)
    for ahead in range(HORIZON + 1):
        draw = means[(TODAY + timedelta(days=ahead)).weekday()]
        if draw > rest:
            return TODAY + timedelta(days=ahead)
        rest -= draw
    return None


def test_each_weekday_is_drawn_on_as_it_was() -> None:
    week = (10, 0, 0, 0, 0, 50, 40)
    told = forecast(110, days(*week * 4), TODAY)
    assert (told.runs_out_on, told.method, told.because) == (date(2026, 6, 27), Method.WEEKDAY_MEANS, None)
    assert sum(each.net for each in told.days) == 400


def test_with_less_than_four_weeks_every_day_has_the_mean_of_all() -> None:
    told = forecast(100, days(*(10, 20) * 5), TODAY)
    assert (told.runs_out_on, told.method) == (TODAY + timedelta(days=6), Method.DAILY_MEAN)


@pytest.mark.parametrize(
    ("points", "history", "because"),
    [
        (100, days(*(5,) * 6), Because.TOO_LITTLE_HISTORY),
        (100, days(*(0,) * 28), Because.NOT_DRAWN_ON),
        (100, days(*(5, -5) * 14), Because.NOT_DRAWN_ON),
        (10**12, days(*(1,) * 28), Because.BEYOND_HORIZON),
    ],
)
def test_no_day_is_told_without_saying_why(points: int, history: list[DayDraw], because: Because) -> None:
    told = forecast(points, history, TODAY)
    assert (told.runs_out_on, told.because, told.points_left) == (None, because, points)


def test_an_empty_budget_has_run_out_whatever_it_was_drawn_on() -> None:
    assert forecast(0, [], TODAY) == Forecast(TODAY, None, None, 0, ())


@given(st.integers(1, 5_000), st.lists(st.integers(-20, 60), min_size=7, max_size=28))
def test_whole_weeks_taken_at_once_end_on_the_same_day_as_every_day_walked(points: int, net: list[int]) -> None:
    history = days(*net)
    assert forecast(points, history, TODAY).runs_out_on == walked(points, history)
