"""What has to be known to judge an activity by its policy: nothing is read or counted that no rule asks for. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from uuid import UUID

from points.earning.activities import Cut, Kind
from points.earning.guards.verdicts import Attempt
from points.programmes.policy import Caps, Terms

_LONGEST_DAY = timedelta(hours=25)
"""Where clocks are set back in autumn."""


class Scope(IntEnum):
    """What a tally counts for; the subject is an id, of a till its retailer's id and its name.

    Returns are counted by month, and apart from sales: sales only look at them and wait for none.
    """

    RETAILER_DAY = 1
    RETAILER_MONTH = 2
    RESIDENT_MONTH = 3
    TILL_MINUTE = 4
    RETAILER_RETURNS = 5
    RESIDENT_RETURNS = 6


@dataclass(frozen=True, slots=True, order=True)
class TallyKey:
    """Which counter: of what, of whom, of when."""

    scope: Scope
    subject: str
    period: int


@dataclass(slots=True)
class Counted:
    """What a counter stands at, or what is added to it."""

    lines: int = 0
    units: int = 0
    grams: int = 0


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """Units a resident brought back to a retailer; no resident where they were of no sale that is known."""

    resident_id: UUID | None
    retailer_id: UUID | None
    units: int
    returned_at: datetime


def counters_of_return(returned: BroughtBack, terms: Terms, day: date) -> list[TallyKey]:
    """Return the counters a return on a day of the programme's calendar is counted in."""
    guards, month = terms.guards, month_number(day)
    wanted = (
        (guards.resident_returns_bp, TallyKey(Scope.RESIDENT_RETURNS, str(returned.resident_id), month)),
        (guards.retailer_returns_bp, TallyKey(Scope.RETAILER_RETURNS, str(returned.retailer_id), month)),
    )
    return [key for threshold, key in wanted if threshold is not None and key.subject != str(None)]


def asks_anything(terms: Terms) -> bool:
    """Tell whether the terms set any guard or any cap that is kept here."""
    guards, caps = terms.guards, terms.caps
    rules = (
        guards.visits_per_minute,
        guards.visits_per_hour,
        guards.minutes_between_retailers,
        guards.till_lines_per_minute,
        guards.retailer_burst_times,
        guards.resident_returns_bp,
        guards.retailer_returns_bp,
        guards.staff_lines_per_day,
        guards.claims_at_retailer,
        caps.units_per_category_month,
        caps.units_per_gtin_day,
        caps.units_per_gtin_month,
        caps.retailer_grams_per_day,
        caps.retailer_grams_per_month,
    )
    return not guards.staff_may_claim or caps_households(caps) or any(rule is not None for rule in rules)


def caps_households(caps: Caps) -> bool:
    """Tell whether those who share a household share a cap."""
    shared = (
        caps.household_grams_per_day,
        caps.household_grams_per_month,
        caps.household_points_per_day,
        caps.household_points_per_month,
    )
    return any(cap is not None for cap in shared)


def asks_staff(attempt: Attempt) -> bool:
    """Tell whether it matters that the resident may work for the retailer."""
    guards = attempt.terms.guards
    claiming = attempt.kind is Kind.CLAIMED and not guards.staff_may_claim
    return attempt.retailer_id is not None and (claiming or guards.staff_lines_per_day is not None)


def past_needed(attempt: Attempt) -> datetime | None:
    """Return the moment from which on the resident's activities matter; None where they do not."""
    guards, caps = attempt.terms.guards, attempt.terms.caps
    units = (caps.units_per_gtin_day, caps.units_per_gtin_month, caps.units_per_category_month)
    spans = (
        (guards.visits_per_minute, timedelta(minutes=1)),
        (guards.visits_per_hour, timedelta(hours=1)),
        (guards.minutes_between_retailers, timedelta(minutes=(guards.minutes_between_retailers or 0) + 1)),
        (guards.staff_lines_per_day, _LONGEST_DAY),
        (guards.claims_at_retailer, timedelta(days=guards.claims_days)),
        (next((cap for cap in units if cap is not None), None), timedelta(days=attempt.day.day - 1) + _LONGEST_DAY),
    )
    needed = [span for threshold, span in spans if threshold is not None]
    return attempt.effective_at - max(needed) if needed else None


