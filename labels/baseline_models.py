"""From comparable figures to the baselines that somebody may publish, by one of four models. Pure.

- `category_mean`: the median of at least three figures of the finest category that has them;
- `own_previous`: what the maker's own previous certificate says of the same product, for that product alone;
- `conventional_product`: one named usual product;
- `regulated`: a figure that a rule fixes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from labels.medians import BaselineDraft, ComparableFigure, build_baselines

SINGLE: Final = "single_figure/1"


class Model(StrEnum):
    """How a baseline comes about."""

    CATEGORY_MEAN = "category_mean"
    OWN_PREVIOUS = "own_previous"
    CONVENTIONAL_PRODUCT = "conventional_product"
    REGULATED = "regulated"


@dataclass(frozen=True, slots=True)
class NamedFigure:
    """A figure, the product it is of where it is one's own, and what its source says of it."""

    figure: ComparableFigure
    gtin: str | None = None
    year: int | None = None
    gwp_set: str = ""
    data_quality: str = ""
    verification: str = ""


def drafts_of(model: Model, figures: Sequence[NamedFigure]) -> list[BaselineDraft]:
    """Return a draft for each category the figures are of, or for each figure where one is enough.

    Under `category_mean`, a category with fewer than three figures takes the next wider one that has three; one where
    none has gets no draft. Wider categories get none of their own: nobody asked for them.
    """
    if model is not Model.CATEGORY_MEAN:
        return [_single(model, each) for each in figures]
    asked = {each.figure.path[-1] for each in figures}
    return [draft for draft in build_baselines(each.figure for each in figures) if draft.category_id in asked]


def _single(model: Model, named: NamedFigure) -> BaselineDraft:
    figure = named.figure
    return BaselineDraft(
        category_id=figure.path[-1],
        from_category_id=figure.path[-1],
        milligrams_per_unit=figure.milligrams_per_unit,
        functional_unit=figure.functional_unit,
        boundary=figure.boundary,
        standard=figure.standard,
        region=figure.region,
        sample_size=1,
        lower_quartile_mg=None,
        upper_quartile_mg=None,
        source=figure.source,
        source_row=figure.source_row,
        licence=figure.licence,
        method=SINGLE,
        model=model,
        gtin=named.gtin if model is Model.OWN_PREVIOUS else None,
        year=named.year,
        gwp_set=named.gwp_set,
        data_quality=named.data_quality,
        verification=named.verification,
    )
