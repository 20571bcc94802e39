"""What the report of a file tells the retailer who handed it in."""

from collections.abc import Mapping

from core.ids import new_id
from points.earning.activities import SaleLine
from points.earning.adjustments.return_lines import Bought, Returned, ReturnLine
from points.earning.adjustments.values import Adjusted, AdjustmentKind
from points.earning.imports import ReportedSale, Unreadable, sale_of
from points.earning.sales_files.lines import Told, read_lines, tell_outcomes, tell_unreadable
from tests.factories.credits import NOW, RETAILER


def test_a_label_scan_is_left_out_of_the_report_and_its_resident_counts_as_touched() -> None:
    def taken(**of_whom: object) -> Adjusted:
        ids = {"adjustment_id": new_id(), "activity_id": new_id(), "resident_id": new_id()}
        figures = {"units": 1, "grams": 500, "points": 5, "owed": 0, "borne": 0}
        left = {"units_left": 0, "grams_left": 0, "points_left": 0}
        return Adjusted(**ids, kind=AdjustmentKind.RETURN, **figures, **left, **of_whom)  # type: ignore[arg-type]

    label, elsewhere = taken(), taken(retailer_id=new_id())
    own = taken(retailer_id=RETAILER, label_grams=200, label_points=2)
    told, line = Told(), ReturnLine("B1", 1, Bought("R1", 1), None, "9521234543213", 1, NOW)
    outcomes = [Returned(new_id(), RETAILER, "09521234543213", 1, each) for each in ((label, elsewhere), (own, label))]
    tell_outcomes(told, [2, 3], [line, line], outcomes)
    assert [row[3:6] for row in told.report] == [["returned", 0, 0], ["returned", -300, -3]]
    assert told.totals == {"returned": 2, "grams_taken_back": 300, "points_taken_back": 3}
    assert told.touched == {each.resident_id for each in (label, elsewhere, own)}


def parsed(row: Mapping[str, object]) -> SaleLine | Unreadable:
    found = sale_of(row)
    return found.line if isinstance(found, ReportedSale) else found


def test_a_row_that_can_not_be_read_is_named_by_what_can_and_told_by_all_its_faults() -> None:
    header = ("receipt", "line", "member_code", "code", "quantity", "sold_at")
    rows = [
        ("S1", "7", "", "9521234543213", "two", "yesterday"),
        ("S2", "0", "", "9521234543213", "1", "2026-05-01T08:30:00Z"),
        ("", "3", "", "", "1", "2026-05-01T08:30:00Z"),
        ("S4", "1", "", "", "", "", "one too many"),
    ]
    read, told = read_lines(header, [2, 3, 4, 5], rows, parsed), Told()
    tell_unreadable(told, read.unreadable, read.blank)
    assert [(row[0], row[1], row[2], row[7]) for row in told.report] == [
        (2, "S1", 7, "quantity,sold_at"),
        (3, "S2", "", "line"),
        (4, "", 3, "receipt,code"),
        (5, "", "", "row"),
    ]
    detail = str(told.report[0][8])
    assert detail.startswith("quantity must be a whole number of at most 100000 units. sold_at must be a time ")
    assert told.totals["unreadable"] == 4
