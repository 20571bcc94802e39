"""What is taken back, from where, and who bears what was spent."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from core import clock, db
from core.ids import new_id
from core.sql import run
from points import ledger
from points.ledger import Bearer, Holdings, HoldRequest, Reversal
from points.programmes.tables import Programme
from tests.factories.ledgers import Lot, assert_clean, award, left_in, resident_of

NOW = clock.now()
DAY = timedelta(days=1)


def reversal(programme: Programme, lot: Lot, points: int, grams: int = 0, **other: Any) -> Reversal:  # noqa: ANN401 - a field of Reversal
    payments = ((programme.base_budget_id, points),) if points else ()
    return Reversal(new_id(), lot.lot_id, lot.resident_id, grams, payments, NOW, **other)


async def reverse(programme: Programme, *reversals: Reversal, now: datetime = NOW) -> list[tuple[int, ...]]:
    """Return from award, from others, lapsed, owed, borne."""
    async with db.transaction() as session:
        found = await ledger.reverse(session, programme.programme_id, reversals, now=now)
    assert [each.entry_id for each in found] == [each.entry_id for each in reversals]
    return [(each.from_award, each.from_others, each.lapsed, each.owed, each.borne) for each in found]


async def holdings(programme: Programme, resident_id: UUID, now: datetime = NOW) -> Holdings:
    async with db.transaction() as session:
        return await ledger.holdings(session, programme.programme_id, resident_id, now=now)


async def drawn_by(programme: Programme, entry_id: UUID) -> dict[UUID, int]:
    """Return which lots an entry drew from."""
    statement = text("SELECT lot_id, amount FROM lot_draw WHERE programme_id = :p AND drawn_by = :id")
    async with db.transaction() as session:
        rows = await run(session, statement, {"p": programme.programme_id, "id": entry_id})
    return {row.lot_id: row.amount for row in rows}


async def hold(programme: Programme, resident_id: UUID, points: int, lasting: timedelta = DAY) -> UUID:
    hold_id = new_id()
    async with db.transaction() as session:
        request = HoldRequest(hold_id, resident_id, points, NOW + lasting)
        [outcome] = await ledger.hold(session, programme.programme_id, [request], now=NOW)
    assert isinstance(outcome, ledger.Posted)
    return hold_id


@pytest.mark.parametrize("mature", [True, False])
async def test_an_award_that_was_not_spent_goes_back_whole(programme: Programme, *, mature: bool) -> None:
    before = await left_in(programme)
    lot = await award(programme, await resident_of(programme), 50, grams=700, now=NOW, mature=mature)
    assert await reverse(programme, reversal(programme, lot, 50, 700)) == [(50, 0, 0, 0, 0)]
    assert await holdings(programme, lot.resident_id) == Holdings(0, 0, 0, 0, 0)
    assert await left_in(programme) == before
    await assert_clean(programme)


async def test_part_of_an_award_goes_back_and_the_rest_stays(programme: Programme) -> None:
    before = await left_in(programme)
    lot = await award(programme, await resident_of(programme), 50, grams=700, now=NOW)
    assert await reverse(programme, reversal(programme, lot, 20, 300)) == [(20, 0, 0, 0, 0)]
    assert await holdings(programme, lot.resident_id) == Holdings(400, 30, 0, 0, 0)
    assert await left_in(programme) == before - 30
    await assert_clean(programme)


async def test_what_was_spent_is_taken_from_other_lots_in_drawing_order_and_each_is_named(
    programme: Programme,
) -> None:
    resident_id = await resident_of(programme)
    first = await award(programme, resident_id, 50, now=NOW, priority=0)
    lasting = await award(programme, resident_id, 50, now=NOW, priority=1, lasting=9 * DAY)
    brief = await award(programme, resident_id, 50, now=NOW, priority=1, lasting=3 * DAY)
    await hold(programme, resident_id, 40)
    one = reversal(programme, first, 50)
    assert await reverse(programme, one) == [(10, 40, 0, 0, 0)]
    assert await drawn_by(programme, one.entry_id) == {first.lot_id: 10, brief.lot_id: 40}
    assert await reverse(programme, reversal(programme, lasting, 50)) == [(50, 0, 0, 0, 0)]
    assert await holdings(programme, resident_id) == Holdings(0, 10, 0, 40, 0)
    await assert_clean(programme)


async def test_what_can_not_be_had_is_owed_or_borne_as_the_policy_says(programme: Programme) -> None:
    resident_id = await resident_of(programme)
    before = await left_in(programme)
    lot = await award(programme, resident_id, 50, now=NOW)
    hold_id = await hold(programme, resident_id, 45)
    async with db.transaction() as session:
        await ledger.settle(session, programme.programme_id, [hold_id], now=NOW)
    one = reversal(programme, lot, 20, bearer=Bearer.RESIDENT)
    other = reversal(programme, lot, 30, bearer=Bearer.PROGRAMME)
    assert await reverse(programme, one, other) == [(5, 0, 0, 15, 0), (0, 0, 0, 0, 30)]
    assert await holdings(programme, resident_id) == Holdings(0, 0, 0, 0, 15)
    async with db.transaction() as session:
        assert await ledger.owing(session, programme.programme_id, [resident_id, new_id()]) == {resident_id: 15}
    assert await left_in(programme) == before - 45
    await assert_clean(programme)


async def test_what_open_holds_have_is_not_spent_and_never_borne(programme: Programme) -> None:
    """Else whoever sets points aside, brings the goods back and then changes their mind keeps the points."""
    resident_id = await resident_of(programme)
    before = await left_in(programme)
    lot, second = [await award(programme, resident_id, points, now=NOW) for points in (50, 20)]
    spent, held = await hold(programme, resident_id, 25), await hold(programme, resident_id, 40)
    async with db.transaction() as session:
        await ledger.settle(session, programme.programme_id, [spent], now=NOW)
    borne = [reversal(programme, each, points, bearer=Bearer.PROGRAMME) for each, points in ((lot, 30), (second, 20))]
    first, last = await reverse(programme, *borne)
    assert first[1] + first[0] == 5
    assert (first[3:], last[3:]) == ((25, 0), (15, 5))
    async with db.transaction() as session:
        await ledger.release(session, programme.programme_id, [held], now=NOW)
    assert await holdings(programme, resident_id) == Holdings(0, 0, 0, 0, 0)
    assert await left_in(programme) == before - 25
    assert await reverse(programme, reversal(programme, lot, 5, bearer=Bearer.PROGRAMME)) == [(0, 0, 0, 0, 5)]
    await assert_clean(programme)


@pytest.mark.parametrize("swept", [True, False])
async def test_what_has_lapsed_goes_back_and_is_never_owed_swept_or_not(programme: Programme, *, swept: bool) -> None:
    before = await left_in(programme)
    resident_id = await resident_of(programme)
    lot = await award(programme, resident_id, 50, now=NOW, lasting=2 * DAY)
    await hold(programme, resident_id, 10, lasting=9 * DAY)
    later = NOW + 2 * DAY
    if swept:
        async with db.transaction() as session:
            assert await ledger.expire(session, programme.programme_id, now=later) == 1
    assert await reverse(programme, reversal(programme, lot, 50), now=later) == [(0, 0, 40, 10, 0)]
    assert await holdings(programme, resident_id, later) == Holdings(0, 0, 0, 10, 10)
    assert await left_in(programme) == before - 10
    await assert_clean(programme)


async def test_lapsed_points_of_other_lots_and_pending_ones_are_not_touched(programme: Programme) -> None:
    resident_id = await resident_of(programme)
    lot = await award(programme, resident_id, 50, now=NOW, priority=-1)
    await award(programme, resident_id, 30, now=NOW, lasting=DAY)
    await award(programme, resident_id, 30, now=NOW, mature=False)
    await hold(programme, resident_id, 50, lasting=9 * DAY)
    assert await reverse(programme, reversal(programme, lot, 50), now=NOW + DAY) == [(0, 0, 0, 50, 0)]
    assert await holdings(programme, resident_id, NOW + DAY) == Holdings(0, 0, 30, 50, 50)
    await assert_clean(programme)


async def test_holds_past_their_time_are_no_excuse_to_owe(programme: Programme) -> None:
    resident_id = await resident_of(programme)
    lot = await award(programme, resident_id, 50, now=NOW)
    await hold(programme, resident_id, 50)
    assert await reverse(programme, reversal(programme, lot, 50), now=NOW + DAY) == [(50, 0, 0, 0, 0)]
    assert await holdings(programme, resident_id, NOW + DAY) == Holdings(0, 0, 0, 0, 0)
    await assert_clean(programme)


async def test_points_go_back_to_the_budgets_that_paid_and_the_last_ones_miss_what_is_owed(
    programme: Programme,
) -> None:
    base, engagement = programme.base_budget_id, programme.engagement_budget_id
    resident_id = await resident_of(programme)
    async with db.transaction() as session:
        before = await ledger.budgets_left(session, programme.programme_id, [base, engagement])
    lot = await award(programme, resident_id, 30, now=NOW, budgets=(base, engagement))
    await hold(programme, resident_id, 20)
    back = Reversal(new_id(), lot.lot_id, resident_id, 0, ((base, 10), (engagement, 30), (base, 20)), NOW)
    assert await reverse(programme, back) == [(40, 0, 0, 20, 0)]
    async with db.transaction() as session:
        after = await ledger.budgets_left(session, programme.programme_id, [base, engagement])
    assert {budget: before[budget] - after[budget] for budget in before} == {base: 0, engagement: 20}
    await assert_clean(programme)


async def test_a_batch_is_as_its_reversals_one_after_the_other(programme: Programme) -> None:
    """Several of one award and of one resident, own lots drawn as others' before their own turn."""
    amounts, spent = ((0, 25), (1, 40), (0, 30), (2, 10), (2, 30), (1, 20)), 55
    told = []
    for together in (True, False):
        resident_id = await resident_of(programme)
        lots = [await award(programme, resident_id, 60, now=NOW, mature=number != 1) for number in range(3)]
        await hold(programme, resident_id, spent)
        batch = [reversal(programme, lots[number], points) for number, points in amounts]
        if together:
            outcomes = await reverse(programme, *batch)
        else:
            outcomes = [found for one in batch for found in await reverse(programme, one)]
        told.append((outcomes, await holdings(programme, resident_id)))
    assert told[0] == told[1]
    assert told[0][1] == Holdings(0, 0, 0, 55, 30)
    await assert_clean(programme)


