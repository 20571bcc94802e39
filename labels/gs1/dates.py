"""Dates and times inside GS1 element strings."""

from calendar import monthrange
from datetime import date
from typing import Final

_LAST_YEAR_OF_2000S: Final = 71
"""Two-digit years up to 71 are of this century. GS1's rule slides with the current year; this module has no clock, and
no product on a shelf is dated so far away that the difference could be seen."""


def year_of(two_digits: str) -> int:
    """Return the four-digit year."""
    year = int(two_digits)
    return 2000 + year if year <= _LAST_YEAR_OF_2000S else 1900 + year


def is_date(yymmdd: str, *, day_may_be_zero: bool = False) -> bool:
    """Return whether six digits YYMMDD are a day; `00` as the day means the whole month where that is allowed."""
    return is_full_date(f"{year_of(yymmdd[:2]):04d}{yymmdd[2:]}", day_may_be_zero=day_may_be_zero)


def is_full_date(yyyymmdd: str, *, day_may_be_zero: bool = False) -> bool:
    """Return whether eight digits YYYYMMDD are a day. The year 0000 counts as a leap year, as in GS1's tests."""
    year, month, day = int(yyyymmdd[:4]), int(yyyymmdd[4:6]), int(yyyymmdd[6:])
    if not 1 <= month <= 12:  # noqa: PLR2004 - months
        return False
    return (0 if day_may_be_zero else 1) <= day <= monthrange(year or 2000, month)[1]


def is_time(hhmm: str) -> bool:
    """Return whether four digits are hour and minute."""
    return int(hhmm[:2]) < 24 and int(hhmm[2:]) < 60  # noqa: PLR2004 - hours of a day, minutes of an hour


def day_of(yymmdd: str) -> date:
    """Return the day of a checked YYMMDD; the last of the month where the day is `00` (General Specifications 3.4)."""
    year, month, day = year_of(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    return date(year, month, day or monthrange(year, month)[1])
