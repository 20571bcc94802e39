"""Every rule has words in both languages."""

from dataclasses import astuple

from points.earning.guards.wording import WORDINGS
from points.programmes.guard_terms import Rule


def test_every_rule_has_a_text_that_says_what_to_do() -> None:
    assert set(WORDINGS) == set(Rule)
    assert all(text.strip() for wording in WORDINGS.values() for text in astuple(wording))
