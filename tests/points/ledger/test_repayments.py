"""Debts: made when points that were spent are taken back, paid before anything else can be done with new ones."""

from datetime import timedelta
from uuid import UUID

import pytest

from core import clock, db
from core.ids import new_id
from points import ledger
from points.ledger import Forgiveness, Holdings, HoldRequest, Posted, Refund, Reversal, Settlement
from points.programmes.tables import Programme
from tests.factories.ledgers import assert_clean, award, left_in, resident_of

NOW = clock.now()
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


async def spent(programme: Programme, resident_id: UUID, points: int, *, settled: int) -> UUID:
    """Hold points and settle part of them (none: leave the hold open for ten days)."""
    hold_id = new_id()
    async with db.transaction() as session:
        request = HoldRequest(hold_id, resident_id, points, NOW + 10 * DAY)
        await ledger.hold(session, programme.programme_id, [request], now=NOW)
        if settled:
            await ledger.settle(session, programme.programme_id, [Settlement(hold_id, settled)], now=NOW)
    return hold_id


async def indebted(programme: Programme, *points: int) -> tuple[UUID, UUID, list[UUID]]:
    """Let a resident owe, by one reversal each; return who, the hold that spent it all, and the reversals."""
    resident_id = await resident_of(programme)
    lots = [await award(programme, resident_id, each, now=NOW) for each in points]
    hold_id = await spent(programme, resident_id, sum(points), settled=sum(points))
    payer = programme.base_budget_id
    reversals = [
        Reversal(new_id(), lot.lot_id, resident_id, 0, ((payer, each),), NOW)
        for lot, each in zip(lots, points, strict=True)
    ]
    async with db.transaction() as session:
        found = await ledger.reverse(session, programme.programme_id, reversals, now=NOW)
    assert [each.owed for each in found] == list(points)
    return resident_id, hold_id, [each.entry_id for each in reversals]


async def has(programme: Programme, resident_id: UUID) -> Holdings:
    async with db.transaction() as session:
        return await ledger.holdings(session, programme.programme_id, resident_id, now=NOW + WEEK)


async def mature(programme: Programme) -> None:
    async with db.transaction() as session:
        await ledger.mature(session, programme.programme_id, now=NOW + WEEK)


async def repayments(programme: Programme, resident_id: UUID) -> list[tuple[UUID | None, int]]:
    """Return which debts were paid with how many points, the first payment first."""
    async with db.transaction() as session:
        lines = await ledger.statement(session, programme.programme_id, resident_id)
    return [
        (line.subject_id, line.postings[-1].amount)
        for line in reversed(lines)
        if line.kind is ledger.EntryKind.REPAYMENT
    ]


async def test_points_that_mature_pay_the_oldest_debt_first_and_to_the_budget(programme: Programme) -> None:
    resident_id, _, (old, new) = await indebted(programme, 30, 20)
    before = await left_in(programme)
    await award(programme, resident_id, 25, now=NOW, mature=False)
    await award(programme, resident_id, 15, now=NOW, mature=False)
    await mature(programme)
    assert await has(programme, resident_id) == Holdings(0, 0, 0, 0, 10)
    assert await repayments(programme, resident_id) == [(old, 30), (new, 10)]
    assert await left_in(programme) == before
    await award(programme, resident_id, 25, now=NOW, mature=False)
    await mature(programme)
    assert await has(programme, resident_id) == Holdings(0, 15, 0, 0, 0)
    await assert_clean(programme)


async def test_points_that_have_lapsed_pay_nothing(programme: Programme) -> None:
    resident_id, _, _ = await indebted(programme, 30)
    await award(programme, resident_id, 25, now=NOW, mature=False, lasting=WEEK)
    await mature(programme)
    assert await has(programme, resident_id) == Holdings(0, 0, 0, 0, 30)
    await assert_clean(programme)


async def test_a_refund_pays_what_is_owed_first(programme: Programme) -> None:
    resident_id, hold_id, [debt] = await indebted(programme, 30)
    async with db.transaction() as session:
        refunds = [Refund(new_id(), hold_id, 10), Refund(new_id(), hold_id, 20)]
        await ledger.refund(session, programme.programme_id, refunds, now=NOW)
    assert await has(programme, resident_id) == Holdings(0, 0, 0, 0, 0)
    assert await repayments(programme, resident_id) == [(debt, 30)]
    await assert_clean(programme)


@pytest.mark.parametrize("how", ["released", "settled in part", "void and swept", "void and read", "void and spent"])
async def test_what_a_hold_gives_back_pays_what_is_owed_first(programme: Programme, how: str) -> None:
    resident_id = await resident_of(programme)
    lot = await award(programme, resident_id, 50, now=NOW)
    hold_id = await spent(programme, resident_id, 50, settled=0)
    back = Reversal(new_id(), lot.lot_id, resident_id, 0, ((programme.base_budget_id, 30),), NOW)
    late, programme_id = NOW + 10 * DAY, programme.programme_id
    async with db.transaction() as session:
        [found] = await ledger.reverse(session, programme_id, [back], now=NOW)
        assert found.owed == 30
        if how == "released":
            await ledger.release(session, programme_id, [hold_id], now=NOW)
        if how == "settled in part":
            await ledger.settle(session, programme_id, [Settlement(hold_id, 5)], now=NOW)
        if how == "void and swept":
            await ledger.release_lapsed(session, programme_id, now=late)
        if how == "void and spent":
            requests = [HoldRequest(new_id(), resident_id, points, late + DAY) for points in (21, 20)]
            refused, held = await ledger.hold(session, programme_id, requests, now=late)
            assert not isinstance(refused, Posted)
            assert isinstance(held, Posted)
        read = await ledger.holdings(session, programme_id, resident_id, now=late)
        assert await ledger.lock_available(session, programme_id, [resident_id], now=late) == {
            resident_id: read.available
        }
    expected = {"settled in part": Holdings(0, 15, 0, 0, 0), "void and spent": Holdings(0, 0, 0, 20, 0)}
    assert read == expected.get(how, Holdings(0, 20, 0, 0, 0))
    await assert_clean(programme)


async def test_a_debt_can_be_forgiven_wholly_or_in_part_the_oldest_first(programme: Programme) -> None:
    resident_id, _, (_, new) = await indebted(programme, 30, 20)
    before = await left_in(programme)
    requests = [Forgiveness(new_id(), resident_id, points) for points in (25, 10)]
    async with db.transaction() as session:
        assert await ledger.forgive(session, programme.programme_id, requests, now=NOW) == [25, 10]
    await award(programme, resident_id, 4, now=NOW, mature=False)
    await mature(programme)
    assert await repayments(programme, resident_id) == [(new, 4)]
    async with db.transaction() as session:
        rest = [Forgiveness(new_id(), resident_id), Forgiveness(new_id(), resident_id)]
        assert await ledger.forgive(session, programme.programme_id, rest, now=NOW) == [11, 0]
        assert await ledger.forgive(session, programme.programme_id, [], now=NOW) == []
        assert await ledger.owing(session, programme.programme_id, [resident_id]) == {}
    assert await has(programme, resident_id) == Holdings(0, 0, 0, 0, 0)
    assert await left_in(programme) == before
    await assert_clean(programme)


def test_to_forgive_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 point"):
        Forgiveness(new_id(), new_id(), 0)
