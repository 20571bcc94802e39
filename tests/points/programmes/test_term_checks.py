from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from points.errors import InvalidInputError
from points.programmes.expiry import ExpiryRule, Rounding
from points.programmes.policy import Caps, DrawOrder, Terms
from points.programmes.term_checks import CLOCK_SKEW, check_rate, check_start, check_terms


def test_what_a_programme_begins_with_can_be_published() -> None:
    check_terms(Terms())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sale_evidence_bp": 10_001}, "sale_evidence_bp"),
        ({"unit_evidence_bp": -1}, "unit_evidence_bp"),
        ({"schemes": ()}, "schemes"),
        ({"schemes": (" ",)}, "schemes"),
        ({"certifiers": ("Green",)}, "certifiers"),
        ({"return_days": -1}, "return_days"),
        ({"clock_skew_minutes": 61}, "clock_skew_minutes"),
        ({"discovery_points": -1}, "discovery_points"),
        ({"caps": Caps(grams_per_day=-1)}, "caps/grams_per_day"),
        ({"caps": Caps(grams_per_day=5, grams_per_month=4)}, "caps/grams_per_month"),
        ({"caps": Caps(units_per_gtin_day=5, units_per_gtin_month=4)}, "caps/units_per_gtin_month"),
        ({"caps": Caps(retailer_grams_per_day=5, retailer_grams_per_month=4)}, "caps/retailer_grams_per_month"),
        ({"expiry": ExpiryRule(0)}, "expiry/months"),
        ({"expiry_months": 0}, "expiry/months"),
        ({"expiry": ExpiryRule(121)}, "expiry/months"),
        ({"expiry": ExpiryRule(12, Rounding.YEAR, ("06-30",))}, "expiry/rounding"),
        ({"expiry": ExpiryRule(12, fixed_dates=("02-30",))}, "expiry/fixed_dates"),
        ({"expiry": ExpiryRule(1), "unit_maturity_days": 29}, "unit_maturity_days"),
        ({"draw_order": DrawOrder(scan=101)}, "draw_order/scan"),
        ({"draw_order": DrawOrder(campaign=-1)}, "draw_order/campaign"),
    ],
)
def test_a_term_that_can_not_be_held_is_refused_by_its_name(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_terms(replace(Terms(), **change))
    assert caught.value.context == {"field": field}


@pytest.mark.parametrize("points", [-1, 10**9 + 1])
def test_a_rate_out_of_range_is_refused(points: int) -> None:
    with pytest.raises(InvalidInputError, match="points_per_tonne"):
        check_rate(points)


def test_nothing_is_published_for_a_time_that_has_passed() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    check_start(now - CLOCK_SKEW, now)
    with pytest.raises(InvalidInputError, match="effective_from"):
        check_start(now - CLOCK_SKEW - timedelta(seconds=1), now)