async def test_an_award_without_points_gives_back_its_grams_alone(programme: Programme) -> None:
    resident_id = await resident_of(programme)
    lot = await award(programme, resident_id, 5, grams=900, now=NOW)
    assert await reverse(programme, reversal(programme, lot, 0, 400)) == [(0, 0, 0, 0, 0)]
    assert await holdings(programme, resident_id) == Holdings(500, 5, 0, 0, 0)
    await assert_clean(programme)


async def test_a_lot_reversed_to_nothing_before_it_was_due_matures_without_an_entry(programme: Programme) -> None:
    lot = await award(programme, await resident_of(programme), 50, now=NOW, mature=False)
    await reverse(programme, reversal(programme, lot, 50))
    async with db.transaction() as session:
        assert await ledger.mature(session, programme.programme_id, now=NOW + 7 * DAY) == 1
        assert await ledger.mature(session, programme.programme_id, now=NOW + 7 * DAY) == 0
        lines = await ledger.statement(session, programme.programme_id, lot.resident_id)
    assert [line.kind.name for line in lines] == ["REVERSAL", "AWARD"]
    await assert_clean(programme)


async def test_nothing_to_reverse_is_nothing_done(programme: Programme) -> None:
    assert await reverse(programme) == []


def test_a_reversal_never_takes_less_than_nothing() -> None:
    with pytest.raises(ValueError, match="at least 0 grams"):
        Reversal(new_id(), new_id(), new_id(), -1, (), NOW)
    with pytest.raises(ValueError, match="at least 1 point"):
        Reversal(new_id(), new_id(), new_id(), 0, ((new_id(), 0),), NOW)
