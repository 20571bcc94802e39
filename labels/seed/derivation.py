"""From a source's rows to a baseline of the base library, by a rule that anybody can run again. Pure and exact.

Figures are summed and scaled as decimals and rounded once, to whole milligrams, half to even.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from labels.medians import LEAST_ROWS, BaselineDraft, quantile
from labels.quantities import Boundary, milligrams
from labels.seed.sources import Source

Row = Mapping[str, str]

_BELOW: Final = 5
_ABOVE: Final = 3
"""How far from the figures known a believable one may lie: further below, since to be low is what labels are for."""
_EITHER_WAY: Final = 10
"""The same where fewer than three products are known."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """Which rows of a source make the baseline of a category, and how a figure becomes one per functional unit.

    `select` is a pattern for the source's group, or, where the source has none, the id of one row. `include` and
    `exclude` are patterns for the row's words. `multiplier` turns the source's unit into the category's (kg/L, or
    1,000 mL/L); it is a round density, and the method says so.
    """

    category_id: str
    source: str
    select: str
    include: str
    exclude: str
    boundary: Boundary
    region: str
    multiplier: Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """One row's figure in mg CO2e per functional unit."""

    key: str
    milligrams: int
    year: int | None


def figures(rule: Derivation, source: Source, rows: Iterable[Row]) -> list[Figure]:
    """Return the figures a rule takes from a source's rows, one for each product, in order of their keys."""
    taken: dict[str, Figure] = {}
    for row in rows:
        if not _matches(rule, source, row):
            continue
        kilograms = sum((Decimal(row[name]) for name in source.values[rule.boundary]), Decimal(0))
        year = int(row[source.year_column]) if source.year_column else source.year
        figure = Figure(row[source.id_column], milligrams(kilograms * rule.multiplier), year)
        product = row[source.one_of_column] if source.one_of_column else figure.key
        known = taken.get(product)
        if known is None or (figure.year or 0, figure.key) > (known.year or 0, known.key):
            taken[product] = figure
    return sorted(taken.values(), key=lambda each: each.key)


def derive(rule: Derivation, source: Source, functional_unit: str, found: Sequence[Figure]) -> BaselineDraft:
    """Return the baseline of a category: the median and quartiles of three figures or more, or the one there is.

    Raises:
        ValueError: no figure, or two, of which neither is more usual than the other.
    """
    if len(found) not in {1, *range(LEAST_ROWS, len(found) + 1)}:
        raise ValueError(f"{rule.category_id}: {len(found)} figures of {source.key} match; one or three are needed.")
    ordered = sorted(figure.milligrams for figure in found)
    many = len(found) >= LEAST_ROWS
    years = [figure.year for figure in found if figure.year is not None]
    return BaselineDraft(
        category_id=rule.category_id,
        from_category_id=rule.category_id,
        milligrams_per_unit=quantile(ordered, Fraction(1, 2)),
        functional_unit=functional_unit,
        boundary=rule.boundary,
        standard=source.standard,
        region=rule.region or source.region,
        sample_size=len(found),
        lower_quartile_mg=quantile(ordered, Fraction(1, 4)) if many else None,
        upper_quartile_mg=quantile(ordered, Fraction(3, 4)) if many else None,
        source=source.title,
        source_row=f"{source.id_column} {' '.join(figure.key for figure in found)}",
        licence=source.licence,
        method=_method(rule, many=many),
        model="category_mean" if many else "conventional_product",
        year=max(years, default=None),
        gwp_set=source.gwp_set,
        data_quality=source.data_quality,
        verification=source.verification,
    )


def plausible_range(groups: Iterable[Sequence[Figure]]) -> tuple[int, int] | None:
    """Return the range, in mg CO2e per functional unit, that a footprint of a category can believably have.

    From a fifth of the lowest to three times the highest figure of any source, or from a tenth to ten times where fewer
    than three products are known. Rounded outwards to two digits.
    """
    found = [figure for group in groups for figure in group if figure.milligrams > 0]
    if not found:
        return None
    many = len({figure.key for figure in found}) >= LEAST_ROWS
    below, above = (_BELOW, _ABOVE) if many else (_EITHER_WAY, _EITHER_WAY)
    known = [figure.milligrams for figure in found]
    return _outwards(min(known) // below, up=False), _outwards(max(known) * above, up=True)


def _matches(rule: Derivation, source: Source, row: Row) -> bool:
    column, least = source.needs_above
    if column and not (_number(row[column]) >= Decimal(least)):
        return False
    if not source.group_column and not source.text_columns:
        return row[source.id_column] == rule.select
    if source.group_column and not re.search(rule.select, row[source.group_column]):
        return False
    words = " ".join(row[name] for name in source.text_columns)
    if rule.exclude and re.search(rule.exclude, words, re.IGNORECASE):
        return False
    return re.search(rule.include, words, re.IGNORECASE) is not None


def _method(rule: Derivation, *, many: bool) -> str:
    name = "median/1" if many else "single_figure/1"
    return name if rule.multiplier == 1 else f"{name} x {rule.multiplier.normalize():f}"


def _number(text: str) -> Decimal:
    return Decimal(text) if re.fullmatch(r"\d+(\.\d+)?", text) else Decimal(0)


def _outwards(value: int, *, up: bool) -> int:
    step = int("1".ljust(len(str(value)) - 1, "0"))
    return -(-value // step) * step if up else value // step * step
