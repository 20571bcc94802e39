import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.grades import Grade, Spread, below_bp, grade_of, thresholds

MILLIGRAMS = st.integers(min_value=0, max_value=10**12)
QUARTILES = st.lists(MILLIGRAMS, min_size=3, max_size=3).map(sorted).filter(lambda of: of[0] < of[2])
SPREADS = QUARTILES.map(lambda of: Spread(of[0], of[1], of[2], 3))
TEA = Spread(lower_quartile_mg=4_000, median_mg=6_000, upper_quartile_mg=9_000, sample_size=12)


@pytest.mark.parametrize(
    ("milligrams", "grade"),
    [
        (0, Grade.A),
        (4_000, Grade.A),
        (4_001, Grade.B),
        (6_000, Grade.B),
        (6_001, Grade.C),
        (9_000, Grade.C),
        (9_001, Grade.D),
        (16_500, Grade.D),
        (16_501, Grade.E),
    ],
)
def test_a_threshold_belongs_to_the_better_grade(milligrams: int, grade: Grade) -> None:
    assert grade_of(milligrams, TEA) is grade


@given(SPREADS, MILLIGRAMS, MILLIGRAMS)
def test_a_lower_footprint_never_has_a_worse_grade(spread: Spread, one: int, other: int) -> None:
    lower, higher = sorted((one, other))
    assert (grade_of(lower, spread) or "none") <= (grade_of(higher, spread) or "")


@pytest.mark.parametrize("milligrams", [0, 6_000, 6_001])
def test_where_nothing_is_spread_nothing_is_graded(milligrams: int) -> None:
    level = Spread(lower_quartile_mg=6_000, median_mg=6_000, upper_quartile_mg=6_000, sample_size=12)
    assert grade_of(milligrams, level) is None
    assert thresholds(level) == ()


@given(SPREADS)
def test_thresholds_rise_from_best_to_worst(spread: Spread) -> None:
    ends = [each.up_to_mg for each in thresholds(spread)]
    assert ends[-1] is None
    assert ends[:-1] == sorted(end for end in ends if end is not None)


def test_quartiles_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="in order"):
        thresholds(Spread(lower_quartile_mg=2, median_mg=1, upper_quartile_mg=3, sample_size=3))


@pytest.mark.parametrize(
    ("milligrams", "reference", "expected"),
    [(720, 1000, 2800), (1000, 1000, 0), (1001, 3000, 6663), (1999, 2000, 5), (1300, 1000, -3000), (1, 0, None)],
)
def test_how_far_below_is_rounded_towards_zero(milligrams: int, reference: int, expected: int | None) -> None:
    assert below_bp(milligrams, reference) == expected
