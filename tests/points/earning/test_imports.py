from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from points.earning.activities import SaleLine
from points.earning.imports import Fault, ReportedReturn, ReportedSale, Unreadable, return_of_row, sale_of
from points.earning.times import LOCAL

ROW: dict[str, object] = {
    "retailer": "Green Mart",
    "receipt": "A-1",
    "line": "2",
    "member_code": "7KQ2MXB4WRTN",
    "code": "9521234543213",
    "quantity": "3",
    "sold_at": "2026-05-01T08:30:00+00:00",
}


def fault_of(found: ReportedSale | ReportedReturn | Unreadable) -> Fault:
    """Return the only fault of a row that can not be read."""
    assert isinstance(found, Unreadable)
    (fault,) = found.faults
    return fault


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
        ("receipt", ["A"]),
        ("receipt", {"number": "A"}),
        ("member_code", True),
        ("member_code", False),
        ("member_code", "7KQ2\x00"),
        ("member_code", {"code": "7KQ2MXB4WRTN"}),
        ("code", [9521234543213]),
        ("time_zone", ["Asia/Shanghai"]),
        ("member_code", "\x1f"),
        ("member_code", "7KQ2\x07"),
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
    assert fault_of(sale_of(ROW | {field: value})).field == field


@pytest.mark.parametrize("value", [["A"], {"number": "A"}, True, "A\x00"])
def test_a_value_that_is_neither_text_nor_a_number_is_told_once_with_what_to_send(value: object) -> None:
    for found in (
        sale_of(ROW | {"receipt": value}),
        return_of_row(RETURN | {"returned_at": ROW["sold_at"], "receipt": value}),
    ):
        fault = fault_of(found)
        assert (fault.field, "must be text without control char" in fault.reason) == ("receipt", True)


def test_numbers_are_taken_for_what_they_spell_and_the_separators_of_a_scan_left_in_it() -> None:
    found = sale_of(ROW | {"receipt": 17, "line": 2, "quantity": 3, "code": "0109521234543213\x1d2142"})
    assert isinstance(found, ReportedSale)
    assert (found.line.receipt, found.line.line, found.line.code) == ("17", 2, "0109521234543213\x1d2142")


def test_columns_that_a_file_of_this_kind_has_not_are_left_aside_whatever_they_hold() -> None:
    assert isinstance(sale_of(ROW | {"bought_receipt": [], "returned_at": False, "till": {}}), ReportedSale)
    assert isinstance(return_of_row(RETURN | {"returned_at": ROW["sold_at"], "sold_at": []}), ReportedReturn)


def test_every_fault_of_a_row_is_told_and_what_names_it_given_back() -> None:
    wrong = ROW | {"code": "", "quantity": "two", "sold_at": "yesterday"}
    found = sale_of(wrong, only="somebody")
    assert isinstance(found, Unreadable)
    assert (found.fields, found.receipt, found.line) == (("retailer", "quantity", "code", "sold_at"), "A-1", 2)
    assert "quantity must be a whole number of at most 100000 units. code must have 1 to 500 char" in found.detail
    back = return_of_row(wrong | {"returned_at": "x", "bought_receipt": "A-0", "line": "0"})
    assert isinstance(back, Unreadable)
    assert (back.fields, back.receipt, back.line) == (
        ("line", "quantity", "code", "bought_line", "returned_at"),
        "A-1",
        None,
    )


def test_a_row_may_name_only_the_retailer_that_hands_it_in() -> None:
    assert isinstance(sale_of(ROW, only="Green Mart"), ReportedSale)
    assert isinstance(sale_of(ROW | {"retailer": ""}, only="Green Mart"), ReportedSale)
    assert fault_of(sale_of(ROW, only="Blue Mart")).field == "retailer"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("6901234567892.0", "6901234567892"),
        ("6901234567892.00", "6901234567892"),
        (6901234567892.0, "6901234567892"),
        (36000291452, "036000291452"),
        ("36000291452", "036000291452"),
        ("36000291452.0", "036000291452"),
        ("36000291453", "36000291453"),  # its check digit is another: no zeros were lost
        ("4011", "4011"),
        ("(01)06901234567892", "(01)06901234567892"),
    ],
)
def test_a_product_number_that_a_spreadsheet_took_for_a_number_is_what_it_was(written: object, meant: str) -> None:
    found = sale_of(ROW | {"code": written})
    assert isinstance(found, ReportedSale)
    assert found.line.code == meant


