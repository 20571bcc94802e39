from datetime import UTC, date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from api.pages.scales import WIDTH, scale_of
from core.ids import new_id
from labels.comparators import Comparator
from labels.grades import Spread, grade_of, thresholds
from labels.savings import BaselineFact, Basis, FootprintFact

NOW, SINCE = datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 1)


def comparator(own: int, spread: Spread | None, lowest: int, highest: int) -> Comparator:
    same = ("kg", "cradle_to_gate", "ISO 14067", "CN")
    footprint = FootprintFact(new_id(), "tea", own, *same, 0, False, SINCE, None, NOW)
    median = own if spread is None else spread.median_mg
    baseline = BaselineFact(new_id(), "tea", median, *same, "category_mean", SINCE, None, NOW)
    return Comparator(
        basis=Basis(new_id(), "C-1", footprint, baseline, 1),
        below_bp=None,
        grade=None if spread is None else grade_of(own, spread),
        spread=spread,
        thresholds=() if spread is None else thresholds(spread),
        lowest_mg=lowest,
        highest_mg=highest,
        products=1,
        alternatives=(),
    )


@pytest.mark.parametrize("spread", [None, Spread(5, 5, 5, 12)])
def test_figures_that_do_not_differ_have_no_scale(spread: Spread | None) -> None:
    assert scale_of(comparator(5, spread, 5, 9)) is None


def test_the_mark_stands_in_the_segment_of_its_grade() -> None:
    for own, letter in ((20, "A"), (55, "B"), (70, "C"), (100, "D"), (150, "E")):
        scale = scale_of(comparator(own, Spread(50, 60, 80, 12), 20, 160))
        assert scale is not None
        assert [each.letter for each in scale.segments] == ["A", "B", "C", "D", "E"]
        (holding,) = [each for each in scale.segments if each.left <= scale.own < each.left + each.width]
        assert holding.letter == letter


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**12), min_size=5, max_size=5))
def test_nothing_stands_beside_the_drawing(own: int, figures: list[int]) -> None:
    lower, median, upper = sorted(figures[:3])
    assume(lower < upper)
    found = comparator(own, Spread(lower, median, upper, 12), min(own, *figures[3:]), max(own, *figures[3:]))
    scale = scale_of(found)
    assert scale is not None
    assert sum(segment.width for segment in scale.segments) == WIDTH
    assert 0 <= scale.own <= WIDTH
    assert 0 <= scale.usual <= WIDTH
