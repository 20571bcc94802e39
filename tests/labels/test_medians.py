from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from labels.medians import ComparableFigure, build_baselines


def figure(path: tuple[str, ...], milligrams: int, row: int = 0, region: str = "CN") -> ComparableFigure:
    return ComparableFigure(
        path, milligrams, "kg", "cradle_to_gate", "ISO 14067", region, "source", f"row-{row}", "CC0"
    )


TEA, GREEN, BLACK = ("food", "food.tea"), ("food", "food.tea", "food.tea.green"), ("food", "food.tea", "food.tea.black")


def test_the_finest_category_with_three_rows_answers_for_those_that_have_fewer() -> None:
    figures = [figure(GREEN, value, value) for value in (1_000, 2_000, 9_000)] + [figure(BLACK, 20_000)]
    drafts = {draft.category_id: draft for draft in build_baselines(figures)}
    assert set(drafts) == {"food", "food.tea", "food.tea.green", "food.tea.black"}
    green, black = drafts["food.tea.green"], drafts["food.tea.black"]
    assert (green.from_category_id, green.milligrams_per_unit, green.sample_size) == ("food.tea.green", 2_000, 3)
    assert (green.lower_quartile_mg, green.upper_quartile_mg) == (1_500, 5_500)
    assert (black.from_category_id, black.milligrams_per_unit, black.sample_size) == ("food.tea", 5_500, 4)
    assert green.method == "median/1"
    assert green.source_row == "row-1000 row-2000 row-9000"


def test_two_rows_say_too_little() -> None:
    assert build_baselines([figure(TEA, 1_000), figure(TEA, 2_000)]) == []


def test_what_can_not_be_compared_is_not_mixed() -> None:
    figures = [figure(TEA, 1_000, region=region) for region in ("CN", "CN", "KR", "KR")]
    assert build_baselines(figures) == []


def test_a_negative_figure_is_no_emission_of_a_usual_product() -> None:
    assert build_baselines([figure(TEA, value) for value in (-922_000_000, 0, 1, 2)]) == []


@given(st.lists(st.integers(1, 10**12), min_size=3, max_size=40))
def test_the_median_is_the_middle_and_lies_between_the_quartiles(values: list[int]) -> None:
    draft, *_ = build_baselines([figure(("food",), value, index) for index, value in enumerate(values)])
    assert abs(draft.milligrams_per_unit - median(values)) <= 0.5
    assert draft.lower_quartile_mg is not None
    assert draft.upper_quartile_mg is not None
    assert min(values) <= draft.lower_quartile_mg <= draft.milligrams_per_unit
    assert draft.milligrams_per_unit <= draft.upper_quartile_mg <= max(values)


@given(st.permutations([figure(GREEN, value, value) for value in range(1, 6)]))
def test_the_order_of_the_rows_does_not_matter(figures: list[ComparableFigure]) -> None:
    assert build_baselines(figures) == build_baselines(sorted(figures, key=lambda each: each.milligrams_per_unit))
