import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core import clock, db
from core.ids import new_id
from core.sql import run
from points import ledger
from points.ledger import Holdings, HoldRequest, Posted, Rejected, Rejection
from points.programmes.tables import Programme
from tests.factories.ledgers import award, resident_of
from tests.factories.residents import give_points, make_residents

NOW = clock.now()
SOON = NOW + timedelta(minutes=10)
LATER = NOW + timedelta(days=1)


@pytest.fixture
async def resident(programme: Programme) -> UUID:
    """A resident with two lots: 30 points that expire in a day, 70 that expire in a year."""
    async with db.transaction() as session:
        [resident_id] = await make_residents(session, programme, 1)
        await give_points(session, programme, [resident_id], 70, now=NOW)
        await give_points(session, programme, [resident_id], 30, now=NOW, lasting=timedelta(hours=23))
    return resident_id


async def hold(programme: Programme, resident_id: UUID, *amounts: int) -> list[tuple[UUID, Posted | Rejected]]:
    requests = [HoldRequest(new_id(), resident_id, amount, SOON) for amount in amounts]
    async with db.transaction() as session:
        outcomes = await ledger.hold(session, programme.programme_id, requests, now=NOW)
    return [(request.hold_id, outcome) for request, outcome in zip(requests, outcomes, strict=True)]


async def holdings(programme: Programme, resident_id: UUID, now: datetime = NOW) -> Holdings:
    async with db.transaction() as session:
        return await ledger.holdings(session, programme.programme_id, resident_id, now=now)


async def assert_clean(programme: Programme) -> None:
    async with db.transaction() as session:
        findings = await ledger.audit(session, programme.programme_id)
    assert [finding for finding in findings if finding.differences] == []


async def test_a_hold_sets_points_aside(programme: Programme, resident: UUID) -> None:
    [(hold_id, outcome)] = await hold(programme, resident, 40)
    assert outcome == Posted(hold_id)
    has = await holdings(programme, resident)
    assert (has.available, has.held) == (60, 40)
    await assert_clean(programme)


async def test_within_a_batch_the_requests_the_points_cover_are_held_and_the_others_refused(
    programme: Programme, resident: UUID
) -> None:
    outcomes = [outcome for _, outcome in await hold(programme, resident, 60, 50, 40)]
    assert [isinstance(outcome, Posted) for outcome in outcomes] == [True, False, True]
    assert outcomes[1] == Rejected(Rejection.NOT_ENOUGH_POINTS)
    assert (await holdings(programme, resident)).available == 0
    await assert_clean(programme)


async def test_the_lot_that_expires_first_pays_first(programme: Programme, resident: UUID) -> None:
    await hold(programme, resident, 30)
    assert (await holdings(programme, resident, LATER)).available == 70, (
        "the lapsing lot was spent, not the lasting one"
    )


async def test_settling_spends_once_however_often_it_is_asked(programme: Programme, resident: UUID) -> None:
    [(hold_id, _)] = await hold(programme, resident, 40)
    for _ in range(2):
        async with db.transaction() as session:
            [outcome] = await ledger.settle(session, programme.programme_id, [hold_id], now=NOW)
        assert isinstance(outcome, Posted)
    has = await holdings(programme, resident)
    assert (has.available, has.held) == (60, 0)
    await assert_clean(programme)


async def test_releasing_gives_back_to_the_same_lots_with_their_own_expiry(
    programme: Programme, resident: UUID
) -> None:
    [(hold_id, _)] = await hold(programme, resident, 40)
    async with db.transaction() as session:
        await ledger.release(session, programme.programme_id, [hold_id], now=NOW)
    assert (await holdings(programme, resident)).available == 100
    assert (await holdings(programme, resident, LATER)).available == 70, "30 of them still lapse in a day"
    await assert_clean(programme)


