"""What a programme finds suspicious: the thresholds of its guards, each a term of its policy. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final


class Rule(StrEnum):
    """What an activity can be held or refused by. Stable: the app shows a text for each."""

    VISITS_PER_MINUTE = "visits_per_minute"
    VISITS_PER_HOUR = "visits_per_hour"
    TWO_RETAILERS_AT_ONCE = "two_retailers_at_once"
    TILL_BURST = "till_burst"
    RETAILER_BURST = "retailer_burst"
    RESIDENT_RETURNS = "resident_returns"
    RETAILER_RETURNS = "retailer_returns"
    STAFF_CLAIM = "staff_claim"
    STAFF_SALES = "staff_sales"
    CLAIMS_AT_RETAILER = "claims_at_retailer"
    UNITS_PER_GTIN_DAY = "units_per_gtin_day"
    UNITS_PER_GTIN_MONTH = "units_per_gtin_month"
    UNITS_PER_CATEGORY_MONTH = "units_per_category_month"


_REFUSING: Final = (
    Rule.STAFF_CLAIM,
    Rule.UNITS_PER_GTIN_DAY,
    Rule.UNITS_PER_GTIN_MONTH,
    Rule.UNITS_PER_CATEGORY_MONTH,
)


@dataclass(frozen=True, slots=True)
class Guards:
    """When an activity is held for review, or refused where the rule stands in `refusing`; None asks nothing.

    All are off unless the programme sets them, and what is off costs no statement.

    A visit is what a resident bought at one retailer at one moment, however many lines it has, or one scan.
    `visits_per_minute` and `visits_per_hour` are the most in any 60 seconds and any 60 minutes.
    `minutes_between_retailers` is the least time between visits to two retailers, in whole minutes of the clock; 0 asks
    only that they are not in the same minute.

    `till_lines_per_minute` is the most that one till can ring up; the first `till_characters` of a receipt's number
    tell which till it was. `retailer_burst_times` is how many times its usual day's lines a retailer may report for a
    day, once that is over `retailer_burst_lines` and `usual_days_least` of the last `usual_days` are there to compare.

    `resident_returns_bp` and `retailer_returns_bp` are the largest share of units brought back, in basis points, over
    this calendar month and the one before, once `returns_least_units` were bought.

    `staff_may_claim` lets a retailer's staff claim anonymous receipts of that retailer; `staff_lines_per_day` is the
    most lines a day they can have there under their own member code. `claims_at_retailer` is the most anonymous
    receipts of one retailer that a resident can claim for purchases within `claims_days`.

    Who has changed households can not join another one for `household_stay_days`, and shares the caps of the one that
    was left until the month is over.
    """

    visits_per_minute: int | None = None
    visits_per_hour: int | None = None
    minutes_between_retailers: int | None = None
    till_characters: int = 0
    till_lines_per_minute: int | None = None
    retailer_burst_times: int | None = None
    retailer_burst_lines: int = 500
    usual_days: int = 28
    usual_days_least: int = 7
    resident_returns_bp: int | None = None
    retailer_returns_bp: int | None = None
    returns_least_units: int = 20
    staff_may_claim: bool = True
    staff_lines_per_day: int | None = None
    claims_at_retailer: int | None = None
    claims_days: int = 30
    household_stay_days: int = 30
    refusing: tuple[Rule, ...] = field(default=_REFUSING)


_MOST: Final = 10**9
_SHARES: Final = ("resident_returns_bp", "retailer_returns_bp")
_WHOLE: Final = 10_000


def guard_faults(guards: Guards) -> Iterator[tuple[str, str]]:
    """Yield every field that is wrong, with what it must be."""
    for each in fields(guards):
        value = getattr(guards, each.name)
        most = _WHOLE if each.name in _SHARES else _MOST
        if type(value) is int and not 0 <= value <= most:
            yield f"guards.{each.name}", f"must be from 0 to {most}, not {value}."
    if guards.usual_days_least > guards.usual_days:
        yield "guards.usual_days_least", f"must not be above usual_days, {guards.usual_days}."
    if guards.till_lines_per_minute is not None and guards.till_characters == 0:
        yield (
            "guards.till_characters",
            "must say how much of a receipt's number tells the till, for till_lines_per_minute.",
        )


CAREFUL: Final = Guards(
    visits_per_minute=6,
    visits_per_hour=60,
    minutes_between_retailers=0,
    retailer_burst_times=10,
    resident_returns_bp=5_000,
    retailer_returns_bp=4_000,
    staff_may_claim=False,
    staff_lines_per_day=30,
    claims_at_retailer=15,
)
"""What a programme can begin with: an ordinary household meets none of it. Tills differ too much to say more."""
