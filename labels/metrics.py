"""What an emission factor measures, and the types that keep two measures apart. Pure.

China publishes two figures for a kilowatt-hour that look alike and are not: the electricity carbon footprint factor
(life cycle, kg CO2e) is for product footprints; the electricity CO2 emission factor (the CO2 of generation alone, kg
CO2) is for reporting by organizations. They differ in metric, unit, gas and boundary, and in their Python type, so that
neither a row nor a function can take one for the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final
from uuid import UUID

NANOGRAMS_PER_MILLIGRAM: Final = 1_000_000
GRID_AVERAGE: Final = "grid_average"
"""The subject of an electricity factor that stands for the mix as it is."""


class Metric(StrEnum):
    """What is measured. Two metrics are never substituted for each other."""

    ELECTRICITY_FOOTPRINT = "electricity_carbon_footprint_factor"
    ELECTRICITY_CO2 = "electricity_co2_emission_factor"
    MATERIAL = "material_footprint_factor"
    FREIGHT = "freight_footprint_factor"
    WASTE = "waste_footprint_factor"
    WATER = "water_footprint_factor"


class FactorBoundary(StrEnum):
    """Which part of a life cycle a factor covers."""

    LIFE_CYCLE = "life_cycle"
    GENERATION = "generation"
    CRADLE_TO_GATE = "cradle_to_gate"
    CRADLE_TO_SHELF = "cradle_to_shelf"
    GATE_TO_GATE = "gate_to_gate"
    WELL_TO_WHEEL = "well_to_wheel"
    END_OF_LIFE = "end_of_life"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a factor of one metric must be counted in, and what it may cover."""

    units: tuple[str, ...]
    boundaries: tuple[FactorBoundary, ...]


RULES: Final[Mapping[Metric, Rule]] = {
    Metric.ELECTRICITY_FOOTPRINT: Rule(("kgCO2e/kWh",), (FactorBoundary.LIFE_CYCLE,)),
    Metric.ELECTRICITY_CO2: Rule(("kgCO2/kWh",), (FactorBoundary.GENERATION,)),
    Metric.MATERIAL: Rule(("kgCO2e/kg", "kgCO2e/m3"), (FactorBoundary.CRADLE_TO_GATE, FactorBoundary.CRADLE_TO_SHELF)),
    Metric.FREIGHT: Rule(("kgCO2e/t.km",), (FactorBoundary.GATE_TO_GATE, FactorBoundary.WELL_TO_WHEEL)),
    Metric.WASTE: Rule(("kgCO2e/kg",), (FactorBoundary.END_OF_LIFE,)),
    Metric.WATER: Rule(("kgCO2e/m3",), (FactorBoundary.GATE_TO_GATE, FactorBoundary.CRADLE_TO_GATE)),
}


@dataclass(frozen=True, slots=True)
class NewFactor:
    """An emission factor of one vintage, in ng of the metric's gas per `unit`. `valid_until` is exclusive."""

    metric: str
    nanograms_per_unit: int
    unit: str
    region: str
    year: int
    boundary: str
    source: str
    source_row: str
    licence: str
    valid_from: date
    valid_until: date | None = None
    subject: str = GRID_AVERAGE
    standard: str = ""
    gwp_set: str = ""
    data_quality: str = ""
    verification: str = ""


@dataclass(frozen=True, slots=True)
class FactorFact:
    """One vintage of a factor, in ng of the metric's gas per the unit's denominator. `valid_until` is exclusive."""

    metric: ClassVar[Metric]

    id: UUID
    nanograms_per_unit: int
    unit: str
    subject: str
    region: str
    year: int
    boundary: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class ElectricityFootprintFactor(FactorFact):
    """Life-cycle greenhouse gases of a kilowatt-hour, in CO2e: for product footprints."""

    metric: ClassVar[Metric] = Metric.ELECTRICITY_FOOTPRINT

    def co2e_milligrams(self, watt_hours: int) -> int:
        """Return the mg of CO2e of an amount of electricity, half to even."""
        return _scaled(self.nanograms_per_unit, watt_hours)


@dataclass(frozen=True, slots=True)
class ElectricityCo2Factor(FactorFact):
    """The CO2 of generating a kilowatt-hour, and nothing else: for organizations' reports, never for a product."""

    metric: ClassVar[Metric] = Metric.ELECTRICITY_CO2

    def co2_milligrams(self, watt_hours: int) -> int:
        """Return the mg of CO2 (not CO2e) of an amount of electricity, half to even."""
        return _scaled(self.nanograms_per_unit, watt_hours)


@dataclass(frozen=True, slots=True)
class MaterialFactor(FactorFact):
    """The making of a material, in CO2e."""

    metric: ClassVar[Metric] = Metric.MATERIAL


@dataclass(frozen=True, slots=True)
class FreightFactor(FactorFact):
    """The carrying of a tonne over a kilometre, in CO2e."""

    metric: ClassVar[Metric] = Metric.FREIGHT


@dataclass(frozen=True, slots=True)
class WasteFactor(FactorFact):
    """The treatment of waste, in CO2e."""

    metric: ClassVar[Metric] = Metric.WASTE


@dataclass(frozen=True, slots=True)
class WaterFactor(FactorFact):
    """The supply of water, in CO2e."""

    metric: ClassVar[Metric] = Metric.WATER


TYPES: Final[Mapping[Metric, type[FactorFact]]] = {
    kind.metric: kind
    for kind in (
        ElectricityFootprintFactor,
        ElectricityCo2Factor,
        MaterialFactor,
        FreightFactor,
        WasteFactor,
        WaterFactor,
    )
}
"""The class whose objects hold the factors of a metric: one each."""


def rule_fault(metric: str, unit: str, boundary: str) -> tuple[str, str] | None:
    """Return the field in which a factor breaks the rule of its metric and what it must be, or None."""
    if metric not in set(Metric):
        return "metric", f"must be one of {', '.join(Metric)}."
    rule = RULES[Metric(metric)]
    if unit not in rule.units:
        return "unit", f"must be {' or '.join(rule.units)} for {metric}."
    if boundary not in rule.boundaries:
        return "boundary", f"must be {' or '.join(rule.boundaries)} for {metric}."
    return None


def _scaled(nanograms_per_kwh: int, watt_hours: int) -> int:
    whole, rest = divmod(nanograms_per_kwh * watt_hours, 1_000 * NANOGRAMS_PER_MILLIGRAM)
    half = 500 * NANOGRAMS_PER_MILLIGRAM
    return whole + (1 if rest > half or (rest == half and whole % 2) else 0)
