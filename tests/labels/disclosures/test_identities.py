"""What must hold within a disclosure, and which field is named when it does not."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.disclosures.identities import (
    declared_content_micro,
    disclosure_fault,
    emissions_mg,
    pcf_excluding_mg,
    pcf_including_mg,
)
from labels.disclosures.terms import Disclosure
from labels.registrations import Rejected
from tests.factories.disclosures import SOUND, footprint

amounts = st.integers(0, 10**12)
SPOILED: list[tuple[str, dict[str, Any]]] = [
    ("fossil_mg", {"fossil_mg": -1}),
    ("milligrams_per_unit", {"fossil_mg": SOUND.fossil_mg + 1}),
    ("milligrams_per_unit", {"land_use_change_mg": 0}),
    ("uptake_mg", {"biogenic_uptake_mg": 0}),
    ("uptake_mg", {"technological_removals_mg": 0}),
    ("pcf_excluding_mg", {"pcf_excluding_mg": 2_350_001}),
    ("pcf_including_mg", {"pcf_including_mg": 2_350_000}),
    ("aircraft_mg", {"aircraft_mg": 2_500_001}),
    ("packaging_mg", {"packaging_mg": 2_500_001}),
    ("declared_unit", {"declared_unit": "bag"}),
    ("declared_unit", {"declared_unit": "piece", "product_mass_mg": None}),
    ("declared_unit_amount_micro", {"declared_unit_amount_micro": 0}),
    ("product_mass_mg", {"product_mass_mg": 499_999}),
    ("geography", {"geography": "Zhejiang"}),
    ("gwp_sets", {"gwp_sets": ()}),
    ("gwp_sets", {"gwp_sets": ("best",)}),
    ("assurance", {"assurance": "total"}),
    ("verifier", {"verifier": ""}),
    ("exempted_bp", {"exempted_bp": 10_001}),
    ("technological_dqr", {"technological_dqr": 99}),
    ("stages", {"stages": (("production", 2_499_999),)}),
    ("stages", {"stages": (("use", 2_500_000),)}),
    ("stages", {"stages": (("production", 1_250_000), ("production", 1_250_000))}),
    ("stages", {"stages": (("production", 2_600_000), ("raw_material_acquisition", -100_000))}),
    ("reference_period_end", {"reference_period_end": date(2025, 1, 1)}),
    ("valid_from", {"reference_period_end": date(2026, 3, 2)}),
]


def test_a_disclosure_whose_parts_add_up_is_sound() -> None:
    assert disclosure_fault(footprint(), SOUND) is None
    bare = replace(SOUND, stages=(), pcf_excluding_mg=None, pcf_including_mg=None, product_mass_mg=None)
    assert disclosure_fault(footprint(), bare) is None


@pytest.mark.parametrize(("field", "values"), SPOILED)
def test_each_thing_that_is_wrong_is_named(field: str, values: dict[str, Any]) -> None:
    fault = disclosure_fault(footprint(), replace(SOUND, **values))
    assert isinstance(fault, Rejected)
    assert fault.field == field


def test_a_wrong_sum_is_told_the_right_one() -> None:
    fault = disclosure_fault(footprint(), replace(SOUND, pcf_including_mg=1))
    assert fault == Rejected("pcf_including_mg", "must be 550000, the sum of that less biogenic uptake, not 1.")


@given(st.lists(amounts, min_size=7, max_size=7))
def test_the_sums_of_pact_hold_whatever_the_parts(parts: list[int]) -> None:
    names = (
        *("fossil_mg", "land_use_change_mg", "land_management_mg", "biogenic_non_co2_mg"),
        *("land_removals_mg", "technological_removals_mg", "biogenic_uptake_mg"),
    )
    disclosed = replace(SOUND, **dict(zip(names, parts, strict=True)))  # type: ignore[arg-type]  # seven amounts
    assert emissions_mg(disclosed) == sum(parts[:4])
    assert pcf_excluding_mg(disclosed) == sum(parts[:4]) - sum(parts[4:6])
    assert pcf_including_mg(disclosed) == pcf_excluding_mg(disclosed) - parts[6]
    assert pcf_including_mg(disclosed) <= pcf_excluding_mg(disclosed) <= emissions_mg(disclosed)


@pytest.mark.parametrize(
    ("declared", "mass", "functional", "content"),
    [("kilogram", None, "kg", 500_000), ("piece", 85_500, "kg", 85_500), ("piece", None, "item", 500_000)],
)
def test_what_is_in_the_declared_amount_is_told_by_unit_or_by_mass(
    declared: str, mass: int | None, functional: str, content: int
) -> None:
    disclosed: Disclosure = replace(SOUND, declared_unit=declared, product_mass_mg=mass)
    assert declared_content_micro(disclosed, functional) == content
