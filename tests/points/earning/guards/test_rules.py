"""Each rule at its threshold and one beyond it."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.earning.activities import Kind
from points.earning.guards.rules import Known, Turnover, judge, most_within
from points.earning.guards.verdicts import Hold, Pass, Refuse, Verdict
from points.programmes.guard_terms import CAREFUL, Guards, Rule
from points.programmes.policy import Caps
from tests.factories.guards import NOON, OTHER_SHOP, SHOP, attempt, seen

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


def rule_of(verdict: Verdict) -> Rule | None:
    return None if isinstance(verdict, Pass) else verdict.rule


def test_nothing_is_stopped_where_a_policy_sets_no_guard() -> None:
    known = Known(
        seen=[seen(retailer_id=OTHER_SHOP) for _ in range(500)],
        is_staff=True,
        till_lines=10_000,
        retailer_lines=10_000,
        usual_lines=[1] * 28,
        resident=Turnover(100, 100),
        retailer=Turnover(100, 100),
    )
    assert rule_of(judge(attempt(kind=Kind.CLAIMED, quantity=100), known)) is None


@pytest.mark.parametrize(
    ("earlier", "stopped"),
    [
        (2, None),  # with this one three, which is allowed
        (3, Rule.VISITS_PER_MINUTE),
    ],
)
def test_visits_within_a_minute_are_counted_with_this_one(earlier: int, stopped: Rule | None) -> None:
    known = Known(seen=[seen(NOON - number * SECOND, retailer_id=None) for number in range(1, earlier + 1)])
    assert rule_of(judge(attempt(Guards(visits_per_minute=3)), known)) == stopped


def test_a_basket_of_many_lines_is_one_visit() -> None:
    known = Known(seen=[seen() for _ in range(60)])
    assert rule_of(judge(attempt(Guards(visits_per_minute=1, visits_per_hour=1)), known)) is None


def test_an_activity_reported_late_is_counted_with_those_after_it() -> None:
    known = Known(seen=[seen(NOON + number * SECOND) for number in (10, 20, 59)])
    assert rule_of(judge(attempt(Guards(visits_per_minute=3)), known)) is Rule.VISITS_PER_MINUTE
    assert rule_of(judge(attempt(Guards(visits_per_minute=3), at=NOON - SECOND), known)) is None


@given(
    st.lists(st.integers(min_value=-200, max_value=200), max_size=20),
    st.integers(min_value=-200, max_value=200),
    st.integers(min_value=1, max_value=90),
)
def test_the_fullest_span_is_found(others: list[int], moment: int, window: int) -> None:
    every = sorted([*others, moment])
    by_hand = max(
        sum(start <= each < start + window for each in every) for start in range(moment - window + 1, moment + 1)
    )
    moments = [NOON + each * SECOND for each in every]
    assert most_within(moments, NOON + moment * SECOND, window * SECOND) == by_hand


@pytest.mark.parametrize(
    ("least", "apart", "stopped"),
    [
        (0, 59 * SECOND, Rule.TWO_RETAILERS_AT_ONCE),
        (0, 60 * SECOND, None),
        (10, 10 * MINUTE, Rule.TWO_RETAILERS_AT_ONCE),
        (10, 11 * MINUTE, None),
        (10, -10 * MINUTE, Rule.TWO_RETAILERS_AT_ONCE),
    ],
)
def test_two_retailers_are_told_apart_by_minutes_of_the_clock(
    least: int, apart: timedelta, stopped: Rule | None
) -> None:
    known = Known(seen=[seen(NOON + apart, retailer_id=OTHER_SHOP)])
    assert rule_of(judge(attempt(Guards(minutes_between_retailers=least)), known)) == stopped


def test_a_scan_and_the_same_retailer_are_no_second_place() -> None:
    known = Known(seen=[seen(), seen(retailer_id=None, kind=Kind.SCAN)])
    guards = Guards(minutes_between_retailers=60)
    assert rule_of(judge(attempt(guards), known)) is None
    assert rule_of(judge(attempt(guards, retailer_id=None, kind=Kind.SCAN), known)) is None


@pytest.mark.parametrize(("lines", "stopped"), [(40, None), (41, Rule.TILL_BURST)])
def test_a_till_rings_up_so_many_lines(lines: int, stopped: Rule | None) -> None:
    guards = Guards(till_characters=3, till_lines_per_minute=40)
    assert rule_of(judge(attempt(guards), Known(till_lines=lines))) == stopped
    assert rule_of(judge(attempt(guards, receipt=None), Known(till_lines=lines))) is None


@pytest.mark.parametrize(
    ("lines", "usual", "stopped"),
    [
        (501, [50] * 7, Rule.RETAILER_BURST),
        (500, [50] * 7, None),  # not over the least that is called a burst
        (501, [50] * 6, None),  # too few days to say what is usual
        (600, [60] * 7, None),  # ten times as many, not more
        (601, [60] * 7, Rule.RETAILER_BURST),
    ],
)
def test_a_retailer_is_measured_by_its_own_days(lines: int, usual: list[int], stopped: Rule | None) -> None:
    known = Known(retailer_lines=lines, usual_lines=usual)
    assert rule_of(judge(attempt(Guards(retailer_burst_times=10)), known)) == stopped


@pytest.mark.parametrize(
    ("bought", "returned", "stopped"), [(20, 10, ""), (20, 11, "stopped"), (19, 19, ""), (0, 0, "")]
)
def test_shares_of_returns_count_from_a_least_number_on(bought: int, returned: int, stopped: str) -> None:
    turnover = Turnover(bought, returned)
    assert rule_of(judge(attempt(Guards(resident_returns_bp=5_000)), Known(resident=turnover))) == (
        Rule.RESIDENT_RETURNS if stopped else None
    )
    assert rule_of(judge(attempt(Guards(retailer_returns_bp=5_000)), Known(retailer=turnover))) == (
        Rule.RETAILER_RETURNS if stopped else None
    )


def test_staff_can_not_claim_receipts_of_their_own_shop() -> None:
    guards = Guards(staff_may_claim=False)
    claim = attempt(guards, kind=Kind.CLAIMED)
    assert isinstance(judge(claim, Known(is_staff=True)), Refuse)
    assert isinstance(judge(claim, Known()), Pass)
    assert isinstance(judge(attempt(guards), Known(is_staff=True)), Pass)


def test_staff_have_so_many_lines_a_day_at_their_own_shop() -> None:
    known = Known(seen=[seen(), seen(day=date(2026, 5, 14)), seen(retailer_id=OTHER_SHOP)], is_staff=True)
    assert rule_of(judge(attempt(Guards(staff_lines_per_day=2)), known)) is None
    assert rule_of(judge(attempt(Guards(staff_lines_per_day=1)), known)) is Rule.STAFF_SALES
    assert rule_of(judge(attempt(Guards(staff_lines_per_day=1)), Known(seen=known.seen))) is None


def test_claims_are_counted_by_receipt_and_by_retailer_within_their_days() -> None:
    claimed = [seen(NOON - number * DAY, kind=Kind.CLAIMED) for number in (0, 0, 1, 2)]
    others = [seen(NOON, retailer_id=OTHER_SHOP, kind=Kind.CLAIMED), seen(NOON - 30 * DAY, kind=Kind.CLAIMED)]
    known = Known(seen=[*claimed, *others])
    claim = attempt(Guards(claims_at_retailer=3), kind=Kind.CLAIMED)
    assert rule_of(judge(claim, known)) is None
    assert rule_of(judge(replace(claim, effective_at=NOON - MINUTE), known)) is Rule.CLAIMS_AT_RETAILER


@pytest.mark.parametrize(
    ("caps", "stopped"),
    [
        (Caps(units_per_gtin_day=5), None),
        (Caps(units_per_gtin_day=4), Rule.UNITS_PER_GTIN_DAY),
        (Caps(units_per_gtin_month=7), None),
        (Caps(units_per_gtin_month=6), Rule.UNITS_PER_GTIN_MONTH),
        (Caps(units_per_category_month=11), None),
        (Caps(units_per_category_month=10), Rule.UNITS_PER_CATEGORY_MONTH),
    ],
)
def test_units_are_counted_by_product_and_category_in_the_calendar(caps: Caps, stopped: Rule | None) -> None:
    known = Known(
        seen=[
            seen(units=3),
            seen(units=2, day=date(2026, 5, 1)),
            seen(units=4, gtin="09521234543220", day=date(2026, 5, 2)),
            seen(units=100, day=date(2026, 4, 30)),
            seen(units=100, gtin="09521234543237", category_id="rice"),
            seen(units=100, kind=Kind.SCAN, retailer_id=None),
        ]
    )
    verdict = judge(attempt(caps=caps, quantity=2), known)
    assert rule_of(verdict) == stopped
    assert stopped is None or isinstance(verdict, Refuse)


def test_what_refuses_is_the_policys_to_say_and_comes_before_what_holds() -> None:
    guards = Guards(visits_per_minute=0, staff_may_claim=False, refusing=())
    claim = attempt(guards, kind=Kind.CLAIMED)
    assert isinstance(judge(claim, Known(is_staff=True)), Hold)
    refusing = attempt(replace(guards, refusing=(Rule.VISITS_PER_MINUTE,)), kind=Kind.CLAIMED)
    assert judge(refusing, Known(is_staff=True)) == Refuse(
        Rule.VISITS_PER_MINUTE,
        "1 visits or scans within a minute; the programme expects no more than 0.",
        {"count": 1, "most": 0},
    )


def test_an_ordinary_saturday_meets_no_careful_guard() -> None:
    """Three shops, forty lines, a few scans at home."""
    visits = [(NOON - 90 * MINUTE, SHOP, 20), (NOON - 45 * MINUTE, OTHER_SHOP, 12)]
    known = Known(seen=[seen(at, retailer_id=shop) for at, shop, lines in visits for _ in range(lines)])
    scans: list[datetime] = [NOON + number * 15 * SECOND for number in range(1, 5)]
    for at in scans:
        assert isinstance(judge(attempt(CAREFUL, at=at, retailer_id=None, kind=Kind.SCAN), known), Pass)
        known = Known(seen=[*known.seen, seen(at, retailer_id=None, kind=Kind.SCAN)])
    assert isinstance(judge(attempt(CAREFUL), known), Pass)


def test_scans_that_tell_the_same_moment_are_visits_each() -> None:
    known = Known(seen=[seen(retailer_id=None, kind=Kind.SCAN) for _ in range(3)])
    verdict = judge(attempt(Guards(visits_per_minute=3), retailer_id=None, kind=Kind.SCAN), known)
    assert isinstance(verdict, Hold)
    assert verdict.facts == {"count": 4, "most": 3}
