"""Which factor holds where and when; and that a kilowatt-hour's two figures never meet."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from labels.factor_imports import factor_of
from labels.metrics import (
    TYPES,
    ElectricityCo2Factor,
    ElectricityFootprintFactor,
    FactorFact,
    MaterialFactor,
    Metric,
    NewFactor,
    rule_fault,
)
from labels.regions import GRID_OF
from labels.vintages import Chosen, NoFactor, choose

TODAY = date(2026, 5, 1)


def co2(region: str, year: int, number: int = 1, *, since: date = date(2020, 1, 1)) -> ElectricityCo2Factor:
    return ElectricityCo2Factor(
        UUID(int=number), number, "kgCO2/kWh", "grid_average", region, year, "generation", since, None
    )


def official(folder: Path) -> Iterator[NewFactor]:
    with (folder / "factors/electricity_cn_official.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            factor = factor_of(row, source="official")
            assert isinstance(factor, NewFactor), factor
            yield factor


def as_fact(number: int, each: NewFactor) -> FactorFact:
    kind = TYPES[Metric(each.metric)]
    values = (each.nanograms_per_unit, each.unit, each.subject, each.region, each.year, each.boundary)
    return kind(UUID(int=number), *values, each.valid_from, each.valid_until)


def found(chosen: Chosen[ElectricityCo2Factor] | NoFactor) -> tuple[str, int, bool]:
    assert isinstance(chosen, Chosen)
    return chosen.factor.region, chosen.factor.year, chosen.fell_back


def test_a_province_falls_back_to_its_grid_and_then_to_its_nation() -> None:
    nation, grid, province = co2("CN", 2023), co2("CN-EAST-GRID", 2023, 2), co2("CN-ZJ", 2023, 3)

    def near(*factors: ElectricityCo2Factor) -> tuple[str, int, bool]:
        return found(choose(factors, ElectricityCo2Factor, region="CN-ZJ", day=TODAY))

    assert near(nation, grid, province) == ("CN-ZJ", 2023, False)
    assert near(nation, grid) == ("CN-EAST-GRID", 2023, True)
    assert near(nation) == ("CN", 2023, True)
    assert isinstance(choose([co2("FR", 2023)], ElectricityCo2Factor, region="CN-ZJ", day=TODAY), NoFactor)


def test_the_latest_vintage_published_by_the_day_holds() -> None:
    older, newer = co2("CN", 2021), co2("CN", 2023, 2, since=date(2025, 12, 31))
    for day, year in ((date(2025, 12, 30), 2021), (date(2025, 12, 31), 2023)):
        assert found(choose([newer, older], ElectricityCo2Factor, region="CN", day=day))[1] == year


def test_before_the_first_and_after_the_last_day_nothing_holds() -> None:
    only = ElectricityCo2Factor(
        UUID(int=1), 1, "kgCO2/kWh", "grid_average", "CN", 2023, "generation", date(2025, 1, 1), date(2026, 1, 1)
    )
    days = (date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1))
    held = [isinstance(choose([only], ElectricityCo2Factor, region="CN", day=day), Chosen) for day in days]
    assert held == [False, True, True, False]


def test_a_factor_of_the_other_metric_is_not_even_looked_at() -> None:
    answer = choose([co2("CN", 2023)], ElectricityFootprintFactor, region="CN", day=TODAY)
    assert isinstance(answer, NoFactor)
    assert not hasattr(ElectricityCo2Factor, "co2e_milligrams")
    assert not hasattr(ElectricityFootprintFactor, "co2_milligrams")


@pytest.mark.parametrize(
    ("metric", "unit", "boundary", "field"),
    [
        ("electricity_carbon_footprint_factor", "kgCO2/kWh", "life_cycle", "unit"),
        ("electricity_co2_emission_factor", "kgCO2e/kWh", "generation", "unit"),
        ("electricity_carbon_footprint_factor", "kgCO2e/kWh", "generation", "boundary"),
        ("electricity_co2_emission_factor", "kgCO2/kWh", "life_cycle", "boundary"),
        ("electricity", "kgCO2e/kWh", "life_cycle", "metric"),
    ],
)
def test_a_metrics_unit_and_boundary_are_its_own(metric: str, unit: str, boundary: str, field: str) -> None:
    fault = rule_fault(metric, unit, boundary)
    assert fault is not None
    assert fault[0] == field


def test_electricity_is_counted_in_whole_milligrams() -> None:
    factor = ElectricityFootprintFactor(
        UUID(int=1), 577_700_000_000, "kgCO2e/kWh", "grid_average", "CN", 2024, "life_cycle", TODAY, None
    )
    assert [factor.co2e_milligrams(watt_hours) for watt_hours in (1_000, 1, 0)] == [577_700, 578, 0]


@pytest.mark.real_data
def test_the_official_figures_are_found_by_place_and_day(data_folder: Path) -> None:
    facts = [as_fact(number, each) for number, each in enumerate(official(data_folder))]

    def generation(region: str, day: date = TODAY) -> tuple[int, str, int] | None:
        chosen = choose(facts, ElectricityCo2Factor, region=region, day=day)
        if isinstance(chosen, NoFactor):
            return None
        return chosen.factor.nanograms_per_unit, chosen.factor.region, chosen.factor.year

    def life_cycle(region: str, day: date = TODAY) -> tuple[int, str, int] | None:
        chosen = choose(facts, ElectricityFootprintFactor, region=region, day=day)
        if isinstance(chosen, NoFactor):
            return None
        return chosen.factor.nanograms_per_unit, chosen.factor.region, chosen.factor.year

    assert life_cycle("CN-ZJ") == (577_700_000_000, "CN", 2024)
    assert life_cycle("CN-ZJ", date(2025, 9, 27)) == (620_500_000_000, "CN", 2023)
    assert generation("CN") == (530_600_000_000, "CN", 2023)
    assert generation("CN-XZ") == generation("CN")
    assert generation("CN-YN") == (133_300_000_000, "CN-YN", 2023)
    assert generation("CN-SH", date(2025, 12, 30)) != generation("CN-SH")
    assert generation("CN-EAST-GRID") == (550_000_000_000, "CN-EAST-GRID", 2023)
    coal = choose(facts, ElectricityFootprintFactor, region="CN", day=TODAY, subject="generation.coal")
    assert isinstance(coal, Chosen)
    assert coal.factor.nanograms_per_unit == 924_000_000_000
    assert not any(isinstance(fact, MaterialFactor) for fact in facts)


@pytest.mark.real_data
def test_every_official_row_is_of_one_metric_and_keeps_its_rule(data_folder: Path) -> None:
    rows = list(official(data_folder))
    assert all(rule_fault(row.metric, row.unit, row.boundary) is None for row in rows)
    units = {(row.metric, row.unit) for row in rows}
    assert units == {
        ("electricity_carbon_footprint_factor", "kgCO2e/kWh"),
        ("electricity_co2_emission_factor", "kgCO2/kWh"),
    }
    swapped = [rule_fault(row.metric, "kgCO2/kWh" if "e/" in row.unit else "kgCO2e/kWh", row.boundary) for row in rows]
    assert all(swapped)


@pytest.mark.real_data
def test_a_grid_regions_average_lies_among_its_provinces(data_folder: Path) -> None:
    """The members of the grid regions are right at least as far as their averages can tell."""
    rows = [row for row in official(data_folder) if row.metric == Metric.ELECTRICITY_CO2]
    for year in (2021, 2023):
        values = {
            row.region: row.nanograms_per_unit for row in rows if row.year == year and row.subject == "grid_average"
        }
        for grid in set(GRID_OF.values()):
            members = [values[province] for province, its_grid in GRID_OF.items() if its_grid == grid]
            assert min(members) <= values[grid] <= max(members), (year, grid)
    assert {region for region in values if region not in {"CN", *GRID_OF, *GRID_OF.values()}} == set()
