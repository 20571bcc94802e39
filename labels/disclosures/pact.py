"""A footprint as PACT's data model has it: a ProductFootprint with its CarbonFootprint, by their own names. Pure.

PACT Technical Specifications for PCF Data Exchange 3.0, data types ProductFootprint and CarbonFootprint. Amounts are
decimals in text, kg for the declared unit; what reduces is at or below zero. What a footprint does not disclose is left
out, and named when PACT requires it: nothing is made up to fill a field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from labels.disclosures.identities import REGIONS, declared_content_micro, pcf_excluding_mg, pcf_including_mg
from labels.disclosures.terms import DECLARED_AS, DeclaredUnit, Disclosure
from labels.quantities import MICRO, FunctionalUnit

SPEC_VERSION: Final = "3.0.0"
REQUIRED: Final = (
    *("declaredUnitOfMeasurement", "declaredUnitAmount", "productMassPerDeclaredUnit", "referencePeriodStart"),
    *("referencePeriodEnd", "pcfExcludingBiogenicUptake", "pcfIncludingBiogenicUptake", "fossilGhgEmissions"),
    *("fossilCarbonContent", "ipccCharacterizationFactors", "crossSectoralStandards", "exemptedEmissionsPercent"),
)
"""What a CarbonFootprint must have (its `required` in PACT's OpenAPI document)."""

_STANDARDS: Final = {
    "ISO 14067": "ISO14067",
    "GB/T 24067": "ISO14067",  # adopts ISO 14067
    "ISO 14040": "ISO14040-44",
    "PAS 2050": "PAS2050",
    "PEF": "PEF",
}
_YEARS_VALID: Final = 3
_MILLIONTHS_OF_A_MILLIONTH: Final = Decimal(MICRO) ** 2


@dataclass(frozen=True, slots=True)
class Published:
    """A footprint and what stands around it. `preceding` are its earlier versions, the latest first."""

    id: UUID
    gtin: str
    product_name: str
    product_description: str
    company_id: UUID | None
    company_name: str
    milligrams_per_unit: int
    uptake_mg: int
    functional_unit: str
    boundary: str
    standard: str
    valid_from: date
    valid_until: date | None
    recorded_at: datetime
    preceding: tuple[UUID, ...]
    deprecated: bool
    disclosure: Disclosure | None


def product_footprint(published: Published) -> dict[str, Any]:
    """Return a ProductFootprint; see `missing` for what it lacks."""
    disclosed = published.disclosure
    company = {"companyName": published.company_name, "companyIds": [f"urn:uuid:{published.company_id}"]}
    return _known(
        id=str(published.id),
        specVersion=SPEC_VERSION,
        precedingPfIds=[str(each) for each in published.preceding] or None,
        created=_moment(published.recorded_at),
        status="Deprecated" if published.deprecated else "Active",
        validityPeriodStart=_midnight(published.valid_from),
        validityPeriodEnd=_midnight(_valid_until(published)),
        **(company if published.company_id is not None else {}),
        productDescription=published.product_description,
        productIds=[f"urn:gtin:{published.gtin}"],
        productNameCompany=published.product_name,
        pcf=_undisclosed(published) if disclosed is None else _carbon_footprint(published, disclosed),
    )


def missing(footprint: Mapping[str, Any]) -> list[str]:
    """Return the properties that PACT requires and a ProductFootprint lacks."""
    lacking = [name for name in ("companyName", "companyIds") if name not in footprint]
    return lacking + [f"pcf.{name}" for name in REQUIRED if name not in footprint["pcf"]]


def _carbon_footprint(published: Published, disclosed: Disclosure) -> dict[str, Any]:
    content = declared_content_micro(disclosed, published.functional_unit)
    assert content is not None  # labels.disclosures.identities lets nothing else be registered

    def kg(milligrams: int | None) -> str | None:
        return None if milligrams is None else _text(Decimal(milligrams) * content / _MILLIONTHS_OF_A_MILLIONTH)

    captured = disclosed.technological_removals_mg
    return _known(
        declaredUnitOfMeasurement=str(disclosed.declared_unit),
        declaredUnitAmount=_text(Decimal(disclosed.declared_unit_amount_micro) / MICRO),
        productMassPerDeclaredUnit=_mass(disclosed),
        referencePeriodStart=_midnight(disclosed.reference_period_start),
        referencePeriodEnd=_midnight(disclosed.reference_period_end),
        **_geography(disclosed.geography),
        boundaryProcessesDescription=disclosed.boundary_description or published.boundary.replace("_", " "),
        pcfExcludingBiogenicUptake=kg(pcf_excluding_mg(disclosed)),
        pcfIncludingBiogenicUptake=kg(pcf_including_mg(disclosed)),
        fossilCarbonContent=kg(disclosed.fossil_carbon_mg),
        biogenicCarbonContent=kg(disclosed.biogenic_carbon_mg),
        fossilGhgEmissions=kg(disclosed.fossil_mg),
        landUseChangeGhgEmissions=kg(disclosed.land_use_change_mg),
        landManagementBiogenicCO2Emissions=kg(disclosed.land_management_mg),
        landManagementBiogenicCO2Removals=kg(-disclosed.land_removals_mg),
        biogenicCO2Uptake=kg(-disclosed.biogenic_uptake_mg),
        biogenicNonCO2Emissions=kg(disclosed.biogenic_non_co2_mg),
        aircraftGhgEmissions=kg(disclosed.aircraft_mg),
        packagingEmissionsIncluded=disclosed.packaging_mg is not None,
        packagingGhgEmissions=kg(disclosed.packaging_mg),
        ccsTechnologicalCO2CaptureIncluded=captured > 0,
        ccsTechnologicalCO2Capture=kg(-captured) if captured else None,
        ipccCharacterizationFactors=list(disclosed.gwp_sets),
        crossSectoralStandards=[_standard(published.standard)],
        productOrSectorSpecificRules=_rules(disclosed.product_rules),
        exemptedEmissionsPercent=_percent(disclosed.exempted_bp),
        secondaryEmissionFactorSources=_sources(disclosed.secondary_sources),
        primaryDataShare=_percent(disclosed.primary_data_share_bp),
        dqi=_ratings(disclosed),
        verification=_verification(disclosed),
    )


def _undisclosed(published: Published) -> dict[str, Any]:
    """Return what can be said of a bare figure: without uptake or removals, both sums are the figure itself."""
    unit = DECLARED_AS.get(FunctionalUnit(published.functional_unit))
    figure = None
    if unit is not None and published.uptake_mg == 0:
        figure = _text(Decimal(published.milligrams_per_unit) / MICRO)
    return _known(
        declaredUnitOfMeasurement=None if unit is None else str(unit),
        declaredUnitAmount=None if unit is None else "1",
        productMassPerDeclaredUnit="1" if unit is DeclaredUnit.KILOGRAM else None,
        boundaryProcessesDescription=published.boundary.replace("_", " "),
        pcfExcludingBiogenicUptake=figure,
        pcfIncludingBiogenicUptake=figure,
        crossSectoralStandards=[_standard(published.standard)],
    )


def _known(**values: Any) -> dict[str, Any]:  # noqa: ANN401 - properties are of any type
    return {name: value for name, value in values.items() if value is not None}


def _text(amount: Decimal) -> str:
    """Return a decimal without exponent or trailing zeros, as PACT's pattern wants it."""
    written = f"{amount:f}" if amount else "0"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _percent(basis_points: int | None) -> str | None:
    return None if basis_points is None else _text(Decimal(basis_points) / 100)


def _mass(disclosed: Disclosure) -> str | None:
    weight = disclosed.product_mass_mg
    if weight is None and disclosed.declared_unit == DeclaredUnit.KILOGRAM:
        weight = disclosed.declared_unit_amount_micro
    return None if weight is None else _text(Decimal(weight) / MICRO)


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _midnight(day: date | None) -> str | None:
    return None if day is None else f"{day.isoformat()}T00:00:00Z"


def _valid_until(published: Published) -> date | None:
    """Return the end of validity: ours, but never more than three years after the data (PACT 3, validity period)."""
    if published.disclosure is None:
        return published.valid_until
    end = published.disclosure.reference_period_end
    day = 28 if (end.month, end.day) == (2, 29) else end.day
    latest = date(end.year + _YEARS_VALID, end.month, day)
    return latest if published.valid_until is None else min(latest, published.valid_until)


def _geography(geography: str) -> dict[str, str]:
    if geography == "GLO":
        return {}
    if geography in REGIONS:
        return {"geographyRegionOrSubregion": geography}
    return {"geographyCountrySubdivision" if "-" in geography else "geographyCountry": geography}


def _standard(standard: str) -> str:
    known = (name for start, name in _STANDARDS.items() if standard.startswith(start))
    return next(known, standard)


def _rules(rules: str) -> list[dict[str, Any]] | None:
    return [{"operator": "Other", "ruleNames": [rules], "otherOperatorName": rules}] if rules else None


def _sources(sources: Sequence[str]) -> list[dict[str, str]] | None:
    """Return databases with their versions; `name version` is how they are written here."""
    split = [each.rpartition(" ") for each in sources]
    return [{"name": name or version, "version": version if name else "unknown"} for name, _, version in split] or None


def _ratings(disclosed: Disclosure) -> dict[str, str] | None:
    rated = {
        "technologicalDQR": disclosed.technological_dqr,
        "geographicalDQR": disclosed.geographical_dqr,
        "temporalDQR": disclosed.temporal_dqr,
    }
    given = {name: _text(Decimal(value) / 100) for name, value in rated.items() if value is not None}
    return given if len(given) == len(rated) else None


def _verification(disclosed: Disclosure) -> dict[str, str] | None:
    if not disclosed.verifier:
        return None
    return _known(
        coverage="product level",
        providerName=disclosed.verifier,
        completedAt=_midnight(disclosed.verified_on),
        standardName=disclosed.verification_standard or None,
        comments=f"{disclosed.assurance} assurance" if disclosed.assurance else None,
    )
