"""What a footprint discloses, in the terms of ISO 14067, GB/T 24067 and PACT; only ever added, like the footprint.

Masses are whole milligrams for one functional unit, as the footprint's own figure is; `product_mass_mg` and
`declared_unit_amount_micro` alone are for the declared unit.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class FootprintDisclosure(SQLModel, table=True):
    """One footprint's disclosure. Emissions, uptake and removals are magnitudes, each in a column of its own."""

    __tablename__ = "footprint_disclosure"

    footprint_id: UUID = Field(primary_key=True, foreign_key="footprint.id")
    declared_unit: str = Field(description="See labels.disclosures.terms.DeclaredUnit.")
    declared_unit_amount_micro: int = Field(sa_type=BigInteger, description="Millionths of the declared unit.")
    product_mass_mg: int | None = Field(default=None, sa_type=BigInteger, description="Of that amount, unpacked.")
    reference_period_start: date
    reference_period_end: date = Field(description="The first day no longer covered.")
    geography: str = Field(description="GLO, a UN region, or ISO 3166.")
    fossil_mg: int = Field(sa_type=BigInteger, description="Includes fossil emissions of land management.")
    land_use_change_mg: int = Field(sa_type=BigInteger)
    land_management_mg: int = Field(sa_type=BigInteger, description="Biogenic CO2 of land management.")
    biogenic_non_co2_mg: int = Field(sa_type=BigInteger)
    biogenic_uptake_mg: int = Field(sa_type=BigInteger)
    land_removals_mg: int = Field(sa_type=BigInteger)
    technological_removals_mg: int = Field(sa_type=BigInteger)
    aircraft_mg: int | None = Field(default=None, sa_type=BigInteger, description="Part of the above.")
    packaging_mg: int | None = Field(default=None, sa_type=BigInteger, description="Part of the above.")
    fossil_carbon_mg: int | None = Field(default=None, sa_type=BigInteger, description="mg of carbon.")
    biogenic_carbon_mg: int | None = Field(default=None, sa_type=BigInteger, description="mg of carbon.")
    exempted_bp: int = Field(description="Emissions left out, in hundredths of a percent.")
    primary_data_share_bp: int | None = None
    technological_dqr: int | None = Field(default=None, description="Data quality, in hundredths: 100 best.")
    geographical_dqr: int | None = None
    temporal_dqr: int | None = None
    gwp_sets: list[str] = Field(sa_type=JSONB, description="AR5, AR6 ...")
    product_rules: str = Field(default="", description="The product category rules it follows.")
    boundary_description: str = ""
    secondary_sources: list[str] = Field(sa_type=JSONB, description="Databases of secondary data, with version.")
    verifier: str = ""
    verification_standard: str = ""
    assurance: str = Field(default="", description="limited or reasonable.")
    verified_on: date | None = None


class FootprintStage(SQLModel, table=True):
    """What one stage of life adds to a footprint; the stages add up to it."""

    __tablename__ = "footprint_stage"

    footprint_id: UUID = Field(primary_key=True, foreign_key="footprint.id")
    stage: str = Field(primary_key=True, description="See labels.disclosures.terms.Stage.")
    milligrams: int = Field(sa_type=BigInteger, description="mg CO2e per functional unit.")
