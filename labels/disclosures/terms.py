"""The terms a footprint is disclosed in: ISO 14067 (GB/T 24067) for what it says, PACT for how it is called. Pure.

PACT is the Partnership for Carbon Transparency's Technical Specifications for PCF Data Exchange, version 3, data type
CarbonFootprint. Its names are kept, in our spelling; its amounts are kept in whole milligrams for one functional unit,
uptake and removals as magnitudes.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from labels.quantities import Boundary, FunctionalUnit


class DeclaredUnit(StrEnum):
    """What a footprint is declared for (PACT 3, declaredUnitOfMeasurement)."""

    LITER = "liter"
    KILOGRAM = "kilogram"
    CUBIC_METER = "cubic meter"
    KILOWATT_HOUR = "kilowatt hour"
    MEGAJOULE = "megajoule"
    TON_KILOMETER = "ton kilometer"
    SQUARE_METER = "square meter"
    PIECE = "piece"
    HOUR = "hour"
    MEGABIT_SECOND = "megabit second"


class Stage(StrEnum):
    """A stage of life (ISO 14067, 3.1.4.2 and 6.3.7)."""

    RAW_MATERIAL_ACQUISITION = "raw_material_acquisition"
    PRODUCTION = "production"
    DISTRIBUTION = "distribution"
    USE = "use"
    END_OF_LIFE = "end_of_life"


class Assurance(StrEnum):
    """How sure a verifier is (ISO 14064-3)."""

    LIMITED = "limited"
    REASONABLE = "reasonable"


_MADE: Final = (Stage.RAW_MATERIAL_ACQUISITION, Stage.PRODUCTION)
STAGES_OF: Final = {
    Boundary.GATE_TO_GATE: (Stage.PRODUCTION,),
    Boundary.CRADLE_TO_GATE: _MADE,
    Boundary.CRADLE_TO_SHELF: (*_MADE, Stage.DISTRIBUTION),
    Boundary.CRADLE_TO_CONSUMER: (*_MADE, Stage.DISTRIBUTION),
    Boundary.CRADLE_TO_GRAVE: tuple(Stage),
}
"""The stages that lie within each boundary, in the order of life."""

DECLARED_AS: Final = {
    FunctionalUnit.KILOGRAM: DeclaredUnit.KILOGRAM,
    FunctionalUnit.LITRE: DeclaredUnit.LITER,
    FunctionalUnit.CUBIC_METRE: DeclaredUnit.CUBIC_METER,
    FunctionalUnit.SQUARE_METRE: DeclaredUnit.SQUARE_METER,
    FunctionalUnit.KILOWATT_HOUR: DeclaredUnit.KILOWATT_HOUR,
    FunctionalUnit.ITEM: DeclaredUnit.PIECE,
    FunctionalUnit.PAIR: DeclaredUnit.PIECE,
    FunctionalUnit.SHEET: DeclaredUnit.PIECE,
    FunctionalUnit.MEAL: DeclaredUnit.PIECE,
}
"""The declared unit that is the same thing as a functional unit."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What one footprint discloses.

    `declared_unit_amount_micro` is in millionths of the declared unit; `product_mass_mg` is the mass of that amount
    without packaging; the other amounts are milligrams for one functional unit, of CO2e or, for the contents, of
    carbon. The period's end is the first day no longer covered. Ratings are in hundredths, 100 best and 500 worst. The
    two sums are checked where they are given, and not kept: they follow from the parts.
    """

    declared_unit: str
    declared_unit_amount_micro: int
    reference_period_start: date
    reference_period_end: date
    geography: str
    fossil_mg: int
    product_mass_mg: int | None = None
    land_use_change_mg: int = 0
    land_management_mg: int = 0
    biogenic_non_co2_mg: int = 0
    biogenic_uptake_mg: int = 0
    land_removals_mg: int = 0
    technological_removals_mg: int = 0
    aircraft_mg: int | None = None
    packaging_mg: int | None = None
    fossil_carbon_mg: int | None = None
    biogenic_carbon_mg: int | None = None
    exempted_bp: int = 0
    primary_data_share_bp: int | None = None
    technological_dqr: int | None = None
    geographical_dqr: int | None = None
    temporal_dqr: int | None = None
    gwp_sets: tuple[str, ...] = ("AR6",)
    product_rules: str = ""
    boundary_description: str = ""
    secondary_sources: tuple[str, ...] = ()
    verifier: str = ""
    verification_standard: str = ""
    assurance: str = ""
    verified_on: date | None = None
    stages: tuple[tuple[str, int], ...] = ()
    pcf_excluding_mg: int | None = field(default=None, compare=False)
    pcf_including_mg: int | None = field(default=None, compare=False)


COLUMNS: Final = tuple(
    name for name in Disclosure.__dataclass_fields__ if name not in {"stages", "pcf_excluding_mg", "pcf_including_mg"}
)
"""What is kept in the table of disclosures, one column each."""
