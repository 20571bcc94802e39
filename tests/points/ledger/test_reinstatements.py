"""What a reversal took is given back to be spent for as long as it could have been."""

from datetime import timedelta
from uuid import UUID

import pytest

from core import clock, db
from core.ids import new_id
from points import ledger
from points.ledger import HoldRequest, Reinstatement, Reversal, Settlement
from points.programmes.tables import Programme
from tests.factories.ledgers import Lot, assert_clean, award, resident_of

NOW = clock.now()
DAY = timedelta(days=1)


async def spent(programme: Programme, resident_id: UUID, points: int) -> None:
    request = HoldRequest(new_id(), resident_id, points, NOW + DAY)
    async with db.transaction() as session:
        await ledger.hold(session, programme.programme_id, [request], now=NOW)
        await ledger.settle(session, programme.programme_id, [Settlement(request.hold_id)], now=NOW)


async def reversed_(programme: Programme, lot: Lot, points: int) -> UUID:
    payments = ((programme.base_budget_id, points),)
    wanted = Reversal(new_id(), lot.lot_id, lot.resident_id, 0, payments, NOW)
    async with db.transaction() as session:
        await ledger.reverse(session, programme.programme_id, [wanted], now=NOW)
    return wanted.entry_id


async def reinstated(programme: Programme, reversal_id: UUID, resident_id: UUID, *, after: timedelta = DAY) -> None:
    wanted = Reinstatement(new_id(), reversal_id, resident_id, 0, 0, NOW + after + 90 * DAY)
    async with db.transaction() as session:
        await ledger.reinstate(session, programme.programme_id, [wanted], now=NOW + after)


async def available(programme: Programme, resident_id: UUID, after: timedelta) -> int:
    async with db.transaction() as session:
        found = await ledger.holdings(session, programme.programme_id, resident_id, now=NOW + after)
    return found.available


@pytest.mark.parametrize("owed", [False, True])
async def test_points_of_other_lots_come_back_for_as_long_as_they_would_have_lasted(
    programme: Programme, *, owed: bool
) -> None:
    """The award's own points were spent; others, which last longer, were taken for them, at once or to pay the debt."""
    resident_id = await resident_of(programme)
    short = await award(programme, resident_id, 10, now=NOW, lasting=30 * DAY)
    if owed:
        await spent(programme, resident_id, 10)
        reversal_id = await reversed_(programme, short, 10)
        await award(programme, resident_id, 10, now=NOW, mature=False, matures_in=DAY)
        async with db.transaction() as session:
            await ledger.mature(session, programme.programme_id, now=NOW + DAY)
    else:
        await award(programme, resident_id, 10, now=NOW)
        await spent(programme, resident_id, 10)
        reversal_id = await reversed_(programme, short, 10)
    assert await available(programme, resident_id, DAY) == 0
    await reinstated(programme, reversal_id, resident_id)
    assert [await available(programme, resident_id, days * DAY) for days in (1, 31, 364, 366)] == [10, 10, 10, 0]
    await assert_clean(programme)


@pytest.mark.parametrize(("after", "ends"), [(DAY, 30), (40 * DAY, 130)])
async def test_points_of_the_award_itself_last_as_they_did_or_if_that_is_over_as_those_earned_now(
    programme: Programme, after: timedelta, ends: int
) -> None:
    resident_id = await resident_of(programme)
    lot = await award(programme, resident_id, 10, now=NOW, lasting=30 * DAY)
    await award(programme, resident_id, 5, now=NOW)
    reversal_id = await reversed_(programme, lot, 10)
    await reinstated(programme, reversal_id, resident_id, after=after)
    assert [await available(programme, resident_id, days * DAY) for days in (ends - 1, ends + 1)] == [15, 5]
    await assert_clean(programme)
