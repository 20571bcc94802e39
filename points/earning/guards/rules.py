"""The rules that stop an activity: each a comparison of what is known with one threshold of the policy. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from points.earning.activities import Kind
from points.earning.guards.verdicts import PASS, Attempt, Fact, Hold, Refuse, Verdict
from points.programmes.guard_terms import Rule
from points.programmes.policy import BASIS_POINTS

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_BOUGHT: Final = frozenset({Kind.SALE, Kind.UNIT, Kind.CLAIMED})
"""What shows that something was bought; a bare scan does not."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An earlier activity of the resident; `units` without those that another activity counts already."""

    activity_id: UUID
    retailer_id: UUID | None
    kind: Kind
    gtin: str
    category_id: str | None
    units: int
    effective_at: datetime
    day: date

    @property
    def visit(self) -> tuple[UUID, datetime]:
        """What tells one visit from another: where and when something was bought; each scan is one by itself.

        A phone says itself when it scanned: that two scans share their moment proves nothing.
        """
        return (self.activity_id if self.retailer_id is None else self.retailer_id), self.effective_at


@dataclass(frozen=True, slots=True)
class Turnover:
    """Units bought and brought back, over this calendar month and the one before."""

    bought: int = 0
    returned: int = 0


@dataclass(slots=True)
class Known:
    """What guards compare an activity with. What no rule of the policy asks for is empty.

    `till_lines` and `retailer_lines` count this activity too; `usual_lines` are the lines of each earlier day that had
    any.
    """

    seen: Sequence[Seen] = ()
    is_staff: bool = False
    till_lines: int = 0
    retailer_lines: int = 0
    usual_lines: Sequence[int] = ()
    resident: Turnover = field(default_factory=Turnover)
    retailer: Turnover = field(default_factory=Turnover)


@dataclass(frozen=True, slots=True)
class _Found:
    rule: Rule
    detail: str
    facts: dict[str, Fact]


def judge(attempt: Attempt, known: Known) -> Verdict:
    """Return what the rules say: the first that finds something stops the activity, refusals before holds."""
    found = [each for check in _CHECKS for each in check(attempt, known)]
    refusing = attempt.terms.guards.refusing
    for each in found:
        if each.rule in refusing:
            return Refuse(each.rule, each.detail, each.facts)
    return Hold(found[0].rule, found[0].detail, found[0].facts) if found else PASS


def as_seen(attempt: Attempt) -> Seen:
    """Return an activity that passed as those after it see it."""
    return Seen(
        attempt.activity_id,
        attempt.retailer_id,
        attempt.kind,
        attempt.gtin,
        attempt.category_id,
        attempt.quantity,
        attempt.effective_at,
        attempt.day,
    )


def most_within(moments: Sequence[datetime], moment: datetime, window: timedelta) -> int:
    """Return the most of `moments`, which are sorted, in any span of length `window` that holds `moment`.

    A span holds its beginning and not its end. The fullest one begins at one of the moments.
    """
    first, last = bisect_right(moments, moment - window), bisect_right(moments, moment)
    return max(
        (bisect_left(moments, start + window) - index for index, start in enumerate(moments[first:last], first)),
        default=0,
    )


def _visits(attempt: Attempt, known: Known) -> Iterable[_Found]:
    guards = attempt.terms.guards
    if guards.visits_per_minute is None and guards.visits_per_hour is None:
        return
    visits = {each.visit for each in known.seen} | {as_seen(attempt).visit}
    moments = sorted(moment for _, moment in visits)
    for rule, most, window, words in (
        (Rule.VISITS_PER_MINUTE, guards.visits_per_minute, _MINUTE, "a minute"),
        (Rule.VISITS_PER_HOUR, guards.visits_per_hour, _HOUR, "an hour"),
    ):
        if most is not None and (count := most_within(moments, attempt.effective_at, window)) > most:
            detail = f"{count} visits or scans within {words}; the programme expects no more than {most}."
            yield _Found(rule, detail, {"count": count, "most": most})


def _two_retailers(attempt: Attempt, known: Known) -> Iterable[_Found]:
    least = attempt.terms.guards.minutes_between_retailers
    if least is None or attempt.retailer_id is None:
        return
    minute = minute_of(attempt.effective_at)
    elsewhere = [
        each
        for each in known.seen
        if each.retailer_id not in {None, attempt.retailer_id} and abs(minute_of(each.effective_at) - minute) <= least
    ]
    if elsewhere:
        apart = min(abs(minute_of(each.effective_at) - minute) for each in elsewhere)
        detail = f"Another retailer reports a purchase {apart} minutes apart; nobody is in two places at once."
        yield _Found(
            Rule.TWO_RETAILERS_AT_ONCE,
            detail,
            {"minutes": apart, "activities": [str(each.activity_id) for each in elsewhere]},
        )


