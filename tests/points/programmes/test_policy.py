from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from points.programmes.policy import PolicyVersion, Rate, Rulebook, Terms, expiry_of

SHANGHAI = "Asia/Shanghai"


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
    assert expiry_of(earned, months, SHANGHAI).isoformat() == first_moment_gone


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.integers(min_value=1, max_value=60),
    st.sampled_from([SHANGHAI, "UTC", "Europe/Berlin"]),
)
def test_points_never_live_shorter_than_their_months_and_end_at_midnight(
    earned: datetime, months: int, zone: str
) -> None:
    expires = expiry_of(earned, months, zone)
    assert (expires.hour, expires.minute, expires.second) == (0, 0, 0)
    assert expires.tzinfo == ZoneInfo(zone)
    assert expires - earned >= timedelta(days=28 * months)
    assert expires <= expiry_of(earned, months + 1, zone)


def test_a_version_holds_from_its_moment_until_the_next_and_the_last_of_one_moment_wins() -> None:
    start, later = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    rules = Rulebook(
        programme_id=new_id(),
        time_zone=SHANGHAI,
        base_budget_id=new_id(),
        engagement_budget_id=new_id(),
        policies=tuple(PolicyVersion(version, at, Terms()) for version, at in ((1, start), (3, later), (2, later))),
        rates=(Rate(1, start, 10_000),),
    )
    assert rules.policy_at(start - timedelta(microseconds=1)) is None
    found = [rules.policy_at(at) for at in (start, later - timedelta(microseconds=1), later)]
    assert [policy and policy.version for policy in found] == [1, 1, 3]


@given(st.integers(min_value=0, max_value=10**12), st.integers(min_value=0, max_value=10**9))
def test_points_by_the_rate_are_floored_never_rounded_up(grams: int, points_per_tonne: int) -> None:
    points = Rate(1, datetime(2026, 1, 1, tzinfo=UTC), points_per_tonne).points_for(grams)
    assert points * 1_000_000 <= grams * points_per_tonne < (points + 1) * 1_000_000
