from core.ids import new_id
from points.earning.adjustments.cases import paid_first
from points.earning.adjustments.tables import Adjustment
from points.earning.adjustments.values import AdjustmentKind


def test_an_award_comes_before_what_took_it_back_whatever_the_ids_say() -> None:
    """Two machines' clocks are never quite the same."""
    kinds = (AdjustmentKind.RETURN, AdjustmentKind.CORRECTION, AdjustmentKind.FUNDED, AdjustmentKind.RETURN)
    history = [Adjustment(adjustment_id=new_id(), kind=int(kind)) for kind in kinds]
    assert paid_first(history) == [history[2], history[0], history[1], history[3]]
