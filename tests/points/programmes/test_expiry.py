from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.programmes.expiry import ExpiryRule, Rounding, expiry_of, month_day, months_later

SHANGHAI = "Asia/Shanghai"
ZONES = [SHANGHAI, "UTC", "Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Apia"]

DAYS = st.dates(min_value=date(2016, 1, 1), max_value=date(2090, 1, 1))
ROLLING = st.builds(ExpiryRule, months=st.integers(1, 60), rounding=st.sampled_from(Rounding))
DATES = st.dates(min_value=date(2000, 1, 1), max_value=date(2000, 12, 31)).map(lambda day: f"{day:%m-%d}")
FIXED = st.builds(
    ExpiryRule,
    months=st.integers(1, 24),
    fixed_dates=st.lists(DATES, min_size=1, max_size=4, unique=True).map(tuple),
)


@pytest.mark.parametrize(
    ("earned", "months", "first_moment_gone"),
    [
        (datetime(2024, 2, 29, 4, tzinfo=UTC), 12, "2025-03-01T00:00:00+08:00"),
        (datetime(2026, 1, 31, 4, tzinfo=UTC), 1, "2026-03-01T00:00:00+08:00"),
        (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), 12, "2028-01-01T00:00:00+08:00"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), 12, "2028-01-02T00:00:00+08:00"),
        (datetime(2026, 5, 15, 4, tzinfo=UTC), 24, "2028-05-16T00:00:00+08:00"),
    ],
)
def test_points_live_through_the_same_day_of_a_later_month(
    earned: datetime, months: int, first_moment_gone: str
) -> None:
    assert expiry_of(earned, ExpiryRule(months), SHANGHAI) == datetime.fromisoformat(first_moment_gone)


@pytest.mark.parametrize(
    ("earned", "rule", "last"),
    [
        ("2026-05-15", ExpiryRule(12, Rounding.MONTH), "2027-05-31"),
        ("2023-02-10", ExpiryRule(12, Rounding.MONTH), "2024-02-29"),
        ("2024-02-29", ExpiryRule(12, Rounding.MONTH), "2025-02-28"),
        ("2026-01-31", ExpiryRule(1, Rounding.MONTH), "2026-02-28"),
        ("2026-05-15", ExpiryRule(12, Rounding.QUARTER), "2027-06-30"),
        ("2026-06-30", ExpiryRule(12, Rounding.QUARTER), "2027-06-30"),
        ("2026-07-01", ExpiryRule(12, Rounding.QUARTER), "2027-09-30"),
        ("2026-11-30", ExpiryRule(3, Rounding.QUARTER), "2027-03-31"),
        ("2026-01-01", ExpiryRule(12, Rounding.YEAR), "2027-12-31"),
        ("2026-12-31", ExpiryRule(12, Rounding.YEAR), "2027-12-31"),
        ("2026-12-31", ExpiryRule(1, Rounding.YEAR), "2027-12-31"),
        ("2026-05-15", ExpiryRule(1, fixed_dates=("12-31",)), "2026-12-31"),
        ("2026-11-30", ExpiryRule(1, fixed_dates=("12-31",)), "2026-12-31"),
        ("2026-12-01", ExpiryRule(1, fixed_dates=("12-31",)), "2027-12-31"),
        ("2026-03-15", ExpiryRule(6, fixed_dates=("12-31", "06-30")), "2026-12-31"),
        ("2026-08-31", ExpiryRule(6, fixed_dates=("06-30", "02-29")), "2027-02-28"),
        ("2027-08-29", ExpiryRule(6, fixed_dates=("06-30", "02-29")), "2028-02-29"),
    ],
)
def test_the_last_day_by_each_kind_of_rule(earned: str, rule: ExpiryRule, last: str) -> None:
    assert rule.last_day(date.fromisoformat(earned)) == date.fromisoformat(last)


@given(DAYS, st.integers(1, 60), st.sampled_from(Rounding))
def test_rounding_only_ever_lengthens_a_life_and_ends_it_with_its_period(
    earned: date, months: int, rounding: Rounding
) -> None:
    least, last = months_later(earned, months), ExpiryRule(months, rounding).last_day(earned)
    assert least <= last
    assert last.year == least.year
    after = last + timedelta(days=1)
    starts = {
        Rounding.NONE: last == least,
        Rounding.MONTH: after.day == 1 and last.month == least.month,
        Rounding.QUARTER: after.day == 1 and after.month in (1, 4, 7, 10) and (last - least).days < 92,
        Rounding.YEAR: (after.month, after.day) == (1, 1),
    }
    assert starts[rounding]


@given(DAYS, FIXED)
def test_points_end_on_the_first_of_the_dates_that_leaves_them_their_months(earned: date, rule: ExpiryRule) -> None:
    least, last = months_later(earned, rule.months), rule.last_day(earned)
    on_a_date = [day for day in (least + timedelta(days=after) for after in range(367)) if _is_one(day, rule)]
    assert last == on_a_date[0]


def _is_one(day: date, rule: ExpiryRule) -> bool:
    written = {f"{day:%m-%d}"}
    if written == {"02-28"} and (day + timedelta(days=1)).month == 3:
        written.add("02-29")
    return not written.isdisjoint(rule.fixed_dates)


@given(DAYS, st.integers(0, 400), st.one_of(ROLLING, FIXED))
def test_what_was_earned_later_never_ends_earlier(earned: date, later: int, rule: ExpiryRule) -> None:
    assert rule.last_day(earned) <= rule.last_day(earned + timedelta(days=later))


@given(
    st.datetimes(min_value=datetime(2009, 1, 1), max_value=datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.one_of(ROLLING, FIXED),
    st.sampled_from(ZONES),
)
def test_points_end_at_the_very_first_moment_of_a_day_wherever_clocks_change(
    earned: datetime, rule: ExpiryRule, name: str
) -> None:
    zone = ZoneInfo(name)
    gone = expiry_of(earned, rule, name)
    last = rule.last_day(earned.astimezone(zone).date())
    assert gone.astimezone(zone).date() > last
    assert (gone - timedelta(microseconds=1)).astimezone(zone).date() <= last
    assert gone > earned


@pytest.mark.parametrize(
    ("name", "earned", "gone"),
    [
        ("Europe/Berlin", "2026-09-24T22:30:00+00:00", "2026-10-25T23:00:00+00:00"),  # spent through the longest day
        ("Europe/Berlin", "2026-02-28T12:00:00+00:00", "2026-03-28T23:00:00+00:00"),  # before the night clocks jump
        ("America/Sao_Paulo", "2018-10-03T15:00:00+00:00", "2018-11-04T03:00:00+00:00"),  # midnight itself was skipped
    ],
)
def test_clocks_that_change_move_the_moment_and_not_the_day(name: str, earned: str, gone: str) -> None:
    assert expiry_of(datetime.fromisoformat(earned), ExpiryRule(1), name) == datetime.fromisoformat(gone)


@pytest.mark.parametrize("written", ["", "1-31", "13-01", "00-10", "02-30", "04-31", "06-00", "06-30 ", "30.06."])
def test_what_is_no_day_of_any_year_is_told(written: str) -> None:
    assert month_day(written) is None


def test_the_day_that_only_leap_years_have_is_one() -> None:
    assert month_day("02-29") == (2, 29)
