"""What a hold spent in part, and what comes back of what was spent."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from core import clock, db
from core.ids import new_id
from points import ledger
from points.ledger import Bearer, Holdings, HoldRequest, Posted, Refund, Rejected, Rejection, Reversal, Settlement
from points.programmes.tables import Programme
from tests.factories.ledgers import Lot, assert_clean, award, left_in, resident_of

NOW = clock.now()
DAY = timedelta(days=1)


@pytest.fixture
async def resident(programme: Programme) -> UUID:
    """A resident with 30 points that lapse in two days and 70 that last a year."""
    resident_id = await resident_of(programme)
    await award(programme, resident_id, 70, now=NOW)
    await award(programme, resident_id, 30, now=NOW, lasting=2 * DAY)
    return resident_id


async def held(programme: Programme, resident_id: UUID, points: int) -> UUID:
    request = HoldRequest(new_id(), resident_id, points, NOW + DAY)
    async with db.transaction() as session:
        [outcome] = await ledger.hold(session, programme.programme_id, [request], now=NOW)
    assert isinstance(outcome, Posted)
    return request.hold_id


async def settle(programme: Programme, *settlements: Settlement | UUID) -> list[Posted | Rejected]:
    async with db.transaction() as session:
        return await ledger.settle(session, programme.programme_id, settlements, now=NOW)


async def refund(programme: Programme, hold_id: UUID, *points: int, now: datetime = NOW) -> list[Posted | Rejection]:
    """Return what became of each, an entry or a reason."""
    refunds = [Refund(new_id(), hold_id, each) for each in points]
    async with db.transaction() as session:
        found = await ledger.refund(session, programme.programme_id, refunds, now=now)
    return [each.reason if isinstance(each, Rejected) else each for each in found]


async def available(programme: Programme, resident_id: UUID, now: datetime = NOW) -> int:
    async with db.transaction() as session:
        has = await ledger.holdings(session, programme.programme_id, resident_id, now=now)
    assert has == Holdings(0, has.available, 0, 0, 0)
    return has.available


async def test_what_is_not_settled_goes_back_to_the_lots_drawn_last(programme: Programme, resident: UUID) -> None:
    hold_id = await held(programme, resident, 60)
    assert await settle(programme, Settlement(hold_id, 20)) == [Posted(hold_id)]
    assert await available(programme, resident) == 80
    assert await available(programme, resident, NOW + 2 * DAY) == 70, "20 of the 30 that lapse were spent"
    await assert_clean(programme)


async def test_settling_a_part_again_changes_nothing_and_another_part_is_refused(
    programme: Programme, resident: UUID
) -> None:
    hold_id = await held(programme, resident, 60)
    part = Settlement(hold_id, 20)
    assert await settle(programme, part, part) == [Posted(hold_id), Posted(hold_id, replayed=True)]
    outcomes = await settle(programme, part, hold_id, Settlement(hold_id, 21))
    closed = Rejected(Rejection.HOLD_CLOSED)
    assert outcomes == [Posted(hold_id, replayed=True), closed, closed]
    assert await available(programme, resident) == 80
    await assert_clean(programme)


async def test_more_than_was_held_is_not_settled(programme: Programme, resident: UUID) -> None:
    hold_id = await held(programme, resident, 60)
    assert await settle(programme, Settlement(hold_id, 61)) == [Rejected(Rejection.MORE_THAN_HELD)]
    assert await settle(programme, Settlement(hold_id, 60)) == [Posted(hold_id)]


async def test_a_refund_is_as_if_less_had_been_spent(programme: Programme, resident: UUID) -> None:
    hold_id = await held(programme, resident, 60)
    await settle(programme, hold_id)
    [back] = await refund(programme, hold_id, 40)
    assert isinstance(back, Posted)
    assert await available(programme, resident) == 80
    assert await available(programme, resident, NOW + 2 * DAY) == 70
    await assert_clean(programme)


async def test_never_more_comes_back_than_was_spent(programme: Programme, resident: UUID) -> None:
    hold_id = await held(programme, resident, 60)
    await settle(programme, Settlement(hold_id, 50))
    first, too_much, rest = await refund(programme, hold_id, 30, 21, 20)
    assert too_much is Rejection.MORE_THAN_SPENT
    assert isinstance(first, Posted)
    assert isinstance(rest, Posted)
    assert await refund(programme, hold_id, 1) == [Rejection.MORE_THAN_SPENT]
    assert await available(programme, resident) == 100
    await assert_clean(programme)


async def test_points_that_lapsed_meanwhile_lapse_again_at_once(programme: Programme, resident: UUID) -> None:
    hold_id = await held(programme, resident, 60)
    await settle(programme, hold_id)
    later = NOW + 2 * DAY
    await refund(programme, hold_id, 35, 25, now=later)
    assert await available(programme, resident, later) == 70
    async with db.transaction() as session:
        assert await ledger.expire(session, programme.programme_id, now=later) == 0, "nothing is left for the sweep"
        lines = await ledger.statement(session, programme.programme_id, resident, limit=3)
    assert [line.kind.name for line in lines] == ["EXPIRY", "REFUND", "REFUND"]
    assert lines[0].balance == Holdings(0, 70, 0, 0, 0)
    assert [line.subject_id for line in lines[1:]] == [hold_id, hold_id]
    await assert_clean(programme)


async def test_only_what_is_settled_is_refunded(programme: Programme, resident: UUID) -> None:
    opened, released = await held(programme, resident, 10), await held(programme, resident, 10)
    async with db.transaction() as session:
        await ledger.release(session, programme.programme_id, [released], now=NOW)
    assert await refund(programme, opened, 1) == [Rejection.HOLD_NOT_SETTLED]
    assert await refund(programme, released, 1) == [Rejection.HOLD_NOT_SETTLED]
    assert await refund(programme, new_id(), 1) == [Rejection.NO_SUCH_HOLD]
    async with db.transaction() as session:
        assert await ledger.refund(session, programme.programme_id, [], now=NOW) == []


@pytest.mark.parametrize("points", [0, -1])
def test_nothing_is_not_settled_or_refunded(points: int) -> None:
    with pytest.raises(ValueError, match="at least 1 point"):
        Settlement(new_id(), points)
    with pytest.raises(ValueError, match="at least 1 point"):
        Refund(new_id(), new_id(), points)


async def borne(programme: Programme, resident_id: UUID, lot: Lot, points: int) -> None:
    """Take points of a lot back that are spent, at the programme's charge."""
    payments = ((programme.base_budget_id, points),)
    taken = Reversal(new_id(), lot.lot_id, resident_id, 0, payments, NOW, Bearer.PROGRAMME)
    async with db.transaction() as session:
        [found] = await ledger.reverse(session, programme.programme_id, [taken], now=NOW)
    assert (found.owed, found.borne) == (0, points)