async def test_a_hold_closes_only_one_way(programme: Programme, resident: UUID) -> None:
    [(settled, _), (released, _)] = await hold(programme, resident, 10, 10)
    async with db.transaction() as session:
        await ledger.settle(session, programme.programme_id, [settled], now=NOW)
        await ledger.release(session, programme.programme_id, [released], now=NOW)
        assert await ledger.release(session, programme.programme_id, [settled], now=NOW) == [
            Rejected(Rejection.HOLD_CLOSED)
        ]
        assert await ledger.settle(session, programme.programme_id, [released], now=NOW) == [
            Rejected(Rejection.HOLD_CLOSED)
        ]
    assert (await holdings(programme, resident)).available == 90
    await assert_clean(programme)


async def test_a_lapsed_hold_can_not_be_settled_and_the_sweep_gives_the_points_back(
    programme: Programme, resident: UUID
) -> None:
    [(hold_id, _)] = await hold(programme, resident, 40)
    async with db.transaction() as session:
        [outcome] = await ledger.settle(session, programme.programme_id, [hold_id], now=SOON)
        assert outcome == Rejected(Rejection.HOLD_EXPIRED)
        assert await ledger.release_lapsed(session, programme.programme_id, now=SOON) == 1
        assert await ledger.release_lapsed(session, programme.programme_id, now=SOON) == 0
    assert (await holdings(programme, resident)).available == 100
    await assert_clean(programme)


async def test_another_programmes_hold_does_not_exist(programme: Programme, resident: UUID) -> None:
    [(hold_id, _)] = await hold(programme, resident, 40)
    async with db.transaction() as session:
        assert await ledger.settle(session, new_id(), [hold_id], now=NOW) == [Rejected(Rejection.NO_SUCH_HOLD)]
    assert (await holdings(programme, resident)).held == 40


async def test_eight_spenders_on_one_balance_spend_it_once(programme: Programme, resident: UUID) -> None:
    outcomes = await asyncio.gather(*(hold(programme, resident, 30) for _ in range(8)))
    held = [outcome for [(_, outcome)] in outcomes if isinstance(outcome, Posted)]
    assert len(held) == 3, "100 points cover three holds of 30"
    has = await holdings(programme, resident)
    assert (has.available, has.held) == (10, 90)
    await assert_clean(programme)


async def test_a_hold_past_its_time_is_void_before_any_sweep(programme: Programme, resident: UUID) -> None:
    [(void, _)] = await hold(programme, resident, 90)
    assert (await holdings(programme, resident)).held == 90
    assert await holdings(programme, resident, SOON) == Holdings(0, 100, 0, 0, 0)
    assert await holdings(programme, resident, LATER) == Holdings(0, 70, 0, 0, 0), "30 of what is back have lapsed"
    async with db.transaction() as session:
        available = await ledger.lock_available(session, programme.programme_id, [resident], now=SOON)
        assert available == {resident: 100}
        request = HoldRequest(new_id(), resident, 95, LATER)
        [outcome] = await ledger.hold(session, programme.programme_id, [request], now=SOON)
        assert outcome == Posted(request.hold_id)
        closed = Rejected(Rejection.HOLD_CLOSED)
        assert await ledger.settle(session, programme.programme_id, [void], now=NOW) == [closed]
        assert await ledger.release(session, programme.programme_id, [void], now=NOW) == [Posted(void, replayed=True)]
    assert await holdings(programme, resident, SOON) == Holdings(0, 5, 0, 95, 0)
    await assert_clean(programme)


async def test_lots_are_drawn_by_priority_then_expiry_then_id(programme: Programme) -> None:
    resident_id = await resident_of(programme)
    places = ((1, 1), (0, 9), (0, 2), (0, 2))
    lots = [
        (await award(programme, resident_id, 10, now=NOW, priority=priority, lasting=timedelta(days=days))).lot_id
        for priority, days in places
    ]
    drawn = []
    for _ in lots:
        [(hold_id, _)] = await hold(programme, resident_id, 10)
        async with db.transaction() as session:
            found = text("SELECT lot_id FROM lot_draw WHERE programme_id = :p AND drawn_by = :id")
            rows = await run(session, found, {"p": programme.programme_id, "id": hold_id})
        drawn += [row.lot_id for row in rows]
    assert drawn == [lots[2], lots[3], lots[1], lots[0]]
