"""Footprints as certifiers and makers register them, and as PACT's data model has them."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from api.schemas import BasisPoints, Code, Day, Line, Name, Schema
from labels import catalogue
from labels.disclosures import terms
from labels.disclosures.identities import BEST_RATING, WORST_RATING
from labels.disclosures.pact import Published, missing, product_footprint
from labels.disclosures.terms import Assurance, DeclaredUnit, Stage
from labels.quantities import Boundary, FunctionalUnit

LARGEST_MILLIGRAMS = 10**12
"""A thousand tonnes for one functional unit: no believable footprint, and no overflow."""

Milligrams = Annotated[int, Field(strict=True, ge=0, le=LARGEST_MILLIGRAMS)]
SignedMilligrams = Annotated[int, Field(strict=True, ge=-3 * LARGEST_MILLIGRAMS, le=4 * LARGEST_MILLIGRAMS)]
Rating = Annotated[int, Field(strict=True, ge=BEST_RATING, le=WORST_RATING)]


class Disclosure(Schema):
    """What a footprint discloses, in PACT's and ISO 14067's terms.

    Amounts are whole milligrams for one functional unit, all of them magnitudes. They add up: `milligrams_per_unit` is
    fossil, land use change, land management and biogenic other than CO2; `uptake_mg` is biogenic uptake and removals.
    """

    declared_unit: DeclaredUnit = Field(description="PACT's `declaredUnitOfMeasurement`.")
    declared_unit_amount_micro: Annotated[int, Field(strict=True, ge=1, le=LARGEST_MILLIGRAMS)] = Field(
        description="Millionths of the declared unit: PACT's `declaredUnitAmount`."
    )
    product_mass_mg: Milligrams | None = Field(
        None, description="Of the declared amount: `productMassPerDeclaredUnit`."
    )
    reference_period_start: Day
    reference_period_end: Day = Field(description="The first day the data no longer cover.")
    geography: Name = Field(description="GLO, a UN region, or ISO 3166: `geographyCountry` and its like.")
    fossil_mg: Milligrams = Field(description="`fossilGhgEmissions`, land management's fossil emissions included.")
    land_use_change_mg: Milligrams = Field(0, description="`landUseChangeGhgEmissions`.")
    land_management_mg: Milligrams = Field(0, description="`landManagementBiogenicCO2Emissions`.")
    biogenic_non_co2_mg: Milligrams = Field(0, description="`biogenicNonCO2Emissions`.")
    biogenic_uptake_mg: Milligrams = Field(0, description="`biogenicCO2Uptake`, as a magnitude.")
    land_removals_mg: Milligrams = Field(0, description="`landManagementBiogenicCO2Removals`, as a magnitude.")
    technological_removals_mg: Milligrams = Field(0, description="`ccsTechnologicalCO2Capture`, as a magnitude.")
    pcf_excluding_mg: SignedMilligrams | None = Field(None, description="`pcfExcludingBiogenicUptake`, to be checked.")
    pcf_including_mg: SignedMilligrams | None = Field(None, description="`pcfIncludingBiogenicUptake`, to be checked.")
    aircraft_mg: Milligrams | None = Field(None, description="`aircraftGhgEmissions`, a part of the above.")
    packaging_mg: Milligrams | None = Field(None, description="`packagingGhgEmissions`, a part of the above.")
    fossil_carbon_mg: Milligrams | None = Field(None, description="`fossilCarbonContent`, mg of carbon.")
    biogenic_carbon_mg: Milligrams | None = Field(None, description="`biogenicCarbonContent`, mg of carbon.")
    exempted_bp: BasisPoints = Field(0, description="`exemptedEmissionsPercent`, in hundredths of a percent.")
    primary_data_share_bp: BasisPoints | None = Field(None, description="`primaryDataShare`, in the same.")
    technological_dqr: Rating | None = Field(None, description="`technologicalDQR`, in hundredths.")
    geographical_dqr: Rating | None = None
    temporal_dqr: Rating | None = None
    gwp_sets: Annotated[list[Name], Field(min_length=1, max_length=5)] = Field(
        default=["AR6"], description="`ipccCharacterizationFactors`."
    )
    product_rules: Line | None = Field(None, description="The product category rules it follows.")
    boundary_description: Line | None = Field(None, description="`boundaryProcessesDescription`.")
    secondary_sources: Annotated[list[Line], Field(max_length=20)] = Field(
        default=[], description="Databases of secondary data with their version, such as `ecoinvent 3.10`."
    )
    verifier: Line | None = None
    verification_standard: Line | None = Field(None, description="Such as `ISO 14064-3`.")
    assurance: Assurance | None = None
    verified_on: Day | None = None
    stages: dict[Stage, Milligrams] = Field(
        default={}, description="What each stage of life adds; they add up to `milligrams_per_unit`."
    )

    def as_fact(self) -> terms.Disclosure:
        """Return what is disclosed as the registry takes it."""
        given: dict[str, Any] = {name: value for name, value in dict(self).items() if value is not None}
        given |= {"gwp_sets": tuple(self.gwp_sets), "secondary_sources": tuple(self.secondary_sources)}
        return terms.Disclosure(**given | {"stages": tuple((str(stage), each) for stage, each in self.stages.items())})


class NewFootprint(Schema):
    """A footprint: mg CO2e per functional unit of the product's category, fossil and land use."""

    gtin: Code
    milligrams_per_unit: Milligrams
    functional_unit: FunctionalUnit
    boundary: Boundary
    standard: Name = Field(description="Such as `ISO 14067`.")
    region: Name = Field(description="Such as `CN`.")
    valid_from: Day
    valid_until: Day | None = Field(None, description="The first day it no longer holds.")
    uptake_mg: Milligrams = Field(0, description="Biogenic uptake and removals, kept apart; never credited.")
    uncertainty_bp: BasisPoints = Field(0, description="Deduction for uncertainty, in hundredths of a percent.")
    source: Line | None = None
    supersedes_id: UUID | None = Field(None, description="The version of the same product that this one corrects.")
    disclosure: Disclosure | None = Field(None, description="How it is made up, what for, and how good it is.")

    def as_row(self) -> catalogue.NewFootprint:
        """Return the footprint as the registry takes it."""
        given: dict[str, Any] = {name: value for name, value in dict(self).items() if value is not None}
        disclosed = None if self.disclosure is None else self.disclosure.as_fact()
        return catalogue.NewFootprint(**given | {"disclosure": disclosed})


class FootprintPage(Schema):
    """A footprint as a ProductFootprint of PACT's Technical Specifications 3."""

    data: dict[str, Any] = Field(description="The ProductFootprint; what is not disclosed is left out.")
    missing: list[str] = Field(description="What PACT requires and it does not have; empty when it conforms.")

    @classmethod
    def of(cls, published: Published) -> Self:
        """Return a footprint as it is shown."""
        footprint = product_footprint(published)
        return cls(data=footprint, missing=missing(footprint))
