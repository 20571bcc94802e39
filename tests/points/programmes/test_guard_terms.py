"""Guards are terms that are kept and come back, and none that says nothing can be published."""

from dataclasses import replace

import pytest

from points.programmes.guard_terms import CAREFUL, Guards, Rule, guard_faults
from points.programmes.policy import TERMS, Terms


def test_guards_survive_being_stored() -> None:
    terms = Terms(guards=replace(CAREFUL, refusing=(Rule.TILL_BURST,)))
    assert TERMS.validate_json(TERMS.dump_json(terms)) == terms


def test_terms_that_were_stored_before_there_were_guards_have_none() -> None:
    assert TERMS.validate_python({"maturity_days": 7}).guards == Guards()


def test_what_a_programme_begins_with_can_be_published() -> None:
    assert list(guard_faults(Guards())) == list(guard_faults(CAREFUL)) == []


@pytest.mark.parametrize(
    ("guards", "field"),
    [
        (Guards(visits_per_minute=-1), "guards.visits_per_minute"),
        (Guards(resident_returns_bp=10_001), "guards.resident_returns_bp"),
        (Guards(usual_days=6, usual_days_least=7), "guards.usual_days_least"),
        (Guards(till_lines_per_minute=40), "guards.till_characters"),
    ],
)
def test_a_threshold_that_says_nothing_is_named(guards: Guards, field: str) -> None:
    assert [name for name, _ in guard_faults(guards)] == [field]
