"""Baselines out of comparable figures: what the usual product of a category emits. Pure and exact."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

LEAST_ROWS: Final = 3
"""Fewer figures say too little of what is usual; then the next wider category answers."""
METHOD: Final = "median/1"
MODEL: Final = "category_mean"


@dataclass(frozen=True, slots=True)
class ComparableFigure:
    """One sourced figure, in mg CO2e per functional unit; `path` leads from the widest category to the finest."""

    path: tuple[str, ...]
    milligrams_per_unit: int
    functional_unit: str
    boundary: str
    standard: str
    region: str
    source: str
    source_row: str
    licence: str


@dataclass(frozen=True, slots=True)
class BaselineDraft:
    """A baseline to be registered. `from_category_id` is the finest category that had figures enough.

    A published baseline may come without quartiles. With `gtin` it is for that product alone.
    """

    category_id: str
    from_category_id: str
    milligrams_per_unit: int
    functional_unit: str
    boundary: str
    standard: str
    region: str
    sample_size: int
    lower_quartile_mg: int | None
    upper_quartile_mg: int | None
    source: str
    source_row: str
    licence: str
    method: str = METHOD
    model: str = MODEL
    gtin: str | None = None
    year: int | None = None
    gwp_set: str = ""
    data_quality: str = ""
    verification: str = ""


_Comparable = tuple[str, str, str, str]


def build_baselines(figures: Iterable[ComparableFigure], *, least: int = LEAST_ROWS) -> list[BaselineDraft]:
    """Return a draft for every category and everything that must be the same, in a stable order.

    For each category the finest of itself and its parents with at least `least` figures answers: their median, and the
    quartiles by linear interpolation (Hyndman and Fan's type 7), rounded half to even. A figure of zero or less is no
    emission of a usual product and is left out. A category none of whose parents has figures enough gets no draft.
    """
    groups: dict[tuple[_Comparable, str], list[ComparableFigure]] = defaultdict(list)
    parents: dict[tuple[_Comparable, str], tuple[str, ...]] = {}
    for figure in figures:
        if figure.milligrams_per_unit <= 0:
            continue
        same = (figure.functional_unit, figure.boundary, figure.standard, figure.region)
        for depth, category in enumerate(figure.path, start=1):
            groups[same, category].append(figure)
            parents[same, category] = figure.path[:depth]
    drafts = []
    for (same, category), path in sorted(parents.items()):
        finest = next((each for each in reversed(path) if len(groups[same, each]) >= least), None)
        if finest is not None:
            drafts.append(_draft(category, finest, same, groups[same, finest]))
    return drafts


def quantile(ordered: Sequence[int], share: Fraction) -> int:
    """Return a quantile of sorted whole numbers by linear interpolation, rounded half to even.

    Raises:
        ValueError: when there are no numbers.
    """
    if not ordered:
        raise ValueError("There is no quantile of no numbers.")
    position = share * (len(ordered) - 1)
    below = position.numerator // position.denominator
    above = min(below + 1, len(ordered) - 1)
    return round(ordered[below] + (ordered[above] - ordered[below]) * (position - below))


def _draft(category: str, finest: str, same: _Comparable, figures: Sequence[ComparableFigure]) -> BaselineDraft:
    ordered = sorted(figure.milligrams_per_unit for figure in figures)
    unit, boundary, standard, region = same
    return BaselineDraft(
        category_id=category,
        from_category_id=finest,
        milligrams_per_unit=quantile(ordered, Fraction(1, 2)),
        functional_unit=unit,
        boundary=boundary,
        standard=standard,
        region=region,
        sample_size=len(ordered),
        lower_quartile_mg=quantile(ordered, Fraction(1, 4)),
        upper_quartile_mg=quantile(ordered, Fraction(3, 4)),
        source="; ".join(sorted({figure.source for figure in figures})),
        source_row=" ".join(sorted({figure.source_row for figure in figures})),
        licence="; ".join(sorted({figure.licence for figure in figures})),
    )
