"""When something was sold or came back, as the cell of a table tells it: with its distance from UTC, or local. Pure."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LOCAL: Final = "[local]"
"""Ends the text of a spreadsheet's own time, which says nothing of its distance from UTC."""
# Tills write the ends of the calendar where they know no time; no time zone and no period can be added to those.
_EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(3000, 1, 1, tzinfo=UTC)
_LONGEST_DAY: Final = len("2026-05-01")
_MUST: Final = "must be a time of the years 1900 to 2999 with its distance from UTC: 2026-05-01T08:30:00+08:00."
_NUMBER: Final = (
    "is a bare number; write it as 2026-05-01T08:30:00+08:00, or give the column of a spreadsheet the form of a date "
    "with a time."
)
_DAY: Final = "is a day without a time; write it as 2026-05-01T08:30:00+08:00."
_BARE: Final = (
    "says nothing of its distance from UTC; write it as 2026-05-01T08:30:00+08:00, or name the zone in a column "
    "time_zone, such as Asia/Shanghai."
)
_NO_ZONE: Final = "is no time zone of a region; write one as Asia/Shanghai, or UTC."
# Names of these, and UTC, mean the same on every host: `localtime` and `posixrules` are what a host is set to, and
# `right/Asia/Shanghai` counts leap seconds. https://data.iana.org/time-zones/theory.html, "Timezone identifiers"
_REGIONS: Final = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
_UTC: Final = frozenset({"UTC", "Etc/UTC"})


def told_at(text: str, zone: ZoneInfo | None) -> datetime | str:
    """Return the moment that a text means, or what is wrong with it and what to do.

    `zone` is that of times which tell none; None where none is known.
    """
    bare = text.removesuffix(LOCAL)
    if bare.replace(".", "", 1).isdecimal():
        return _NUMBER
    try:
        moment = datetime.fromisoformat(bare)
    except ValueError:
        return _MUST
    if moment.tzinfo is None:
        if bare == text and len(bare) <= _LONGEST_DAY:
            return _DAY
        found = _BARE if zone is None else _in(zone, moment)
        if isinstance(found, str):
            return found
        moment = found
    return moment if _EARLIEST <= moment <= _LATEST else _MUST


def zone_of(name: str) -> ZoneInfo | str:
    """Return the time zone of a region by its IANA name, or UTC, or what is wrong with the name."""
    is_known = name in _UTC or name.split("/", 1)[0] in _REGIONS
    return (_zone(name) if is_known else None) or _NO_ZONE


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _in(zone: ZoneInfo, local: datetime) -> datetime | str:
    """Return the one moment at which clocks of a zone show a time, in UTC; clocks that are set show some twice."""
    if not _EARLIEST <= local.replace(tzinfo=UTC) <= _LATEST:
        return _MUST
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local:
        return (
            f"was twice in {zone.key}, where clocks were set back; write {first.isoformat()} or {second.isoformat()}, "
            "as text."
        )
    return (
        f"never was in {zone.key}, where clocks were set forward; write the time with its distance from UTC, as text: "
        f"{first.astimezone(UTC).astimezone(zone).isoformat()}."
    )
