"""What goes over the wire: strict on the way in, complete on the way out. Tables are never schemas.

Every schema derives from `Schema`. Input text uses `Name`, `Line` or `Code`: bounded, without control characters, and
not blank. Numbers are strict integers with bounds. Output schemas have no defaults, so every field is always there.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(3000, 1, 1, tzinfo=UTC)
MOST: Final = 2**63 - 1
"""The largest number a column holds."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# A line of text: no C0 or C1 control characters, no end of a line or a paragraph, and something that can be seen.
LINE_FORM: Final = (
    r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*[^\s\u0000-\u001f\u007f-\u009f]"
    r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"
)

# What a scanner sends: the same, but with GS (U+001D), which separates the elements of a GS1 element string.
CODE_FORM: Final = r"^[^\u0000-\u001c\u001e\u001f\u007f-\u009f]+$"


class Schema(BaseModel):
    """The base of every schema: no unknown fields, no changes; it can be read off a domain value's attributes."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


@lru_cache(maxsize=256)
def _zone(distance: timedelta) -> timezone:
    return timezone(distance)


def _believable(value: datetime) -> datetime:
    """Refuse times at the ends of the calendar, where no time zone and no period can be added any more.

    What is left is the same time at the same distance from UTC, in the standard library's own class: the validator's
    makes every comparison ten times as slow, and a line of a sale has eight.
    """
    value = value.replace(tzinfo=_zone(value.utcoffset() or timedelta()))
    if EARLIEST <= value <= LATEST:
        return value
    raise ValueError("the time must lie between the years 1900 and 2999")


def _written(value: object) -> object:
    """Refuse a number, in quotes or not, where a time must be written out: what it counts would be guesswork."""
    if isinstance(value, datetime) or (isinstance(value, str) and value[4:5] == "-"):
        return value
    raise ValueError("write the time out as RFC 3339, with its distance from UTC: 2026-01-31T18:30:00+08:00")


Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=LINE_FORM)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=LINE_FORM)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=8191, pattern=CODE_FORM)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$")]
Gtin = Annotated[str, StringConstraints(min_length=8, max_length=14, pattern=r"^[0-9]+$")]

Count = Annotated[int, Field(strict=True, ge=0, le=MOST)]
PositiveCount = Annotated[int, Field(strict=True, ge=1, le=MOST)]
SignedCount = Annotated[int, Field(strict=True, ge=-MOST, le=MOST)]
Quantity = Annotated[int, Field(strict=True, ge=-100_000, le=100_000)]
BasisPoints = Annotated[int, Field(strict=True, ge=0, le=10_000)]

Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_believable)]
"""A time with its distance from UTC."""


def _day(value: object) -> object:
    """Refuse a number, or a time, where a day must be written out."""
    if isinstance(value, (str, date)) and not (isinstance(value, str) and not _DAY.fullmatch(value)):
        return value
    raise ValueError("write the day out: 2026-01-31")


Day = Annotated[date, BeforeValidator(_day), Field(ge=EARLIEST.date(), lt=LATEST.date())]
"""A calendar day."""