def counters(attempt: Attempt) -> list[TallyKey]:
    """Return the counters an activity is counted in."""
    guards, caps = attempt.terms.guards, attempt.terms.caps
    if attempt.retailer_id is None:
        return []
    retailer, month = str(attempt.retailer_id), month_number(attempt.day)
    wanted = [
        (guards.retailer_burst_times, TallyKey(Scope.RETAILER_DAY, retailer, attempt.day.toordinal())),
        (caps.retailer_grams_per_day, TallyKey(Scope.RETAILER_DAY, retailer, attempt.day.toordinal())),
        (guards.retailer_returns_bp, TallyKey(Scope.RETAILER_MONTH, retailer, month)),
        (caps.retailer_grams_per_month, TallyKey(Scope.RETAILER_MONTH, retailer, month)),
        (guards.resident_returns_bp, TallyKey(Scope.RESIDENT_MONTH, str(attempt.resident_id), month)),
        (guards.till_lines_per_minute if attempt.till else None, till_key(attempt)),
    ]
    return list(dict.fromkeys(key for threshold, key in wanted if threshold is not None))


def capped(retailer_id: UUID | None, day: date, caps: Caps) -> list[tuple[Cut, TallyKey, int]]:
    """Return the retailer's caps that a credit of that day counts under, with the counter of each."""
    if retailer_id is None:
        return []
    retailer = str(retailer_id)
    wanted = (
        (Cut.RETAILER_GRAMS_PER_DAY, Scope.RETAILER_DAY, day.toordinal(), caps.retailer_grams_per_day),
        (Cut.RETAILER_GRAMS_PER_MONTH, Scope.RETAILER_MONTH, month_number(day), caps.retailer_grams_per_month),
    )
    return [(cut, TallyKey(scope, retailer, period), cap) for cut, scope, period, cap in wanted if cap is not None]


def till_key(attempt: Attempt) -> TallyKey:
    """Return the counter of the till's minute."""
    minute = int(attempt.effective_at.timestamp()) // 60
    return TallyKey(Scope.TILL_MINUTE, f"{attempt.retailer_id}:{attempt.till}", minute)


def added(attempts: Iterable[Attempt]) -> dict[TallyKey, Counted]:
    """Return what a batch adds to counters: its lines and units, whatever becomes of them."""
    sums: dict[TallyKey, Counted] = defaultdict(Counted)
    for attempt in attempts:
        for key in counters(attempt):
            sums[key].lines += 1
            sums[key].units += attempt.quantity
    return dict(sums)


def earlier_spans(attempt: Attempt) -> set[tuple[Scope, str, int, int]]:
    """Return earlier counters to compare with: scope, subject, first and last period."""
    guards = attempt.terms.guards
    if attempt.retailer_id is None:
        return set()
    retailer, day, month = str(attempt.retailer_id), attempt.day.toordinal(), month_number(attempt.day)
    resident = str(attempt.resident_id)
    wanted = (
        (guards.retailer_burst_times, (Scope.RETAILER_DAY, retailer, day - guards.usual_days, day - 1)),
        (guards.retailer_returns_bp, (Scope.RETAILER_MONTH, retailer, month - 1, month - 1)),
        (guards.retailer_returns_bp, (Scope.RETAILER_RETURNS, retailer, month - 1, month)),
        (guards.resident_returns_bp, (Scope.RESIDENT_MONTH, resident, month - 1, month - 1)),
        (guards.resident_returns_bp, (Scope.RESIDENT_RETURNS, resident, month - 1, month)),
    )
    return {span for threshold, span in wanted if threshold is not None}


def month_number(day: date) -> int:
    """Return the months from year 0 to a day's month."""
    return day.year * 12 + day.month - 1
