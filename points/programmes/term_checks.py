"""What terms and rates must be like to be published, whoever publishes them. Pure."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from points.errors import InvalidInputError
from points.programmes.expiry import Rounding, month_day
from points.programmes.guard_terms import guard_faults
from points.programmes.policy import BASIS_POINTS, Caps, DrawOrder, Terms

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far back a new version may reach: as far as two machines' clocks may differ, so that no receipt is overtaken."""

MOST_DAYS: Final = 3_650
MOST_MONTHS: Final = 120
MOST_POINTS_PER_TONNE: Final = 10**9
_MOST_DATES: Final = 12
_MOST_NAMES: Final = 100
_DAYS_OF_SHORTEST_MONTH: Final = 28

_EVIDENCE: Final = ("sale_evidence_bp", "scan_evidence_bp", "claimed_sale_evidence_bp", "unit_evidence_bp")
_MATURITIES: Final = ("maturity_days", "unit_maturity_days", "claimed_maturity_days", "scan_maturity_days")
_WINDOWS: Final = ("backdating_days", "scan_backdating_days", "matching_days", "claim_days", "return_days")
_ENGAGEMENT: Final = ("discovery_points", "discoveries_per_day")
_MOST_DISCOVERY: Final = 1_000
_MOST_SKEW: Final = 60
_MOST_CAP: Final = 10**12
LAST_DRAWN: Final = 100
"""The highest number in a drawing order: more than there are kinds of points to tell apart."""

Fault = tuple[str, str]
"""The field, and what it must be."""


def check_terms(terms: Terms, *, within: str = "") -> None:
    """Refuse terms that could not be held or would quietly do something else than they seem to.

    `within` is the path of the terms in what was sent, such as `terms/`.

    Raises:
        InvalidInputError: with the first field that is wrong, and what it must be.
    """
    for name, detail in faults(terms):
        raise InvalidInputError(f"{name} {detail}", field=within + name.replace(".", "/"))


def check_rate(points_per_tonne: int) -> None:
    """Refuse a rate out of range.

    Raises:
        InvalidInputError: when it is negative, or so high that a gram is worth a thousand points.
    """
    if points_per_tonne < 0:
        raise InvalidInputError("points_per_tonne must not be negative.", field="points_per_tonne")
    if points_per_tonne > MOST_POINTS_PER_TONNE:
        detail = f"points_per_tonne must be {MOST_POINTS_PER_TONNE} at most."
        raise InvalidInputError(detail, field="points_per_tonne")


def check_start(effective_from: datetime, now: datetime) -> None:
    """Refuse a version that would hold from before now: what was receipted by another must stay as it was.

    Raises:
        InvalidInputError: when it starts in the past.
    """
    if effective_from < now - CLOCK_SKEW:
        detail = "effective_from must not lie in the past: what was earned until now keeps the rules of its time."
        raise InvalidInputError(detail, field="effective_from")


def faults(terms: Terms) -> Iterator[Fault]:
    """Yield every field that is wrong, with what it must be."""
    yield from _within(terms, _EVIDENCE, 0, BASIS_POINTS)
    yield from _within(terms, (*_MATURITIES, *_WINDOWS), 0, MOST_DAYS)
    yield from _within(terms, _ENGAGEMENT, 0, _MOST_DISCOVERY)
    yield from _within(terms, ("clock_skew_minutes",), 0, _MOST_SKEW)
    yield from _names(terms)
    yield from _caps(terms.caps)
    yield from _draw_order(terms.draw_order)
    yield from _expiry(terms)
    yield from guard_faults(terms.guards)


def _within(terms: Terms, names: tuple[str, ...], least: int, most: int) -> Iterator[Fault]:
    for name in names:
        if not least <= getattr(terms, name) <= most:
            yield name, f"must be from {least} to {most}, not {getattr(terms, name)}."


def _names(terms: Terms) -> Iterator[Fault]:
    if not 1 <= len(terms.schemes) <= _MOST_NAMES or any(not each.strip() for each in terms.schemes):
        yield "schemes", f"must name 1 to {_MOST_NAMES} schemes or kinds of certificate; without any nobody earns."
    if len(terms.certifiers) > _MOST_NAMES:
        yield "certifiers", f"can name {_MOST_NAMES} organizations at most."
    for each in terms.certifiers:
        if not _is_id(each):  # no certificate's certifier would ever equal it: it would quietly recognise nobody
            yield "certifiers", f"must be ids of organizations in lower case with hyphens, not {each!r}."


def _caps(caps: Caps) -> Iterator[Fault]:
    for each in fields(caps):
        most = getattr(caps, each.name)
        if most is not None and not 0 <= most <= _MOST_CAP:
            yield f"caps.{each.name}", f"must be from 0 to {_MOST_CAP}, not {most}."
    for name in ("grams", "points", "household_grams", "household_points", "retailer_grams", "units_per_gtin"):
        day, month = (_cap(caps, name, period) for period in ("day", "month"))
        if day is not None and month is not None and day > month:
            yield f"caps.{name}_per_month".replace("gtin_per_", "gtin_"), f"must not be below what a day allows, {day}."


def _draw_order(order: DrawOrder) -> Iterator[Fault]:
    for each in fields(order):
        number = getattr(order, each.name)
        if number is not None and not 0 <= number <= LAST_DRAWN:
            yield f"draw_order.{each.name}", f"must be from 0, which is spent first, to {LAST_DRAWN}, not {number}."


def _cap(caps: Caps, name: str, period: str) -> int | None:
    found: int | None = getattr(caps, f"{name}_{period}" if name.endswith("gtin") else f"{name}_per_{period}")
    return found


def _expiry(terms: Terms) -> Iterator[Fault]:
    rule = terms.expiry_rule
    if not 1 <= rule.months <= MOST_MONTHS:
        yield "expiry.months", f"must be from 1 to {MOST_MONTHS}, not {rule.months}."
        return
    if rule.fixed_dates and rule.rounding is not Rounding.NONE:
        yield "expiry.rounding", "must be none where fixed_dates say when points end."
    if len(rule.fixed_dates) > _MOST_DATES:
        yield "expiry.fixed_dates", f"can hold {_MOST_DATES} dates at most."
    for each in rule.fixed_dates:
        if month_day(each) is None:
            yield "expiry.fixed_dates", f"must be days of the year as MM-DD, such as 06-30, not {each!r}."
    slowest = max(_MATURITIES, key=lambda name: int(getattr(terms, name)))
    if getattr(terms, slowest) > rule.months * _DAYS_OF_SHORTEST_MONTH:
        yield slowest, f"must end before points do, within {rule.months} months: nobody could ever spend them."


def _is_id(written: str) -> bool:
    try:
        return str(UUID(written)) == written
    except ValueError:
        return False
