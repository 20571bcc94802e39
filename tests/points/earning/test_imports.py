from datetime import UTC, datetime

import pytest

from points.earning.activities import SaleLine
from points.earning.imports import ReportedSale, Unreadable, sale_of

ROW: dict[str, object] = {
    "retailer": "Green Mart",
    "receipt": "A-1",
    "line": "2",
    "member_code": "7KQ2MXB4WRTN",
    "code": "9521234543213",
    "quantity": "3",
    "sold_at": "2026-05-01T08:30:00+00:00",
}


def test_text_and_json_values_say_the_same() -> None:
    line = SaleLine("A-1", 2, "7KQ2MXB4WRTN", "9521234543213", 3, datetime(2026, 5, 1, 8, 30, tzinfo=UTC))
    assert sale_of(ROW) == ReportedSale("Green Mart", line)
    assert sale_of(ROW | {"line": 2, "quantity": 3}) == ReportedSale("Green Mart", line)


@pytest.mark.parametrize("nobody", ["", " ", None])
def test_a_buyer_who_showed_no_code_is_nobody(nobody: str | None) -> None:
    found = sale_of(ROW | {"member_code": nobody})
    assert isinstance(found, ReportedSale)
    assert found.line.member_code is None


def test_a_return_has_a_quantity_below_zero() -> None:
    found = sale_of(ROW | {"quantity": "-2"})
    assert isinstance(found, ReportedSale)
    assert found.line.quantity == -2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("receipt", ""),
        ("receipt", "x" * 101),
        ("receipt", "a\x07b"),
        ("line", "0"),
        ("line", "1.0"),
        ("line", True),
        ("line", "１"),
        ("quantity", "--1"),
        ("quantity", "9" * 30),
        ("quantity", None),
        ("code", "12\x0034"),
        ("sold_at", "2026-05-01T08:30:00"),
        ("sold_at", 1_777_624_200),
        ("sold_at", "yesterday"),
        ("sold_at", "0001-01-01T00:00:00+14:00"),
        ("sold_at", "0001-01-01T00:00:00Z"),
        ("sold_at", "9999-12-31T23:59:59Z"),
        ("sold_at", "9999-12-31T23:59:59-14:00"),
    ],
)
def test_a_value_that_can_not_be_read_is_named_by_its_column(field: str, value: object) -> None:
    found = sale_of(ROW | {field: value})
    assert isinstance(found, Unreadable)
    assert found.field == field
