"""A row of a table becomes a factor, or says everything that keeps it from being one."""

from datetime import date

import pytest

from labels.factor_imports import factor_of
from labels.metrics import NewFactor

ROW = {
    "metric": "material_footprint_factor",
    "subject": "paper",
    "value": "1.3450779",
    "unit": "kgCO2e/kg",
    "region": "GB",
    "year": "2025",
    "boundary": "cradle_to_shelf",
    "standard": "UK Government conversion factors 2025 methodology",
    "gwp_set": "AR5",
    "source_row": "19_506_5164_15_1",
    "licence": "Open Government Licence v3.0",
    "valid_from": "2025-06-10",
}


def test_a_row_becomes_a_factor_in_whole_nanograms() -> None:
    factor = factor_of(ROW, source="defra.csv")
    assert isinstance(factor, NewFactor)
    assert (factor.nanograms_per_unit, factor.subject, factor.source) == (1_345_077_900_000, "paper", "defra.csv")
    assert (factor.valid_from, factor.valid_until, factor.gwp_set) == (date(2025, 6, 10), None, "AR5")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value": "much"}, "value"),
        ({"value": "NaN"}, "value"),
        ({"value": "1e300"}, "value"),
        ({"value": "0.0000000000001"}, "value"),
        ({"year": "25"}, "year"),
        ({"year": "２０２５"}, "year"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_until": "31/12/2025"}, "valid_until"),
    ],
)
def test_what_can_not_be_read_is_named(change: dict[str, str], field: str) -> None:
    faults = factor_of(ROW | change, source="defra.csv")
    assert isinstance(faults, list)
    assert [fault.field for fault in faults] == [field]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    faults = factor_of(ROW | {"value": "x", "year": "x", "valid_from": "x"}, source="defra.csv")
    assert isinstance(faults, list)
    assert [fault.field for fault in faults] == ["value", "year", "valid_from"]
