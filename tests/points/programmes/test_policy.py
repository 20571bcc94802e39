import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from points.programmes.expiry import ExpiryRule, Rounding
from points.programmes.policy import TERMS, VERSIONS, DrawOrder, PointsRounding, PolicyVersion, Rate, Rulebook, Terms

SHANGHAI = "Asia/Shanghai"


def test_a_version_holds_from_its_moment_until_the_next_and_the_last_of_one_moment_wins() -> None:
    start, later = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    rules = Rulebook(
        programme_id=new_id(),
        time_zone=SHANGHAI,
        base_budget_id=new_id(),
        engagement_budget_id=new_id(),
        policies=tuple(PolicyVersion(version, at, Terms()) for version, at in ((1, start), (3, later), (2, later))),
        rates=(Rate(1, start, 10_000),),
    )
    assert rules.policy_at(start - timedelta(microseconds=1)) is None
    found = [rules.policy_at(at) for at in (start, later - timedelta(microseconds=1), later)]
    assert [policy and policy.version for policy in found] == [1, 1, 3]


@given(st.integers(min_value=0, max_value=10**12), st.integers(min_value=0, max_value=10**9))
def test_points_by_the_rate_are_floored_never_rounded_up(grams: int, points_per_tonne: int) -> None:
    points = Rate(1, datetime(2026, 1, 1, tzinfo=UTC), points_per_tonne).points_for(grams)
    assert points * 1_000_000 <= grams * points_per_tonne < (points + 1) * 1_000_000


@given(st.integers(min_value=0, max_value=10**12), st.integers(min_value=0, max_value=10**9))
def test_points_rounded_half_up_are_the_nearest_and_the_half_goes_up(grams: int, points_per_tonne: int) -> None:
    rate = Rate(1, datetime(2026, 1, 1, tzinfo=UTC), points_per_tonne)
    points = rate.points_for(grams, PointsRounding.HALF_UP)
    assert -1_000_000 < 2 * (grams * points_per_tonne - points * 1_000_000) + 1 <= 1_000_001
    assert points - rate.points_for(grams) in (0, 1)


OLD_TERMS = {
    "schemes": ["carbon_label", "low_carbon", "green_product"],
    "certifiers": [],
    "sale_evidence_bp": 10_000,
    "scan_evidence_bp": 0,
    "discovery_points": 1,
    "discoveries_per_day": 5,
    "caps": {
        "grams_per_day": 20_000,
        "grams_per_month": 200_000,
        "points_per_day": 2_000,
        "points_per_month": 20_000,
        "units_per_activity": 100,
    },
    "maturity_days": 21,
    "expiry_months": 18,
    "backdating_days": 30,
    "scan_backdating_days": 2,
    "clock_skew_minutes": 5,
    "shortage": "grams_only",
}
"""Terms as they were stored before there were tiers, expiry rules and roundings."""


def test_terms_stored_before_the_later_rules_mean_what_they_meant() -> None:
    stored = json.dumps([{"version": 1, "effective_from": "2026-01-01T00:00:00Z", "terms": OLD_TERMS}])
    [version] = VERSIONS.validate_json(stored)
    terms = version.terms
    assert terms.expiry_rule == ExpiryRule(months=18)
    assert (terms.maturity_days, terms.scan_maturity_days) == (21, 21)
    assert terms.points_rounding is PointsRounding.FLOOR
    assert terms.caps.household_grams_per_day is None
    assert terms.draw_order == DrawOrder(), "all alike"
    assert TERMS.validate_python(OLD_TERMS) == terms


def test_terms_are_stored_and_read_back_as_they_are() -> None:
    terms = Terms(
        expiry=ExpiryRule(months=6, rounding=Rounding.QUARTER), maturity_days=14, points_rounding=PointsRounding.HALF_UP
    )
    assert TERMS.validate_python(TERMS.dump_python(terms, mode="json")) == terms
    assert terms.scan_maturity_days == Terms().scan_maturity_days
