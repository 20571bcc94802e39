"""What is taken back, from where, and who bears what was spent."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from core import clock, db
from core.ids import new_id
from points import ledger
from points.ledger import Holdings, HoldRequest, Reversal
from points.programmes.tables import Programme
from tests.factories.ledgers import Lot, assert_clean, award, left_in, resident_of

NOW = clock.now()
DAY = timedelta(days=1)


def reversal(programme: Programme, lot: Lot, points: int, grams: int = 0, **other: object) -> Reversal:
    payments = ((programme.base_budget_id, points),) if points else ()
    return Reversal(new_id(), lot.lot_id, lot.resident_id, grams, payments, NOW, **other)  # type: ignore[arg-type]


async def reverse(programme: Programme, *reversals: Reversal, now: datetime = NOW) -> list[tuple[int, ...]]:
    """Return from award, from others, lapsed, owed, borne."""
    async with db.transaction() as session:
        found = await ledger.reverse(session, programme.programme_id, reversals, now=now)
    assert [each.entry_id for each in found] == [each.entry_id for each in reversals]
    return [(each.from_award, each.from_others, each.lapsed, each.owed, each.borne) for each in found]


async def holdings(programme: Programme, resident_id: UUID, now: datetime = NOW) -> Holdings:
    async with db.transaction() as session:
        return await ledger.holdings(session, programme.programme_id, resident_id, now=now)


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
