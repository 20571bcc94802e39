"""What an order asks of a credit, and where the points came from."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from points.earning.adjustments.values import AdjustmentKind, Nothing, Resaved
from points.earning.clawbacks.values import Cause, Counterpart, Figures, Order, Scope, Standing, divided, keep
from points.programmes.policy import SpentPoints
from tests.factories.credits import NOW

ONE, TWO, THREE, FOUR = (UUID(int=number) for number in range(1, 5))
CREDIT = Counterpart(ONE, TWO, THREE, FOUR)
COUNT = st.integers(0, 10**9)


def test_everything_goes_unless_all_wrong_figures_have_a_right_one() -> None:
    assert keep(Scope(), CREDIT) == Nothing()
    assert keep(Scope(footprints={THREE: None}), CREDIT) == Nothing()
    assert keep(Scope(footprints={THREE: ONE}, baselines={FOUR: None}), CREDIT) == Nothing()
    assert keep(Scope(footprints={THREE: ONE}, baselines={FOUR: TWO}), CREDIT) == Resaved(ONE, TWO)
    assert keep(Scope(footprints={ONE: TWO}, baselines={FOUR: TWO}), CREDIT) == Resaved(None, TWO)


def test_a_change_is_keyed_by_order_and_activity() -> None:
    change = Order(FOUR, Scope(baselines={FOUR: TWO}), SpentPoints.PROGRAMME, "why", NOW).change(CREDIT)
    assert change.key == f"clawback:{FOUR.hex}:{ONE.hex}"
    assert (change.kind, change.order_id, change.spent) == (AdjustmentKind.CORRECTION, FOUR, SpentPoints.PROGRAMME)


def test_only_orders_that_name_every_activity_need_no_search() -> None:
    assert Scope(resident_ids=(ONE,), activity_ids=(TWO,)).scans(Cause.FRAUD)
    assert not Scope(activity_ids=(TWO,)).scans(Cause.FRAUD)
    assert not Scope(retailer_id=ONE, activity_ids=(TWO,)).scans(Cause.RETAILER)
    assert Scope(retailer_id=ONE).scans(Cause.RETAILER)


@given(pending=COUNT, available=COUNT, expired=COUNT, owed=COUNT, borne=COUNT, before=COUNT, back=COUNT, repaid=COUNT)
def test_points_are_divided_by_where_they_came_from(
    pending: int, available: int, expired: int, owed: int, borne: int, before: int, back: int, repaid: int
) -> None:
    """Points out of void holds stay in `kept`, less what they repaid of older debts."""
    taken = Figures(points=pending + available + expired + owed + borne, owed=owed, borne=borne)
    had = Standing(before + pending, before + available + back + repaid, repaid)
    has = Standing(before, before + back, owed)
    found = divided(taken, had, has)
    assert (found.pending, found.available, found.expired) == (pending, available, expired)
