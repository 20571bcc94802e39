from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from points.ledger.draws import Draw, Spendable, draw

LOTS = st.lists(st.integers(min_value=1, max_value=50), max_size=8).map(
    lambda amounts: tuple(Spendable(UUID(int=index), amount) for index, amount in enumerate(amounts))
)


@given(LOTS, st.integers(min_value=1, max_value=200))
def test_a_draw_takes_exactly_the_amount_in_order_or_nothing(lots: tuple[Spendable, ...], amount: int) -> None:
    there = sum(lot.remaining for lot in lots)
    drawn = draw(lots, amount)
    if amount > there:
        assert drawn is None
        return
    assert drawn is not None
    draws, left = drawn
    assert sum(each.amount for each in draws) == amount
    assert [each.lot_id for each in draws] == [lot.lot_id for lot in lots[: len(draws)]]
    assert all(each.amount == lot.remaining for each, lot in zip(draws[:-1], lots, strict=False)), (
        "only the last is cut"
    )
    assert sum(lot.remaining for lot in left) == there - amount


def test_what_is_left_of_a_lot_pays_the_next_draw() -> None:
    first, second = UUID(int=1), UUID(int=2)
    drawn = draw((Spendable(first, 5), Spendable(second, 5)), 3)
    assert drawn is not None
    again = draw(drawn[1], 4)
    assert again is not None
    assert again == ((Draw(first, 2), Draw(second, 2)), (Spendable(second, 3),))
