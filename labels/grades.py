"""Where a footprint stands among comparable products: grade, percentage, range. Pure.

The thresholds follow from the published baseline alone, so nobody sets them for a product: A is the best quarter of the
category, B the better half, C within the third quarter, D up to Tukey's upper fence (third quartile plus one and a half
interquartile ranges; J. W. Tukey, Exploratory Data Analysis, 1977), E beyond it. Where both quartiles are one figure
nothing is spread and there are no grades: a single milligram would part the best from the worst.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from labels.savings import BASIS_POINTS

METHOD: Final = "quartiles/2"
"""Names the rule above; a changed rule is another version."""


class Grade(StrEnum):
    """A is the lowest footprint. A letter and a word, never a colour alone."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


@dataclass(frozen=True, slots=True)
class Spread:
    """How the footprints behind a baseline are spread, in mg CO2e per functional unit."""

    lower_quartile_mg: int
    median_mg: int
    upper_quartile_mg: int
    sample_size: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """A grade goes up to and including `up_to_mg`; the last one has no end."""

    grade: Grade
    up_to_mg: int | None


def thresholds(spread: Spread) -> tuple[Threshold, ...]:
    """Return the published thresholds of a category, best grade first, in mg CO2e per functional unit.

    Empty where both quartiles are the same figure.

    Raises:
        ValueError: when the quartiles are not in order; no baseline can be published like that.
    """
    lower, median, upper = spread.lower_quartile_mg, spread.median_mg, spread.upper_quartile_mg
    if not lower <= median <= upper:
        raise ValueError(f"Quartiles must be in order, not {lower}, {median}, {upper}.")
    if lower == upper:
        return ()
    fence = upper + 3 * (upper - lower) // 2
    ends = (lower, median, upper, fence, None)
    return tuple(Threshold(grade, end) for grade, end in zip(Grade, ends, strict=True))


def grade_of(milligrams_per_unit: int, spread: Spread) -> Grade | None:
    """Return the grade of a footprint among the products its baseline was made from; None where nothing is spread."""
    for threshold in thresholds(spread):
        if threshold.up_to_mg is None or milligrams_per_unit <= threshold.up_to_mg:
            return threshold.grade
    return None


def below_bp(milligrams_per_unit: int, reference_mg: int) -> int | None:
    """Return how far a footprint lies below a reference, in hundredths of a percent; negative when it lies above.

    Rounded towards zero, so that no product is said to be better than it is by more than it is. None when the
    reference is not above zero: a percentage of nothing says nothing.
    """
    if reference_mg <= 0:
        return None
    difference = reference_mg - milligrams_per_unit
    size = abs(difference) * BASIS_POINTS // reference_mg
    return size if difference >= 0 else -size