def _bursts(attempt: Attempt, known: Known) -> Iterable[_Found]:
    guards = attempt.terms.guards
    most = guards.till_lines_per_minute
    if most is not None and attempt.till is not None and known.till_lines > most:
        detail = f"{known.till_lines} lines of one till within a minute; no till rings up more than {most}."
        yield _Found(Rule.TILL_BURST, detail, {"lines": known.till_lines, "most": most, "till": attempt.till})
    times, days, total = guards.retailer_burst_times, len(known.usual_lines), sum(known.usual_lines)
    if times is None or days < guards.usual_days_least or known.retailer_lines <= guards.retailer_burst_lines:
        return
    if known.retailer_lines * days > times * total:
        detail = (
            f"{known.retailer_lines} lines of one retailer for one day, over {times} times its usual {total // days}."
        )
        yield _Found(Rule.RETAILER_BURST, detail, {"lines": known.retailer_lines, "usual": total // days})


def _returns(attempt: Attempt, known: Known) -> Iterable[_Found]:
    guards = attempt.terms.guards
    for rule, share_bp, turnover, whose in (
        (Rule.RESIDENT_RETURNS, guards.resident_returns_bp, known.resident, "resident"),
        (Rule.RETAILER_RETURNS, guards.retailer_returns_bp, known.retailer, "retailer"),
    ):
        if share_bp is None or attempt.kind is Kind.SCAN or turnover.bought < max(1, guards.returns_least_units):
            continue
        if turnover.returned * BASIS_POINTS > share_bp * turnover.bought:
            detail = f"Of {turnover.bought} units of this {whose}, {turnover.returned} were brought back."
            yield _Found(rule, detail, {"bought": turnover.bought, "returned": turnover.returned})


def _own_dealing(attempt: Attempt, known: Known) -> Iterable[_Found]:
    guards = attempt.terms.guards
    here = [each for each in known.seen if each.retailer_id == attempt.retailer_id]
    if attempt.retailer_id is None:
        return
    if attempt.kind is Kind.CLAIMED and known.is_staff and not guards.staff_may_claim:
        yield _Found(Rule.STAFF_CLAIM, "Who works for a retailer can not claim receipts of it.", {})
    lines = 1 + sum(each.day == attempt.day for each in here)
    if known.is_staff and guards.staff_lines_per_day is not None and lines > guards.staff_lines_per_day:
        detail = (
            f"{lines} lines in a day at the retailer the resident works for; {guards.staff_lines_per_day} are usual."
        )
        yield _Found(Rule.STAFF_SALES, detail, {"lines": lines, "most": guards.staff_lines_per_day})
    if attempt.kind is not Kind.CLAIMED or guards.claims_at_retailer is None:
        return
    window = timedelta(days=guards.claims_days)
    claims = {each.visit for each in here if each.kind is Kind.CLAIMED} | {as_seen(attempt).visit}
    count = most_within(sorted(moment for _, moment in claims), attempt.effective_at, window)
    if count > guards.claims_at_retailer:
        detail = f"{count} receipts of one retailer claimed for purchases within {guards.claims_days} days."
        yield _Found(Rule.CLAIMS_AT_RETAILER, detail, {"count": count, "most": guards.claims_at_retailer})


def _units(attempt: Attempt, known: Known) -> Iterable[_Found]:
    caps = attempt.terms.caps
    if attempt.kind not in _BOUGHT:
        return
    month = [each for each in known.seen if each.kind in _BOUGHT and _month(each.day) == _month(attempt.day)]
    same = [each for each in month if each.gtin == attempt.gtin]
    for rule, most, among, words in (
        (
            Rule.UNITS_PER_GTIN_DAY,
            caps.units_per_gtin_day,
            [each for each in same if each.day == attempt.day],
            "of this product in a day",
        ),
        (Rule.UNITS_PER_GTIN_MONTH, caps.units_per_gtin_month, same, "of this product in a month"),
        (
            Rule.UNITS_PER_CATEGORY_MONTH,
            caps.units_per_category_month,
            [each for each in month if each.category_id == attempt.category_id],
            "of this kind of product in a month",
        ),
    ):
        units = attempt.quantity + sum(each.units for each in among)
        if most is not None and units > most:
            yield _Found(
                rule, f"{units} units {words}; a household is expected to need {most}.", {"units": units, "most": most}
            )


def minute_of(moment: datetime) -> int:
    """Return the minute of the clock, counted from the epoch."""
    return int(moment.timestamp()) // 60


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


_CHECKS: Final[tuple[Callable[[Attempt, Known], Iterable[_Found]], ...]] = (
    _units,
    _own_dealing,
    _two_retailers,
    _visits,
    _bursts,
    _returns,
)
