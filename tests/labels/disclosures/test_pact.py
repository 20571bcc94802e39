"""A footprint in PACT's data model: its names, its decimals, its signs, and nothing that was not disclosed."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from labels.disclosures.pact import REQUIRED, Published, missing, product_footprint
from tests.factories.disclosures import SOUND

ID, EARLIER, COMPANY = (UUID(int=number) for number in (1, 2, 3))
WHOLE = Published(
    ID,
    "09521234543213",
    "示范茶",
    "Tea 33克*30",
    COMPANY,
    "示范茶厂",
    2_500_000,
    1_950_000,
    "kg",
    "cradle_to_gate",
    "ISO 14067:2018",
    date(2026, 3, 1),
    date(2029, 3, 1),
    datetime(2026, 3, 1, tzinfo=UTC),
    (EARLIER,),
    False,
    SOUND,
)
_DECIMAL = re.compile(r"-?\d+(\.\d*[1-9])?")


def test_amounts_are_kilograms_for_the_declared_unit_and_what_reduces_is_below_zero() -> None:
    pcf = product_footprint(WHOLE)["pcf"]
    assert {name: pcf[name] for name in pcf if name.startswith(("pcf", "land", "bio", "fossil", "ccs"))} == {
        "pcfExcludingBiogenicUptake": "1.175",
        "pcfIncludingBiogenicUptake": "0.275",
        "fossilGhgEmissions": "1",
        "landUseChangeGhgEmissions": "0.15",
        "landManagementBiogenicCO2Emissions": "0.075",
        "landManagementBiogenicCO2Removals": "-0.06",
        "biogenicCO2Uptake": "-0.9",
        "biogenicNonCO2Emissions": "0.025",
        "fossilCarbonContent": "0",
        "biogenicCarbonContent": "0.225",
        "ccsTechnologicalCO2CaptureIncluded": True,
        "ccsTechnologicalCO2Capture": "-0.015",
    }
    assert (pcf["declaredUnitAmount"], pcf["productMassPerDeclaredUnit"]) == ("0.5", "0.5")
    assert (pcf["primaryDataShare"], pcf["exemptedEmissionsPercent"]) == ("65.2", "1.5")
    assert pcf["geographyCountrySubdivision"] == "CN-ZJ"
    assert pcf["crossSectoralStandards"] == ["ISO14067"]
    assert all(_DECIMAL.fullmatch(value) for name, value in pcf.items() if name.endswith(("Emissions", "Uptake")))


def test_a_full_disclosure_lacks_nothing_that_pact_requires() -> None:
    made = product_footprint(WHOLE)
    assert missing(made) == []
    assert (made["status"], made["precedingPfIds"]) == ("Active", [str(EARLIER)])
    assert product_footprint(replace(WHOLE, deprecated=True))["status"] == "Deprecated"


def test_what_is_not_disclosed_is_left_out_and_named() -> None:
    made = product_footprint(replace(WHOLE, disclosure=None, company_id=None, preceding=()))
    assert not {"companyName", "companyIds", "precedingPfIds"} & set(made)
    assert "pcfExcludingBiogenicUptake" not in made["pcf"]  # its uptake is one sum of which the parts are not known
    known = {"declaredUnitOfMeasurement", "declaredUnitAmount", "productMassPerDeclaredUnit", "crossSectoralStandards"}
    assert missing(made) == ["companyName", "companyIds", *(f"pcf.{name}" for name in REQUIRED if name not in known)]
    bare = product_footprint(replace(WHOLE, disclosure=None, uptake_mg=0))["pcf"]
    assert (bare["pcfExcludingBiogenicUptake"], bare["pcfIncludingBiogenicUptake"]) == ("2.5", "2.5")


@pytest.mark.parametrize(
    ("until", "data_end", "told"),
    [
        (date(2028, 1, 1), date(2026, 1, 1), "2028-01-01T00:00:00Z"),
        (date(2031, 1, 1), date(2026, 1, 1), "2029-01-01T00:00:00Z"),
        (None, date(2024, 2, 29), "2027-02-28T00:00:00Z"),
    ],
)
def test_validity_ends_three_years_after_the_data_at_the_latest(until: date | None, data_end: date, told: str) -> None:
    disclosed = replace(SOUND, reference_period_end=data_end)
    made = product_footprint(replace(WHOLE, valid_until=until, disclosure=disclosed))
    assert made["validityPeriodEnd"] == told


@pytest.mark.parametrize(
    ("geography", "member"),
    [("GLO", None), ("CN", "geographyCountry"), ("Eastern Asia", "geographyRegionOrSubregion")],
)
def test_exactly_one_geography_is_told_and_none_for_the_world(geography: str, member: str | None) -> None:
    pcf = product_footprint(replace(WHOLE, disclosure=replace(SOUND, geography=geography)))["pcf"]
    assert [name for name in pcf if name.startswith("geography")] == ([] if member is None else [member])