async def test_what_the_programme_bore_is_made_up_before_a_refund_is_the_residents_again(programme: Programme) -> None:
    """Else whoever spends, brings the goods back and has the spending refunded keeps the points."""
    resident_id, before = await resident_of(programme), await left_in(programme)
    lot = await award(programme, resident_id, 50, now=NOW)
    hold_id = await held(programme, resident_id, 50)
    await settle(programme, hold_id)
    await borne(programme, resident_id, lot, 20)
    await borne(programme, resident_id, lot, 10)
    assert await left_in(programme) == before - 50
    await refund(programme, hold_id, 15, 10)
    assert (await available(programme, resident_id), await left_in(programme)) == (0, before - 25)
    await refund(programme, hold_id, 25)
    assert (await available(programme, resident_id), await left_in(programme)) == (20, before - 20)
    await assert_clean(programme)


async def test_points_of_other_awards_make_up_for_nothing(programme: Programme) -> None:
    resident_id = await resident_of(programme)
    lot = await award(programme, resident_id, 50, now=NOW)
    await award(programme, resident_id, 40, now=NOW, priority=1)
    hold_id = await held(programme, resident_id, 90)
    await settle(programme, hold_id)
    await borne(programme, resident_id, lot, 50)
    await refund(programme, hold_id, 40)
    assert await available(programme, resident_id) == 40
    await refund(programme, hold_id, 50)
    assert await available(programme, resident_id) == 40
    await assert_clean(programme)