@pytest.mark.parametrize("field", ["receipt", "member_code", "bought_receipt"])
@pytest.mark.parametrize("cut", ["2.02605E+11", "2,02605E+11", "2.0260501031712346e+17", "2E+12"])
def test_a_number_of_a_receipt_or_a_member_that_a_spreadsheet_has_cut_is_not_taken_for_another(
    field: str, cut: str
) -> None:
    row = ROW | {"returned_at": ROW["sold_at"], "bought_receipt": "A-0", "bought_line": "1"}
    found = fault_of(return_of_row(row | {field: cut}))
    assert (found.field, cut in found.reason, "form of text" in found.reason) == (field, True, True)


@pytest.mark.parametrize("receipt", ["12E5", "4530E12", "1e5", "S042-20260501-0317", "20260501031712"])
def test_a_number_of_a_receipt_may_have_an_e_in_it(receipt: str) -> None:
    found = sale_of(ROW | {"receipt": receipt})
    assert isinstance(found, ReportedSale)
    assert found.line.receipt == receipt


@pytest.mark.parametrize("cut", ["6.90123E+12", "6.90123e12", "6,90123E+12", "6E+12"])
def test_a_product_number_that_a_spreadsheet_has_cut_is_told_with_what_to_do(cut: str) -> None:
    found = fault_of(sale_of(ROW | {"code": cut}))
    assert (found.field, "form of text" in found.reason) == ("code", True)


RETURN = {key: value for key, value in ROW.items() if key != "sold_at"}


def test_the_zone_of_a_row_goes_before_that_of_the_programme_and_neither_before_a_distance_from_utc() -> None:
    local, programme = "2026-05-01T08:30:00", ZoneInfo("America/New_York")
    for told, zone, utc_hour in (
        (local, "Asia/Shanghai", 0),
        (f"{local}{LOCAL}", "Asia/Shanghai", 0),
        (f"{local}{LOCAL}", "", 12),
        (f"{local}+02:00", "Asia/Shanghai", 6),
    ):
        moment = datetime(2026, 5, 1, utc_hour, 30, tzinfo=UTC)
        sold = sale_of(ROW | {"sold_at": told, "time_zone": zone}, programme)
        back = return_of_row(RETURN | {"returned_at": told, "time_zone": zone}, programme)
        assert isinstance(sold, ReportedSale)
        assert isinstance(back, ReportedReturn)
        assert (sold.line.sold_at, back.line.returned_at) == (moment, moment)


def test_text_without_a_distance_from_utc_is_told_though_the_zone_of_the_programme_is_known() -> None:
    found = fault_of(sale_of(ROW | {"sold_at": "2026-05-01T08:30:00"}, ZoneInfo("Asia/Shanghai")))
    assert (found.field, "column time_zone" in found.reason) == ("sold_at", True)


def test_a_zone_that_nobody_knows_is_told_as_such() -> None:
    for name in ("Peking", "localtime"):  # the second is whatever the host is set to
        for found in (sale_of(ROW | {"time_zone": name}), return_of_row(RETURN | {"time_zone": name})):
            fault = fault_of(found)
            assert (fault.field, "Asia/Shanghai" in fault.reason) == ("time_zone", True)


def test_a_return_whose_sale_is_half_named_is_told_by_that() -> None:
    row = RETURN | {"returned_at": "2026-05-01T08:30:00+08:00", "bought_receipt": "A-1"}
    assert fault_of(return_of_row(row)).field == "bought_line"
    assert isinstance(return_of_row(row | {"bought_line": 2}), ReportedReturn)
