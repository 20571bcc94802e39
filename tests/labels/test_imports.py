from datetime import date

import pytest

from labels.imports import NewBaseline, baseline_of, footprint_of
from labels.product_imports import cell, product_of
from labels.registrations import NewFootprint, NewProduct

FOOTPRINT = {
    "gtin": "9521234543213",
    "kg_co2e_per_unit": "8.91",
    "functional_unit": "kg",
    "boundary": "cradle-to-grave",
    "standard": "ISO 14067",
    "region": "CN",
    "valid_from": "2026-01-01",
}
BASELINE = FOOTPRINT | {
    "category_id": "tea",
    "sample_size": "3",
    "model": "category_mean",
    "method": "median/1",
    "licence": "CC0",
}


def _product(**row: str) -> NewProduct:
    found = product_of(row, source="a.csv", categories={"Teas": "tea"})
    assert isinstance(found, NewProduct), found
    return found


def _fields(found: object) -> list[str]:
    assert isinstance(found, list), found
    return [each.field for each in found]


def test_columns_of_common_sources_are_taken_as_they_are() -> None:
    shop = _product(gtin="6908512108211", gtin14="06908512108211", name="可口可乐", spec="1.25L")
    assert (shop.gtin, shop.name_zh, shop.name_en, shop.pack) == ("6908512108211", "可口可乐", "", "1.25L")
    usda = _product(gtin14="00000065433935", name="Jumbo Biscuits", brand="", brand_owner="WEIS", package_weight="8 oz")
    assert (usda.gtin, usda.name_zh, usda.name_en) == ("00000065433935", "", "Jumbo Biscuits")
    assert (usda.brand, usda.pack, usda.source) == ("WEIS", "8 oz", "a.csv")


def test_a_sources_word_is_a_category_only_where_it_is_listed_as_one() -> None:
    assert _product(gtin="1", name="x", category="Teas").category_id == "tea"
    assert _product(gtin="1", name="x", category="Coffees").category_id is None
    assert _product(gtin="1", name="x", category="Teas", category_id="drinks").category_id == "drinks"


def test_two_numbers_that_disagree_are_refused_instead_of_one_being_chosen() -> None:
    row = {"gtin": "6908512108211", "gtin14": "06908512109423", "name": "x"}
    assert _fields(product_of(row, source="", categories={})) == ["gtin"]


def test_everything_that_is_wrong_with_a_row_is_told_at_once() -> None:
    row = {"gtin": " ", "net_content": "half"}
    assert _fields(product_of(row, source="", categories={})) == ["gtin", "net_content", "name"]


def test_figures_become_whole_milligrams_and_hundredths_of_a_percent() -> None:
    row = FOOTPRINT | {"uptake_kg_per_unit": "0.5", "uncertainty_percent": "2.5", "valid_until": "2027-01-01"}
    found = footprint_of(row, source="a.csv")
    assert isinstance(found, NewFootprint)
    assert (found.milligrams_per_unit, found.uptake_mg, found.uncertainty_bp) == (8_910_000, 500_000, 250)
    assert (found.boundary, found.valid_until) == ("cradle_to_grave", date(2027, 1, 1))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kg_co2e_per_unit", "8,91"),
        ("kg_co2e_per_unit", "NaN"),
        ("kg_co2e_per_unit", "1e30"),
        ("kg_co2e_per_unit", ""),
        ("uncertainty_percent", "0.001"),
        ("uncertainty_percent", "Infinity"),
        ("valid_from", "01.02.2026"),
        ("valid_until", "soon"),
    ],
)
def test_a_figure_or_day_that_is_none_is_refused_under_its_column(field: str, value: str) -> None:
    assert _fields(footprint_of(FOOTPRINT | {field: value}, source="")) == [field]


def test_a_baseline_may_come_without_its_spread_and_may_bring_its_category() -> None:
    plain = baseline_of(BASELINE, source="a.csv")
    assert isinstance(plain, NewBaseline)
    assert (plain.category, plain.draft.lower_quartile_mg) == (None, None)
    found = baseline_of(BASELINE | {"category_name_zh": "茶", "plausible_high_kg": "20"}, source="a.csv")
    assert isinstance(found, NewBaseline)
    assert found.category is not None
    assert (found.category.name_en, found.category.plausible_high_mg) == ("茶", 20_000_000)


@pytest.mark.parametrize("size", ["0", "2.5", "-3", "many", ""])
def test_a_sample_is_a_whole_number_of_figures(size: str) -> None:
    assert _fields(baseline_of(BASELINE | {"sample_size": size}, source="")) == ["sample_size"]


def test_a_refusal_shows_the_value_under_whatever_name_it_came() -> None:
    assert cell({"code": " 123 "}, "gtin") == "123"
    assert cell({"code": "123"}, "name") == ""
