from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.leaderboards.boards import (
    ALL_TIME_FROM,
    LAST_TICK,
    MOST_GRAMS,
    TICK_RANGE,
    TICK_SECONDS,
    Board,
    Period,
    board_key,
    encode,
    grams_in,
    span_of,
    spans_of,
)

NOW = datetime(2026, 3, 29, 16, 30, tzinfo=UTC)  # Monday 30 March, half past midnight, in Shanghai
SHANGHAI = "Asia/Shanghai"
LONGEST = {Period.DAY: 25, Period.WEEK: 7 * 24 + 1, Period.MONTH: 31 * 24 + 1}
ALL_SECONDS = int(timedelta(days=59 * 365).total_seconds())
moments = st.integers(0, ALL_SECONDS).map(lambda seconds: ALL_TIME_FROM + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("period", "key", "first", "until"),
    [
        (Period.DAY, "2026-03-30", date(2026, 3, 30), date(2026, 3, 31)),
        (Period.WEEK, "2026-W14", date(2026, 3, 30), date(2026, 4, 6)),
        (Period.MONTH, "2026-03", date(2026, 3, 1), date(2026, 4, 1)),
        (Period.ALL, "all", date.min, date.max),
    ],
)
def test_a_period_is_of_the_programmes_own_calendar(period: Period, key: str, first: date, until: date) -> None:
    span = span_of(period, NOW, SHANGHAI)
    assert (span.key, span.first, span.until) == (key, first, until)


def test_a_week_belongs_to_the_iso_year_of_its_thursday() -> None:
    assert span_of(Period.WEEK, datetime(2027, 1, 1, 12, tzinfo=UTC), SHANGHAI).key == "2026-W53"
    assert span_of(Period.WEEK, datetime(2024, 12, 30, 12, tzinfo=UTC), SHANGHAI).key == "2025-W01"


def test_ticks_count_from_local_midnight() -> None:
    assert span_of(Period.DAY, NOW, SHANGHAI).starts_at == datetime(2026, 3, 29, 16, tzinfo=UTC)


@given(moment=moments, zone=st.sampled_from([SHANGHAI, "UTC", "America/New_York", "Asia/Kathmandu"]))
def test_every_moment_lies_in_its_own_spans(moment: datetime, zone: str) -> None:
    for span in spans_of(moment, zone):
        assert span.starts_at <= moment
        assert (moment - span.starts_at) // timedelta(seconds=span.tick_seconds) <= LAST_TICK


@pytest.mark.parametrize("period", list(LONGEST))
def test_no_period_has_more_ticks_than_fit_even_with_an_hour_more(period: Period) -> None:
    assert LONGEST[period] * 3600 / TICK_SECONDS[period] <= TICK_RANGE


@given(grams=st.integers(0, 2**40), moment=moments, period=st.sampled_from(Period))
def test_a_score_is_exact_as_a_double_and_gives_its_grams_back(grams: int, moment: datetime, period: Period) -> None:
    score = encode(grams, moment, span_of(period, NOW, SHANGHAI))
    assert int(float(score)) == score
    assert abs(score) <= 2**52
    assert grams_in(score) == min(grams, MOST_GRAMS)


@given(one=st.integers(0, 10**6), other=st.integers(0, 10**6), seconds=st.integers(0, 86_399))
def test_more_grams_come_first_and_then_who_got_there_first(one: int, other: int, seconds: int) -> None:
    span = span_of(Period.DAY, NOW, SHANGHAI)
    early, late = span.starts_at + timedelta(seconds=seconds), span.starts_at + timedelta(days=1)
    if one != other:
        assert (encode(one, late, span) < encode(other, early, span)) == (one > other)
    else:
        assert encode(one, early, span) < encode(one, late, span)


def test_a_gain_told_before_or_after_its_period_counts_as_its_first_or_last_tick() -> None:
    span = span_of(Period.DAY, NOW, SHANGHAI)
    assert encode(5, span.starts_at - timedelta(days=3), span) == encode(5, span.starts_at, span)
    assert encode(5, span.starts_at + timedelta(days=30), span) == -5 * TICK_RANGE + LAST_TICK


def test_a_key_keeps_a_programme_on_one_node() -> None:
    programme_id = UUID("01990000-0000-7000-8000-000000000001")
    key = board_key(programme_id, Board.RESIDENTS, span_of(Period.WEEK, NOW, SHANGHAI))
    assert key == f"tanhui:board:{{{programme_id}}}:residents:2026-W14"
