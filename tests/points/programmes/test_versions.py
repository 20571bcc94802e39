from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from points.programmes.expiry import ExpiryRule, Rounding
from points.programmes.policy import Caps, PolicyVersion, Terms
from points.programmes.versions import Difference, Standing, changed, differences, held

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_each_version_ends_where_the_next_begins_and_one_replaced_at_once_never_held() -> None:
    at = [START, START + timedelta(days=10), START + timedelta(days=10), START + timedelta(days=20)]
    versions = [PolicyVersion(number, moment, Terms()) for number, moment in enumerate(at, 1)]
    found = held(list(reversed(versions)), START + timedelta(days=10))
    assert [(each.version.version, each.effective_until, each.standing) for each in found] == [
        (1, at[1], Standing.PAST),
        (2, at[2], Standing.REPLACED),
        (3, at[3], Standing.IN_FORCE),
        (4, None, Standing.COMING),
    ]


def test_two_versions_differ_in_what_they_say_and_not_in_how_they_say_it() -> None:
    assert differences(Terms(expiry_months=18), Terms(expiry=ExpiryRule(18), expiry_months=12)) == []
    after = Terms(caps=Caps(grams_per_day=1, retailer_grams_per_day=5), expiry=ExpiryRule(12, Rounding.YEAR))
    assert differences(Terms(), after) == [
        Difference("caps.grams_per_day", 20_000, 1),
        Difference("caps.retailer_grams_per_day", None, 5),
        Difference("expiry.rounding", "none", "year"),
    ]


def test_changes_are_laid_over_the_terms_name_by_name_and_the_rest_stays() -> None:
    before = Terms(caps=Caps(points_per_day=7), return_days=9)
    after = changed(before, {"caps": {"grams_per_day": 3}, "expiry": {"months": 6}, "schemes": ["low_carbon"]})
    assert after.caps == Caps(points_per_day=7, grams_per_day=3)
    assert (after.expiry_rule, after.expiry_months, after.return_days) == (ExpiryRule(6), 6, 9)
    assert after.schemes == ("low_carbon",)


def test_a_change_of_expiry_keeps_the_months_that_terms_said_before_there_was_a_rule() -> None:
    after = changed(Terms(expiry_months=6), {"expiry": {"rounding": "quarter"}})
    assert (after.expiry_rule, after.expiry_months) == (ExpiryRule(6, Rounding.QUARTER), 6)
    assert changed(Terms(expiry_months=6), {"expiry": None}).expiry_rule == ExpiryRule(6)


def test_a_value_that_is_no_use_to_its_term_is_refused() -> None:
    with pytest.raises(ValidationError):
        changed(Terms(), {"shortage": "print_more"})
