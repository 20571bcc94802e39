"""The only place that reads the wall clock; everything else is handed `now`."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return the current time, in UTC and aware of it."""
    return datetime.now(UTC)


def local_day(moment: datetime, time_zone: str) -> date:
    """Return the calendar day of an aware `moment` in an IANA `time_zone`; a programme's day is its own, not UTC's."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
