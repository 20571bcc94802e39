"""What must hold within a disclosure: the parts add up, and nothing lies outside what was declared. Pure.

PACT Technical Specifications 3, CarbonFootprint, properties pcfExcludingBiogenicUptake and pcfIncludingBiogenicUptake
(methodology 3.3.1), say how the sums are made up. `fossilGhgEmissions` includes land management's fossil emissions
already, as the property landManagementFossilGhgEmissions notes; land use change, which the draft's list names twice, is
counted once. In our figures, all of them magnitudes:

    emissions = fossil + land use change + land management + biogenic other than CO2
    excluding = emissions - land management removals - technological removals
    including = excluding - biogenic uptake

A footprint's own figure is `emissions`, so that neither uptake nor removals are ever credited, and its `uptake_mg` is
what the other two take off.
"""

import re
from datetime import date
from typing import Final

from labels.disclosures.terms import DECLARED_AS, STAGES_OF, Assurance, DeclaredUnit, Disclosure
from labels.quantities import LARGEST, Boundary, FunctionalUnit
from labels.registrations import BASIS_POINTS, NewFootprint, Rejected, number_fault, text_fault, texts_fault

BEST_RATING: Final = 100
WORST_RATING: Final = 500
_GEOGRAPHY: Final = re.compile(r"GLO|[A-Z]{2}|[A-Z]{2}-[A-Z0-9]{1,3}")
_GWP_SET: Final = re.compile(r"AR[0-9]{1,2}")
REGIONS: Final = frozenset(
    {"Africa", "Americas", "Asia", "Europe", "Oceania", "Australia and New Zealand", "Central Asia", "Eastern Asia"}
    | {"Eastern Europe", "Latin America and the Caribbean", "Melanesia", "Micronesia", "Northern Africa"}
    | {"Northern America", "Northern Europe", "Polynesia", "South-eastern Asia", "Southern Asia", "Southern Europe"}
    | {"Sub-Saharan Africa", "Western Asia", "Western Europe"}
)
"""The UN's regions and subregions (M49), as PACT's geographyRegionOrSubregion lists them."""
_AMOUNTS: Final = (
    *("fossil_mg", "land_use_change_mg", "land_management_mg", "biogenic_non_co2_mg", "biogenic_uptake_mg"),
    *("land_removals_mg", "technological_removals_mg", "aircraft_mg", "packaging_mg", "fossil_carbon_mg"),
    *("biogenic_carbon_mg", "product_mass_mg"),
)


def emissions_mg(disclosed: Disclosure) -> int:
    """Return every emission, without uptake or removals."""
    emitted = disclosed.fossil_mg + disclosed.land_use_change_mg
    return emitted + disclosed.land_management_mg + disclosed.biogenic_non_co2_mg


def pcf_excluding_mg(disclosed: Disclosure) -> int:
    """Return PACT's pcfExcludingBiogenicUptake, which may be below zero."""
    return emissions_mg(disclosed) - disclosed.land_removals_mg - disclosed.technological_removals_mg


def pcf_including_mg(disclosed: Disclosure) -> int:
    """Return PACT's pcfIncludingBiogenicUptake, which may be below zero."""
    return pcf_excluding_mg(disclosed) - disclosed.biogenic_uptake_mg


def declared_content_micro(disclosed: Disclosure, functional_unit: str) -> int | None:
    """Return how many millionths of the functional unit are in the declared amount; None when that can not be told."""
    if DECLARED_AS.get(FunctionalUnit(functional_unit)) == disclosed.declared_unit:
        return disclosed.declared_unit_amount_micro
    weighed = functional_unit == FunctionalUnit.KILOGRAM and disclosed.product_mass_mg
    return disclosed.product_mass_mg if weighed else None  # a milligram is a millionth of a kilogram


def disclosure_fault(row: NewFootprint, disclosed: Disclosure) -> Rejected | None:
    """Return what is wrong with what a footprint discloses, if anything is."""
    return (
        _bounds_fault(disclosed)
        or _words_fault(disclosed)
        or _declared_fault(disclosed, row.functional_unit)
        or _sums_fault(row, disclosed)
        or _stages_fault(row, disclosed)
        or _period_fault(row.valid_from, disclosed)
    )


def _bounds_fault(disclosed: Disclosure) -> Rejected | None:
    faults = [number_fault(name, getattr(disclosed, name)) for name in _AMOUNTS]
    faults += [number_fault(name, getattr(disclosed, name), most=BASIS_POINTS) for name in _SHARES]
    faults += [number_fault(name, getattr(disclosed, name), BEST_RATING, WORST_RATING) for name in _RATINGS]
    faults.append(number_fault("declared_unit_amount_micro", disclosed.declared_unit_amount_micro, least=1))
    faults.append(number_fault("fossil_mg", emissions_mg(disclosed), most=LARGEST))
    return next((fault for fault in faults if fault is not None), None)


