from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from core.ids import new_id
from points.errors import StateConflictError
from points.programmes.expiry import ExpiryRule, Rounding
from points.programmes.policy import Caps, PolicyVersion, Rulebook, Terms
from points.programmes.versions import (
    Difference,
    Standing,
    changed,
    check_turn,
    check_withdrawal,
    differences,
    held,
    latest,
)

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


def version(number: int, days: int, terms: Terms = Terms(), *, withdrawn: bool = False) -> PolicyVersion:  # noqa: B008 - frozen
    return PolicyVersion(number, START + timedelta(days=days), terms, START if withdrawn else None)


def rules(*versions: PolicyVersion) -> Rulebook:
    return Rulebook(new_id(), "UTC", new_id(), new_id(), versions, ())


def test_a_withdrawn_version_never_holds_and_what_was_before_goes_on() -> None:
    versions = [version(1, 0), version(2, 10, withdrawn=True), version(3, 20)]
    assert [(each.version.version, each.effective_until, each.standing) for each in held(versions, START)] == [
        (1, versions[2].effective_from, Standing.IN_FORCE),
        (2, None, Standing.WITHDRAWN),
        (3, None, Standing.COMING),
    ]
    assert latest(versions[:2]) == versions[0]
    assert latest([versions[1]]) is None


def test_no_version_begins_before_one_that_would_end_it() -> None:
    versions = [version(1, 0), version(2, 10)]
    with pytest.raises(StateConflictError, match=r"Version 2 begins later, at 2026-01-11.*or withdraw version 2"):
        check_turn(versions, START + timedelta(days=10, microseconds=-1))
    check_turn(versions, START + timedelta(days=10))
    check_turn([versions[0], version(2, 10, withdrawn=True)], START + timedelta(days=9))


def test_a_version_is_withdrawn_only_while_no_clock_can_have_something_credited_by_it() -> None:
    """Fifteen minutes: a sale may be reported ten ahead of our clock, and our machines' clocks may be five apart."""
    patient = version(1, 0, Terms(clock_skew_minutes=10))
    coming, dropped = version(2, 10), version(3, 20, Terms(clock_skew_minutes=60), withdrawn=True)
    book = rules(patient, coming, dropped)
    last = coming.effective_from - timedelta(minutes=15)
    check_withdrawal(coming, book.policies, book, last - timedelta(microseconds=1))
    for late in (last, coming.effective_from, coming.effective_from + timedelta(days=1)):
        with pytest.raises(StateConflictError, match=r"until 2026-01-10T23:45:00\+00:00.*Publish the next version"):
            check_withdrawal(coming, book.policies, book, late)


def test_a_version_counts_how_far_ahead_it_lets_clocks_be_itself() -> None:
    coming = version(2, 10, Terms(clock_skew_minutes=60))
    book = rules(version(1, 0), coming)
    check_withdrawal(coming, book.policies, book, coming.effective_from - timedelta(minutes=66))
    with pytest.raises(StateConflictError):
        check_withdrawal(coming, book.policies, book, coming.effective_from - timedelta(minutes=65))


def test_what_others_were_made_after_and_what_is_the_only_one_are_not_withdrawn() -> None:
    book = rules(version(1, 1), version(2, 10), version(3, 10))
    with pytest.raises(StateConflictError, match="Version 3 begins after it"):
        check_withdrawal(book.policies[1], book.policies, book, START)
    check_withdrawal(book.policies[2], book.policies, book, START)
    alone = rules(version(1, 1), version(2, 10, withdrawn=True))
    with pytest.raises(StateConflictError, match="the only one"):
        check_withdrawal(alone.policies[0], alone.policies, alone, START)


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
