"""Figures that can not be: each kind of mistake is named, and what is right is left alone."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.plausibility import Bounds, Finding, Suspicion, examine
from labels.quantities import milligrams
from labels.seed import library

KG = 1_000_000
BEER = Bounds("L", 160_000, 4_100_000)
LAPTOP = Bounds("item", 38 * KG, 950 * KG)

# The first five digits of a record number of CPCD are a subclass of the UN's Central Product Classification 2.1.
CATEGORY_OF = {
    "01620": "tea",
    "23913": "tea",
    "01113": "food.grains.rice",
    "01131": "food.grains.rice",
    "24310": "drink.beer",
    "24220": "drink.wine",
    "24212": "drink.wine",
    "24410": "drink.water",
    "24490": "drink.soft",
    "21111": "food.meat.beef",
    "21113": "food.meat.pork",
    "21135": "food.meat.lamb",
    "21115": "food.meat.lamb",
    "21121": "food.meat.chicken",
    "21141": "food.meat.chicken",
    "22251": "food.dairy.hard_cheese",
    "22241": "food.dairy.butter",
    "22270": "food.confectionery.ice_cream",
    "23999": "food.soy.tofu",
    "02312": "food.eggs",
    "01341": "food.fruit.pome",
    "01324": "food.fruit.citrus",
    "01212": "food.vegetables.leafy",
    "01510": "food.vegetables.tuber",
    "22110": "food.dairy.milk",
    "45220": "electronics.laptop",
    "45230": "electronics.desktop",
    "47222": "electronics.mobile_phone",
    "47314": "electronics.monitor",
    "47315": "electronics.monitor",
    "47212": "electronics.television",
    "44812": "appliances.washing_machine",
    "44811": "appliances.refrigerator",
    "28225": "clothing.tshirt_cotton",
    "28231": "clothing.jeans",
    "28232": "clothing.shirt_cotton",
    "38140": "furniture.wooden_table",
    "38130": "furniture.wooden_chair",
    "31450": "bamboo_wood.timber",
    "35321": "personal_care.shampoo",
}
UNITS = {
    "kg": ("kg", Decimal(1)),
    "t": ("kg", Decimal("0.001")),
    "g": ("kg", Decimal(1000)),
    "L": ("L", Decimal(1)),
    "mL": ("L", Decimal(1000)),
    "m2": ("m2", Decimal(1)),
    "m3": ("m3", Decimal(1)),
    "m": ("m", Decimal(1)),
}
COUNTED = ("piece", "set", "pack", "bottle", "vehicle", "can", "case", "roll")


def kinds(found: tuple[Finding, ...]) -> list[str]:
    return [str(each.suspicion) for each in found]


def test_what_is_usual_is_left_alone() -> None:
    assert examine(1_120_000, "L", BEER) == ()
    assert [examine(edge, "L", BEER) for edge in (160_000, 4_100_000)] == [(), ()]


def test_beyond_an_end_of_the_range_is_found() -> None:
    assert kinds(examine(159_999, "L", BEER)) == ["below_range"]
    assert kinds(examine(24 * KG, "L", BEER)) == ["above_range"]


def test_a_tonne_taken_for_a_kilogram_is_guessed() -> None:
    above = examine(1_120 * KG, "L", BEER)
    assert kinds(above) == ["beyond_any_product", "above_range", "factor_thousand"]
    assert above[-1].suggested_mg == 1_120_000
    below = examine(1_120, "L", BEER)
    assert (kinds(below), below[-1].suggested_mg) == (["below_range", "factor_thousand"], 1_120_000)


def test_a_whole_laptop_given_per_kilogram_is_found() -> None:
    (finding,) = examine(143 * KG, "kg", LAPTOP)
    assert (finding.suspicion, finding.suggested_mg) == (Suspicion.COUNTED_BY_MASS, 143 * KG)


def test_below_zero_and_nothing_are_found_in_any_category() -> None:
    assert kinds(examine(-922 * KG, "kg", None)) == ["negative"]
    assert kinds(examine(0, "kg", None)) == ["zero"]


@given(st.integers(-(10**15), 10**15), st.sampled_from(["kg", "L", "item", "m2"]))
def test_a_figure_is_believed_only_in_the_unit_and_the_range_of_its_category(figure: int, unit: str) -> None:
    believed = unit == "L" and 160_000 <= figure <= 4_100_000
    assert (examine(figure, unit, BEER) == ()) == believed


def _examined(folder: Path) -> Iterator[tuple[Mapping[str, str], tuple[Finding, ...]]]:
    """Yield every row of the extract whose unit is one of products', with what looks wrong with it."""
    bounds = {
        each.id: Bounds(each.functional_unit, each.plausible_low_mg, each.plausible_high_mg)
        for each in library.categories()
    }
    with (folder / "pcf/cpcd_cn.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            unit, factor = UNITS.get(row["unit"], ("item" if row["unit"].startswith(COUNTED) else "", Decimal(1)))
            if unit and row["cpc5"] < "5":  # goods: sections 5 to 9 of the classification are buildings and services
                figure = milligrams(Decimal(row["value_kgco2e_per_unit"]) * factor)
                yield row, examine(figure, unit, bounds.get(CATEGORY_OF.get(row["cpc5"], "")))


@pytest.mark.real_data
def test_the_unit_errors_of_a_real_database_are_caught(data_folder: Path) -> None:
    rows = list(_examined(data_folder))
    found = {row["product_id"]: kinds(findings) for row, findings in rows}
    assert found["24310X0152010A"] == ["above_range"], "24 kg CO2e for a litre of beer"
    assert found["21111X0112010A"] == ["above_range"], "500 kg CO2e for a kilogram of beef"
    assert found["22251X0022018A"] == ["above_range"], "110 kg CO2e for a kilogram of cheese"
    assert found["28225X0042019A"] == ["below_range"], "0.167 kg CO2e for a cotton T-shirt"
    assert found["01620X0052019A"] == [], "28.62 kg CO2e for a kilogram of green tea is right"
    laptops = [each for row, each in rows if row["cpc5"] == "45220" and row["unit"] == "kg"]
    assert len(laptops) >= 15
    assert all("counted_by_mass" in each for each in map(kinds, laptops))
    negative = [kinds(findings) for row, findings in rows if row["value_kgco2e_per_unit"].startswith("-")]
    assert len(negative) >= 20
    assert all(each[0] == "negative" for each in negative)


@pytest.mark.real_data
def test_most_of_a_real_database_is_believed(data_folder: Path) -> None:
    rows = list(_examined(data_folder))
    in_category = [(row, findings) for row, findings in rows if row["cpc5"] in CATEGORY_OF]
    suspected = Counter(kind for _, findings in rows for kind in kinds(findings))
    print(f"{len(rows)} rows, {sum(bool(findings) for _, findings in rows)} suspected: {dict(suspected)}")  # noqa: T201 - the figures of this test
    print(f"{len(in_category)} with a category, {sum(bool(each) for _, each in in_category)} suspected")  # noqa: T201 - as above
    unknown = [findings for row, findings in rows if row["cpc5"] not in CATEGORY_OF]
    assert sum(map(bool, unknown)) / len(unknown) < 0.1
    kilograms = [findings for row, findings in in_category if row["unit"] in {"kg", "t"} and row["cpc5"] < "24"]
    assert sum(map(bool, kilograms)) / len(kilograms) < 0.2
