from datetime import datetime, timedelta
from uuid import UUID

from core import clock, db
from core.ids import new_id
from points import ledger
from points.ledger import Account, AccountKind, Asset, HoldRequest
from points.programmes.tables import Programme
from tests.factories.residents import make_residents

NOW = clock.now()
MATURES = NOW + timedelta(days=7)
EXPIRES = NOW + timedelta(days=365)


async def award(programme: Programme, points: int) -> UUID:
    """Give a new resident points that wait for the return window to close."""
    async with db.transaction() as session:
        [resident_id] = await make_residents(session, programme, 1)
        await ledger.lock(session, programme.programme_id, [resident_id])
        source = Account(AccountKind.BUDGET, programme.base_budget_id)
        posting = ledger.Posting(source, Account(AccountKind.PENDING, resident_id), Asset.POINTS, points)
        draft = ledger.Draft(
            entry_id=new_id(),
            kind=ledger.EntryKind.AWARD,
            effective_at=NOW,
            postings=(posting,),
            resident_id=resident_id,
            lot=ledger.LotTerms(points, MATURES, EXPIRES, mature=False),
        )
        await ledger.append(session, programme.programme_id, [draft])
    return resident_id


async def holdings(programme: Programme, resident_id: UUID, now: datetime) -> tuple[int, int]:
    async with db.transaction() as session:
        has = await ledger.holdings(session, programme.programme_id, resident_id, now=now)
    return has.available, has.pending


async def assert_clean(programme: Programme) -> None:
    async with db.transaction() as session:
        findings = await ledger.audit(session, programme.programme_id)
    assert [finding for finding in findings if finding.differences] == []


async def test_pending_points_can_not_be_spent_until_they_mature_and_mature_once(programme: Programme) -> None:
    resident_id = await award(programme, 50)
    request = HoldRequest(new_id(), resident_id, 50, EXPIRES)
    async with db.transaction() as session:
        [early] = await ledger.hold(session, programme.programme_id, [request], now=NOW)
        assert isinstance(early, ledger.Rejected)
        assert await ledger.mature(session, programme.programme_id, now=MATURES - timedelta(seconds=1)) == 0
        assert await ledger.mature(session, programme.programme_id, now=MATURES) == 1
        assert await ledger.mature(session, programme.programme_id, now=MATURES) == 0
    assert await holdings(programme, resident_id, MATURES) == (50, 0)
    await assert_clean(programme)


async def test_lapsed_points_are_gone_before_the_sweep_and_written_down_by_it(programme: Programme) -> None:
    resident_id = await award(programme, 50)
    async with db.transaction() as session:
        await ledger.mature(session, programme.programme_id, now=MATURES)
    assert await holdings(programme, resident_id, EXPIRES - timedelta(seconds=1)) == (50, 0)
    assert await holdings(programme, resident_id, EXPIRES) == (0, 0), "void at read time"
    async with db.transaction() as session:
        request = HoldRequest(new_id(), resident_id, 1, EXPIRES + timedelta(days=1))
        [late] = await ledger.hold(session, programme.programme_id, [request], now=EXPIRES)
        assert isinstance(late, ledger.Rejected)
        assert await ledger.expire(session, programme.programme_id, now=EXPIRES) == 1
        assert await ledger.expire(session, programme.programme_id, now=EXPIRES) == 0
    assert await holdings(programme, resident_id, EXPIRES) == (0, 0)
    await assert_clean(programme)


async def test_points_released_into_a_lapsed_lot_lapse_again(programme: Programme) -> None:
    resident_id = await award(programme, 50)
    hold_id = new_id()
    async with db.transaction() as session:
        await ledger.mature(session, programme.programme_id, now=MATURES)
        request = HoldRequest(hold_id, resident_id, 20, EXPIRES + timedelta(days=2))
        await ledger.hold(session, programme.programme_id, [request], now=MATURES)
        assert await ledger.expire(session, programme.programme_id, now=EXPIRES) == 1
        await ledger.release(session, programme.programme_id, [hold_id], now=EXPIRES)
    assert await holdings(programme, resident_id, EXPIRES) == (0, 0)
    async with db.transaction() as session:
        assert await ledger.expire(session, programme.programme_id, now=EXPIRES) == 1
    await assert_clean(programme)


async def test_the_statement_tells_every_entry_once_page_by_page(programme: Programme) -> None:
    resident_id = await award(programme, 50)
    async with db.transaction() as session:
        await ledger.mature(session, programme.programme_id, now=MATURES)
        request = HoldRequest(new_id(), resident_id, 20, EXPIRES)
        await ledger.hold(session, programme.programme_id, [request], now=MATURES)
        whole = await ledger.statement(session, programme.programme_id, resident_id)
        first = await ledger.statement(session, programme.programme_id, resident_id, limit=2)
        second = await ledger.statement(session, programme.programme_id, resident_id, before=first[-1].entry_id)
    assert [line.kind.name for line in whole] == ["HOLD", "MATURITY", "AWARD"]
    assert [*first, *second] == whole
    assert whole[0].postings[0].amount == 20
