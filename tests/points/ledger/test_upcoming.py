"""What is told to lapse soon is of what there is: points of a hold past its time are back before any sweep."""

from datetime import timedelta
from uuid import UUID

import pytest

from core import clock, db
from core.ids import new_id
from points import ledger
from points.ledger import HoldRequest, Reversal
from points.programmes.tables import Programme
from tests.factories.ledgers import award, resident_of

NOW = clock.now()
DAY = timedelta(days=1)


async def told(programme: Programme, resident_id: UUID, after: timedelta) -> tuple[int, list[tuple[int, int]]]:
    """Return what is available and what of it lapses within 60 days, by the day from NOW on."""
    moment = NOW + after
    async with db.transaction() as session:
        held = await ledger.holdings(session, programme.programme_id, resident_id, now=moment)
        lapsing = await ledger.expiring(
            session, programme.programme_id, resident_id, now=moment, until=moment + 60 * DAY
        )
    return held.available, [((each.expires_at - NOW).days, each.points) for each in lapsing]


@pytest.mark.parametrize(
    ("owed", "lapsing"), [(0, [(20, 10), (30, 10)]), (4, [(20, 6), (30, 10)]), (12, [(30, 8)]), (20, [])]
)
async def test_points_of_a_hold_past_its_time_lapse_as_the_others_do_but_for_those_that_pay_what_is_owed(
    programme: Programme, owed: int, lapsing: list[tuple[int, int]]
) -> None:
    programme_id, resident_id = programme.programme_id, await resident_of(programme)
    lots = [await award(programme, resident_id, 10, now=NOW, lasting=days * DAY) for days in (20, 30, 90)]
    async with db.transaction() as session:
        await ledger.hold(session, programme_id, [HoldRequest(new_id(), resident_id, 30, NOW + DAY)], now=NOW)
        taken = [(lot.lot_id, min(10, max(0, owed - 10 * place))) for place, lot in enumerate(lots)]
        wanted = [
            Reversal(new_id(), lot_id, resident_id, 0, ((programme.base_budget_id, points),), NOW)
            for lot_id, points in taken
            if points
        ]
        await ledger.reverse(session, programme_id, wanted, now=NOW)
    assert await told(programme, resident_id, timedelta()) == (0, [])
    assert await told(programme, resident_id, DAY) == (30 - owed, lapsing)
    async with db.transaction() as session:
        assert await ledger.release_lapsed(session, programme_id, now=NOW + DAY) == 1
    assert await told(programme, resident_id, DAY) == (30 - owed, lapsing)
