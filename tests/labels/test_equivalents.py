"""Equivalents: of official figures, rounded down, exact."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.equivalents import EVERYDAY, equivalents
from tests.factories.seed import rows_of

FIGURES = {
    "electricity": (
        "electricity_cn_official.csv",
        {"metric": "electricity_carbon_footprint_factor", "level": "national", "year": "2024"},
        "value",
    ),
    "petrol_car": ("defra_2025_scope3.csv", {"id": "25_301_3070_4_1"}, "factor"),
    "light_rail": ("defra_2025_scope3.csv", {"id": "25_315_3149_11_1"}, "factor"),
}


def test_a_kilogram_is_so_many_kilometres_and_kilowatt_hours() -> None:
    assert {each.everyday.key: each.thousandths for each in equivalents(1_000)} == {
        "electricity": 1_731,
        "petrol_car": 6_145,
        "light_rail": 34_965,
    }


@given(grams=st.integers(0, 10**15))
def test_what_is_told_is_never_more_than_was_saved_and_less_by_under_a_thousandth(grams: int) -> None:
    for each in equivalents(grams):
        worth = Fraction(each.thousandths * each.everyday.milligrams, 1_000 * 1_000)
        assert worth <= grams < worth + Fraction(each.everyday.milligrams, 1_000 * 1_000)


def test_nothing_is_equivalent_to_less_than_nothing() -> None:
    with pytest.raises(ValueError, match="saved"):
        equivalents(-1)


@pytest.mark.real_data
def test_every_figure_is_the_one_its_source_has(data_folder: Path) -> None:
    assert set(FIGURES) == {each.key for each in EVERYDAY}
    for each in EVERYDAY:
        name, where, column = FIGURES[each.key]
        [row] = [
            row
            for row in rows_of(data_folder / "factors" / name)
            if all(row[field] == value for field, value in where.items())
        ]
        assert Fraction(row[column]) * 1_000_000 == each.milligrams
