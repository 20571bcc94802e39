"""The arithmetic of what is taken back, paid back and given back, for any lots and any budgets."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.ledger.accounts import AccountKind
from points.ledger.debts import OpenDebt, forgiven, repay
from points.ledger.draws import Draw, Spendable, draw, give_back
from points.ledger.recoveries import Stock, divide, recover

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WHO = UUID(int=1)
POINTS = st.integers(1, 60)
AMOUNTS = st.lists(POINTS, max_size=6)
BUDGETS = st.integers(1, 3).map(lambda number: UUID(int=number))
PAYMENTS = st.lists(st.tuples(BUDGETS, POINTS), max_size=5)


@st.composite
def stocks(draw: st.DrawFn) -> list[Stock]:
    """Draw a resident's lots: pending, spendable or lapsed, some of each with something expired."""
    count = draw(st.integers(1, 6))
    return [
        Stock(
            UUID(int=number),
            WHO,
            draw(st.integers(0, 1)),
            NOW + timedelta(days=draw(st.integers(-1, 2))),
            draw(st.booleans()),
            draw(st.integers(0, 40)),
            draw(st.integers(0, 20)),
        )
        for number in range(count)
    ]


@given(stocks(), st.integers(0, 150))
def test_the_own_lot_gives_first_and_others_only_what_can_be_spent(lots: list[Stock], points: int) -> None:
    own, *others = lots
    before = {lot.lot_id: (lot.remaining, lot.expired) for lot in lots}
    takings = recover(points, own, lots, NOW)
    taken = {lot.lot_id: sum(one.points for one in takings if one.lot_id == lot.lot_id) for lot in lots}
    assert taken[own.lot_id] == min(points, sum(before[own.lot_id]))
    rest = points - taken[own.lot_id]
    for lot in others:
        expected = min(rest, before[lot.lot_id][0]) if lot.mature and lot.expires_at > NOW else 0
        assert taken[lot.lot_id] == expected
        rest -= expected
    for lot in lots:
        assert sum(before[lot.lot_id]) - taken[lot.lot_id] == lot.remaining + lot.expired
        assert min(lot.remaining, lot.expired) >= 0


@given(stocks(), st.integers(1, 150))
def test_points_come_out_of_the_account_they_are_in(lots: list[Stock], points: int) -> None:
    own = lots[0]
    for one in recover(points, own, lots, NOW):
        lot = next(lot for lot in lots if lot.lot_id == one.lot_id)
        if one.account is AccountKind.EXPIRED:
            assert lot is own
            assert one.lapsed
        else:
            assert one.account is (AccountKind.RESIDENT if lot.mature else AccountKind.PENDING)
            assert one.lapsed == (lot.mature and lot.expires_at <= NOW)


@given(stocks(), st.integers(0, 80), st.integers(0, 80))
def test_two_reversals_take_what_one_of_both_would(lots: list[Stock], first: int, second: int) -> None:
    copies = [Stock(*(getattr(lot, name) for name in Stock.__slots__)) for lot in lots]
    once = sum(one.points for one in recover(first + second, lots[0], lots, NOW))
    twice = [recover(points, copies[0], copies, NOW) for points in (first, second)]
    assert once == sum(one.points for takings in twice for one in takings)
    assert [(lot.remaining, lot.expired) for lot in lots] == [(lot.remaining, lot.expired) for lot in copies]


@given(stocks(), PAYMENTS)
def test_every_point_goes_to_a_budget_or_is_missing(lots: list[Stock], payments: list[tuple[UUID, int]]) -> None:
    wanted = sum(points for _, points in payments)
    takings = recover(wanted, lots[0], lots, NOW)
    legs, short = divide(takings, payments)
    for budget_id in {budget_id for budget_id, _ in payments}:
        back = sum(leg.points for leg in legs if leg.budget_id == budget_id)
        missing = dict(short).get(budget_id, 0)
        assert back + missing == sum(points for payer, points in payments if payer == budget_id)
    for account in AccountKind:
        taken = sum(one.points for one in takings if one.account is account)
        assert taken == sum(leg.points for leg in legs if leg.account is account)
    assert all(leg.points > 0 for leg in legs)
    order = list(dict.fromkeys(budget_id for budget_id, _ in payments))
    assert [budget_id for budget_id, _ in short] == order[len(order) - len(short) :], "the last ones miss it"


@given(AMOUNTS, AMOUNTS)
def test_debts_are_paid_oldest_first_until_debts_or_points_end(owed: list[int], lots: list[int]) -> None:
    debts = [OpenDebt(UUID(int=number), WHO, points) for number, points in enumerate(owed)]
    paid = repay(debts, [Spendable(UUID(int=number), points) for number, points in enumerate(lots)])
    left = sum(lots)
    for debt in debts:
        part = min(left, debt.remaining)
        assert sum(back.points for back in paid if back.reversal_id == debt.reversal_id) == part
        left -= part
    left = sum(owed)
    for number, points in enumerate(lots):
        assert sum(back.points for back in paid if back.lot_id == UUID(int=number)) == min(left, points)
        left -= min(left, points)


@given(AMOUNTS, st.none() | POINTS)
def test_forgiveness_ends_the_oldest_debts_first(owed: list[int], points: int | None) -> None:
    debts = [OpenDebt(UUID(int=number), WHO, each) for number, each in enumerate(owed)]
    ended = {part.reversal_id: part.remaining for part in forgiven(debts, points)}
    left = sum(owed) if points is None else points
    for debt in debts:
        assert ended.get(debt.reversal_id, 0) == min(left, debt.remaining)
        left -= min(left, debt.remaining)


@given(st.lists(POINTS, min_size=1, max_size=6), st.data())
def test_to_settle_less_is_to_settle_more_and_refund(amounts: list[int], data: st.DataObject) -> None:
    spent = data.draw(st.integers(1, sum(amounts)))
    back = data.draw(st.integers(0, spent))
    lots = [Spendable(UUID(int=number), points) for number, points in enumerate(amounts)]
    drawn = draw(lots, spent)
    assert drawn
    returned = {one.lot_id: one.amount for one in give_back(drawn[0], back)}
    stays = {one.lot_id: one.amount - returned.get(one.lot_id, 0) for one in drawn[0]}
    fewer = draw(lots, spent - back) if spent > back else ((), tuple(lots))
    assert fewer
    assert {lot_id: points for lot_id, points in stays.items() if points} == {
        one.lot_id: one.amount for one in fewer[0]
    }


def test_no_more_is_given_back_than_was_drawn() -> None:
    with pytest.raises(ValueError, match="1 points more"):
        give_back([Draw(WHO, 5)], 6)
