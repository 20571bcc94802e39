"""A footprint with a full disclosure whose parts add up, for tests to spoil."""

from datetime import date

from labels.disclosures.terms import Disclosure
from labels.registrations import NewFootprint

SOUND = Disclosure(
    declared_unit="kilogram",
    declared_unit_amount_micro=500_000,
    reference_period_start=date(2025, 1, 1),
    reference_period_end=date(2026, 1, 1),
    geography="CN-ZJ",
    fossil_mg=2_000_000,
    product_mass_mg=500_000,
    land_use_change_mg=300_000,
    land_management_mg=150_000,
    biogenic_non_co2_mg=50_000,
    biogenic_uptake_mg=1_800_000,
    land_removals_mg=120_000,
    technological_removals_mg=30_000,
    aircraft_mg=1_000,
    packaging_mg=90_000,
    fossil_carbon_mg=0,
    biogenic_carbon_mg=450_000,
    exempted_bp=150,
    primary_data_share_bp=6_520,
    technological_dqr=120,
    geographical_dqr=200,
    temporal_dqr=350,
    gwp_sets=("AR6",),
    product_rules="PCR 2023:01",
    boundary_description="Growing, withering, drying, packing.",
    secondary_sources=("ecoinvent 3.10",),
    verifier="Demonstration Certification",
    verification_standard="ISO 14064-3",
    assurance="limited",
    verified_on=date(2026, 2, 1),
    stages=(("production", 1_000_000), ("raw_material_acquisition", 1_500_000)),
    pcf_excluding_mg=2_350_000,
    pcf_including_mg=550_000,
)


def footprint(gtin: str = "09521234543213", disclosure: Disclosure | None = SOUND) -> NewFootprint:
    """Return a footprint of 2.5 kg CO2e/kg, with 1.95 kg of uptake and removals apart."""
    return NewFootprint(
        gtin,
        2_500_000,
        "kg",
        "cradle_to_gate",
        "ISO 14067:2018",
        "CN",
        date(2026, 3, 1),
        date(2029, 3, 1),
        1_950_000,
        source="test",
        disclosure=disclosure,
    )