_SHARES: Final = ("exempted_bp", "primary_data_share_bp")
_RATINGS: Final = ("technological_dqr", "geographical_dqr", "temporal_dqr")
_TEXTS: Final = ("product_rules", "boundary_description", "verifier", "verification_standard")


def _words_fault(disclosed: Disclosure) -> Rejected | None:
    if disclosed.geography not in REGIONS and not _GEOGRAPHY.fullmatch(disclosed.geography):
        return Rejected("geography", "must be GLO, a UN region, or an ISO 3166 code of a country or subdivision.")
    if not disclosed.gwp_sets or not all(_GWP_SET.fullmatch(each) for each in disclosed.gwp_sets):
        return Rejected("gwp_sets", "must name assessment reports of the IPCC, such as AR6.")
    if disclosed.assurance not in {"", *Assurance}:
        return Rejected("assurance", f"must be {' or '.join(Assurance)}.")
    if not disclosed.verifier and (disclosed.assurance or disclosed.verified_on or disclosed.verification_standard):
        return Rejected("verifier", "must be named where there was a verification.")
    faults = (text_fault("secondary_sources", each) for each in disclosed.secondary_sources)
    kept = texts_fault(*((name, getattr(disclosed, name)) for name in _TEXTS), required=False)
    return kept or next((fault for fault in faults if fault is not None), None)


def _declared_fault(disclosed: Disclosure, functional_unit: str) -> Rejected | None:
    if disclosed.declared_unit not in set(DeclaredUnit):
        return Rejected("declared_unit", f"must be one of {', '.join(DeclaredUnit)}.")
    weight = disclosed.product_mass_mg
    if disclosed.declared_unit == DeclaredUnit.KILOGRAM and weight not in {None, disclosed.declared_unit_amount_micro}:
        return Rejected("product_mass_mg", "must be the declared amount itself, which is a mass already.")
    if declared_content_micro(disclosed, functional_unit) is None:
        return Rejected(
            "declared_unit",
            f"{disclosed.declared_unit} can not be counted in {functional_unit}, which the product's category is "
            "counted in; declare it in that unit, or for kg give product_mass_mg.",
        )
    return None


def _sums_fault(row: NewFootprint, disclosed: Disclosure) -> Rejected | None:
    """Check PACT's identities and that the footprint's own figures are those sums."""
    kept_apart = disclosed.biogenic_uptake_mg + disclosed.land_removals_mg + disclosed.technological_removals_mg
    sums = (
        ("milligrams_per_unit", row.milligrams_per_unit, emissions_mg(disclosed), "the emissions disclosed"),
        ("uptake_mg", row.uptake_mg, kept_apart, "uptake and removals disclosed"),
        ("pcf_excluding_mg", disclosed.pcf_excluding_mg, pcf_excluding_mg(disclosed), "emissions less removals"),
        ("pcf_including_mg", disclosed.pcf_including_mg, pcf_including_mg(disclosed), "that less biogenic uptake"),
    )
    for name, given, summed, what in sums:
        if given is not None and given != summed:
            return Rejected(name, f"must be {summed}, the sum of {what}, not {given}.")
    for name in ("aircraft_mg", "packaging_mg"):
        part = getattr(disclosed, name)
        if part is not None and part > emissions_mg(disclosed):
            return Rejected(name, f"is a part of the emissions and can not be above them, {emissions_mg(disclosed)}.")
    return None


def _stages_fault(row: NewFootprint, disclosed: Disclosure) -> Rejected | None:
    if not disclosed.stages:
        return None
    within = STAGES_OF[Boundary(row.boundary)]
    outside = sorted({stage for stage, _ in disclosed.stages} - set(within))
    if outside:
        return Rejected("stages", f"{', '.join(outside)} lies outside {row.boundary}; within are {', '.join(within)}.")
    if len({stage for stage, _ in disclosed.stages}) < len(disclosed.stages):
        return Rejected("stages", "must name each stage once.")
    if any(not 0 <= amount <= LARGEST for _, amount in disclosed.stages):
        return Rejected("stages", "must not be below zero; uptake and removals stand apart.")
    total = sum(amount for _, amount in disclosed.stages)
    if total != row.milligrams_per_unit:
        return Rejected("stages", f"add up to {total} mg, and milligrams_per_unit is {row.milligrams_per_unit}.")
    return None


def _period_fault(valid_from: date, disclosed: Disclosure) -> Rejected | None:
    """Check the periods: PACT 3, validity period, has it begin when the data's period has ended, or later."""
    start, end = disclosed.reference_period_start, disclosed.reference_period_end
    if start >= end:
        return Rejected("reference_period_end", f"must be after reference_period_start, {start}.")
    if valid_from < end:
        return Rejected("valid_from", f"must not be before the end of the reference period, {end}.")
    return None
