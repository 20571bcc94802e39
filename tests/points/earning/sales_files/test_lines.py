"""What the report of a file tells the retailer who handed it in."""

from core.ids import new_id
from points.earning.adjustments.return_lines import Bought, Returned, ReturnLine
from points.earning.adjustments.values import Adjusted, AdjustmentKind
from points.earning.sales_files.lines import Told, tell_outcomes
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
