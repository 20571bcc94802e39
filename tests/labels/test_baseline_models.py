"""Four models, four ways from figures to baselines."""

import pytest

from labels.baseline_models import Model, NamedFigure, drafts_of
from labels.medians import ComparableFigure


def figure(milligrams: int, path: str = "tea tea.green", gtin: str | None = None, region: str = "CN") -> NamedFigure:
    one = ComparableFigure(
        tuple(path.split()), milligrams, "kg", "cradle_to_gate", "ISO 14067", region, "source", str(milligrams), "CC0"
    )
    return NamedFigure(one, gtin=gtin, year=2025)


def test_three_figures_make_a_median() -> None:
    (draft,) = drafts_of(Model.CATEGORY_MEAN, [figure(3), figure(9), figure(6)])
    assert (draft.category_id, draft.milligrams_per_unit, draft.sample_size) == ("tea.green", 6, 3)
    assert (draft.lower_quartile_mg, draft.upper_quartile_mg, draft.method) == (4, 8, "median/1")


def test_two_figures_take_the_wider_category_that_has_three() -> None:
    figures = [figure(3), figure(9), figure(60, "tea tea.black")]
    drafts = {each.category_id: each for each in drafts_of(Model.CATEGORY_MEAN, figures)}
    assert set(drafts) == {"tea.green", "tea.black"}
    assert {each.from_category_id for each in drafts.values()} == {"tea"}
    assert drafts["tea.green"].milligrams_per_unit == 9


def test_two_figures_and_nothing_wider_make_nothing() -> None:
    assert drafts_of(Model.CATEGORY_MEAN, [figure(3), figure(9)]) == []


def test_figures_that_may_not_be_compared_make_no_common_median() -> None:
    assert drafts_of(Model.CATEGORY_MEAN, [figure(3), figure(9), figure(6, region="FR")]) == []


@pytest.mark.parametrize("model", [Model.CONVENTIONAL_PRODUCT, Model.REGULATED])
def test_one_figure_is_enough_where_it_is_named_or_ruled(model: Model) -> None:
    (draft,) = drafts_of(model, [figure(7, gtin="09521234543213")])
    assert (draft.model, draft.milligrams_per_unit, draft.sample_size) == (model, 7, 1)
    assert (draft.lower_quartile_mg, draft.upper_quartile_mg, draft.gtin, draft.year) == (None, None, None, 2025)


def test_a_makers_own_previous_figure_is_for_that_product_alone() -> None:
    drafts = drafts_of(Model.OWN_PREVIOUS, [figure(7, gtin="09521234543213"), figure(8, gtin="09521234543220")])
    assert [(each.gtin, each.milligrams_per_unit) for each in drafts] == [("09521234543213", 7), ("09521234543220", 8)]
