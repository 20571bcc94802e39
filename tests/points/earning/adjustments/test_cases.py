from datetime import UTC, datetime

from core.ids import new_id
from points.earning.adjustments.cases import paid_first
from points.earning.adjustments.tables import Adjustment
from points.earning.adjustments.values import AdjustmentKind

AT = datetime(2026, 5, 1, tzinfo=UTC)


def _made(kind: AdjustmentKind) -> Adjustment:
    return Adjustment(
        programme_id=new_id(),
        adjustment_id=new_id(),
        activity_id=new_id(),
        resident_id=new_id(),
        effective_at=AT,
        grams=0,
        points=0,
        owed=0,
        borne=0,
        units=0,
        day=AT.date(),
        kind=int(kind),
        reason="test",
    )


def test_an_award_comes_before_what_took_it_back_whatever_the_ids_say() -> None:
    """Two machines' clocks are never quite the same."""
    kinds = (AdjustmentKind.RETURN, AdjustmentKind.CORRECTION, AdjustmentKind.FUNDED, AdjustmentKind.RETURN)
    history = [_made(kind) for kind in kinds]
    assert paid_first(history) == [history[2], history[0], history[1], history[3]]
