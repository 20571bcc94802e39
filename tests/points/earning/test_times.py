from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.earning.times import LOCAL, told_at, zone_of

NEW_YORK = ZoneInfo("America/New_York")
SHANGHAI = ZoneInfo("Asia/Shanghai")
HALF_PAST = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-05-01T00:30:00Z", None),
        ("2026-05-01T08:30:00+08:00", NEW_YORK),  # what tells its distance needs no zone
        ("2026-05-01T08:30:00", SHANGHAI),
        (f"2026-05-01T08:30:00{LOCAL}", SHANGHAI),
        (f"2026-04-30T20:30:00{LOCAL}", NEW_YORK),
        (f"2026-05-01T00:30:00+00:00{LOCAL}", None),
    ],
)
def test_a_time_is_a_moment_by_its_distance_or_else_by_the_zone(text: str, zone: ZoneInfo | None) -> None:
    assert told_at(text, zone) == HALF_PAST


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("2026-05-01T08:30:00", "column time_zone"),
        (f"2026-05-01T08:30:00{LOCAL}", "column time_zone"),
        ("2026-05-01", "a day without a time"),
        ("46143", "bare number"),
        ("46143.354166666664", "bare number"),
        ("20260501", "bare number"),
        ("", "+08:00"),
        (LOCAL, "+08:00"),
        ("#VALUE!", "+08:00"),
        ("08:30:00", "+08:00"),
    ],
)
def test_what_is_no_moment_is_told_with_what_to_write(text: str, remedy: str) -> None:
    found = told_at(text, None)
    assert isinstance(found, str)
    assert remedy in found


def test_a_bare_number_is_told_what_to_write_and_not_to_send_the_row_again_which_the_report_says() -> None:
    found = str(told_at("1777624200", None))
    assert "write it as 2026-05-01T08:30:00+08:00" in found
    assert "again" not in found


def test_an_hour_that_clocks_went_through_twice_is_told_with_both_of_its_moments() -> None:
    found = told_at(f"2026-11-01T01:30:00{LOCAL}", NEW_YORK)
    assert isinstance(found, str)
    assert "was twice in America/New_York" in found
    assert "2026-11-01T01:30:00-04:00 or 2026-11-01T01:30:00-05:00" in found
    assert told_at("2026-11-01T01:30:00-05:00", NEW_YORK) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_an_hour_that_clocks_left_out_is_told_with_the_moment_it_may_mean() -> None:
    found = told_at(f"2026-03-08T02:30:00{LOCAL}", NEW_YORK)
    assert isinstance(found, str)
    assert "never was in America/New_York" in found
    assert "2026-03-08T03:30:00-04:00" in found


@given(st.datetimes(), st.sampled_from([NEW_YORK, SHANGHAI, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]))
def test_whatever_a_spreadsheet_shows_is_the_one_moment_of_its_zone_or_is_told(local: datetime, zone: ZoneInfo) -> None:
    found = told_at(local.isoformat() + LOCAL, zone)
    if isinstance(found, datetime):
        assert found.tzinfo is UTC
        assert found.astimezone(zone).replace(tzinfo=None) == local
    else:
        assert found.endswith(".")


@pytest.mark.parametrize(
    "name",
    [
        *("Asia", "Peking", "../etc/passwd", "/etc/localtime", "x" * 5_000, "UTC+8", "Asia/../localtime"),
        *("localtime", "posixrules", "Factory", "posix/Asia/Shanghai", "right/Asia/Shanghai", "Etc/GMT+8", "EST"),
    ],
)
def test_a_zone_that_nobody_knows_is_told(name: str) -> None:
    assert "Asia/Shanghai" in str(zone_of(name))
    assert not isinstance(zone_of(name), ZoneInfo)


@pytest.mark.parametrize("name", ["Asia/Shanghai", "America/Argentina/Buenos_Aires", "Pacific/Auckland", "UTC"])
def test_a_zone_of_a_region_is_known_by_its_name(name: str) -> None:
    assert zone_of(name) == ZoneInfo(name)
