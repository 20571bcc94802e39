"""An audit that can not find a difference proves nothing: each proof is shown one, planted by the tables' owner."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from core import clock, db
from core.embedded import Servers
from core.ids import new_id
from core.sql import run
from points import ledger
from points.ledger import Bearer, HoldRequest, Refund, Reinstatement, Reversal, Settlement
from points.programmes.tables import Programme
from tests.factories.ledgers import award, resident_of

PLANTED = {
    "postings add up to balances": "UPDATE balance SET amount = amount + 1 WHERE kind = 1",
    "mature lots add up to residents' points": "UPDATE lot SET remaining = remaining - 1 WHERE remaining > 0",
    "immature lots add up to pending points": "UPDATE lot SET mature = NOT mature",
    "open holds add up to held points": "UPDATE hold SET amount = amount + 1",
    "every hold names the lots that paid for it": "UPDATE lot_draw SET amount = amount + 1",
    "what holds spent stays drawn from their lots": "UPDATE lot_draw SET returned = 1 - returned WHERE returned < 2",
    "every lot is what is left, drawn and expired of it": "UPDATE lot SET amount = amount + 1",
    "what reversals and repayments took is drawn from named lots": "UPDATE lot_draw SET amount = amount + 1",
    "no award is taken back beyond what it gave": "DELETE FROM posting WHERE source_kind = 5",
    "what residents owe is what is left of their debts": "UPDATE debt SET remaining = 0 WHERE remaining > 0",
    "every debt is what its reversal left owing": "UPDATE debt SET amount = amount + 1",
    "open debts stand against the account clawback": "UPDATE debt SET remaining = 0 WHERE remaining > 0",
    "losses are made up by refunded points of their own lots": "UPDATE loss SET remaining = remaining - 1",
    "what is given back is what budgets had got, once": "DELETE FROM posting WHERE source_kind = 5",
    "grams are given back as they were taken, and nothing is owed or lost any more": (
        "UPDATE debt SET remaining = 1 WHERE remaining = 0"
    ),
    "no programme-wide account is overdrawn": "DELETE FROM posting WHERE destination_kind = 8",
    "every posting belongs to an entry": "DELETE FROM entry WHERE kind = 4",
    "points in circulation were drawn from funded budgets": "UPDATE balance SET amount = amount + 1 WHERE kind = 5",
}


async def history(programme: Programme) -> None:
    """Of everything a little: spent and refunded, lapsed and taken back, owed and repaid in part, and an open hold."""
    now, programme_id = clock.now(), programme.programme_id
    resident_id = await resident_of(programme)
    later, hold_ids = now + timedelta(days=2), [new_id() for _ in range(3)]
    first = await award(programme, resident_id, 100, now=now)
    brief = await award(programme, resident_id, 30, now=now, lasting=timedelta(days=1), priority=1)
    async with db.transaction() as session:
        requests = [HoldRequest(each, resident_id, 40, now + timedelta(days=9)) for each in hold_ids[:2]]
        await ledger.hold(session, programme_id, requests, now=now)
        await ledger.settle(session, programme_id, [Settlement(hold_ids[0], 30)], now=now)
        await ledger.refund(session, programme_id, [Refund(new_id(), hold_ids[0], 5)], now=now)
        await ledger.expire(session, programme_id, now=later)
        reversals = [
            Reversal(new_id(), lot.lot_id, resident_id, 0, ((programme.base_budget_id, points),), now)
            for lot, points in ((brief, 30), (first, 100))
        ]
        await ledger.reverse(session, programme_id, reversals, now=later)
    await award(programme, resident_id, 60, now=now, mature=False, matures_in=timedelta(days=3))
    await award(programme, resident_id, 10, now=now, mature=False)
    async with db.transaction() as session:
        await ledger.mature(session, programme_id, now=now + timedelta(days=3))
    await bear(programme, now)
    await give_back(programme, now)


async def bear(programme: Programme, now: datetime) -> None:
    """Let the programme bear what somebody spent, and have part of it back from a refund."""
    programme_id, hold_id = programme.programme_id, new_id()
    other = await resident_of(programme)
    await award(programme, other, 100, now=now)
    lot = await award(programme, other, 50, now=now, priority=-1)
    async with db.transaction() as session:
        await ledger.hold(session, programme_id, [HoldRequest(hold_id, other, 150, now + timedelta(days=9))], now=now)
        await ledger.settle(session, programme_id, [hold_id], now=now)
        payments = ((programme.base_budget_id, 50),)
        taken = Reversal(new_id(), lot.lot_id, other, 0, payments, now, Bearer.PROGRAMME)
        await ledger.reverse(session, programme_id, [taken], now=now)
        await ledger.refund(session, programme_id, [Refund(new_id(), hold_id, 120)], now=now)


async def give_back(programme: Programme, now: datetime) -> None:
    """Take back what somebody had spent a part of, and give it back again."""
    programme_id, hold_id, entry_id, who = programme.programme_id, new_id(), new_id(), await resident_of(programme)
    lot = await award(programme, who, 50, now=now)
    payments = ((programme.base_budget_id, 50),)
    async with db.transaction() as session:
        await ledger.hold(session, programme_id, [HoldRequest(hold_id, who, 20, now + timedelta(days=9))], now=now)
        await ledger.settle(session, programme_id, [hold_id], now=now)
        await ledger.reverse(session, programme_id, [Reversal(entry_id, lot.lot_id, who, 0, payments, now)], now=now)
        request = Reinstatement(new_id(), entry_id, who, 0, 0, now + timedelta(days=9))
        [given] = await ledger.reinstate(session, programme_id, [request], now=now)
    assert (sum(given.paid.values()), given.owed, given.lost) == (30, 20, 0)


@pytest.mark.parametrize("name", PLANTED)
async def test_the_audit_finds_what_was_planted(programme: Programme, embedded: Servers, name: str) -> None:
    await history(programme)
    async with db.transaction() as session:
        findings = {each.name: each for each in await ledger.audit(session, programme.programme_id)}
    assert set(findings) == set(PLANTED), "each proof has a difference planted for it here"
    assert not any(finding.differences for finding in findings.values())
    assert findings[name].checked > 0

    assert embedded.migration_database_url
    owner = db.make_engine(embedded.migration_database_url)
    statement = PLANTED[name]
    clause = "AND" if "WHERE" in statement else "WHERE"
    deleted = statement.split()[2] if statement.startswith("DELETE") else None
    async with owner.begin() as connection:
        if deleted:
            await connection.execute(text(f"ALTER TABLE {deleted} DISABLE TRIGGER USER"))
        await connection.execute(text(f"{statement} {clause} programme_id = :id"), {"id": programme.programme_id})
        if deleted:
            await connection.execute(text(f"ALTER TABLE {deleted} ENABLE TRIGGER USER"))
    await owner.dispose()
    async with db.transaction() as session:
        findings = {each.name: each for each in await ledger.audit(session, programme.programme_id)}
    assert findings[name].differences > 0


async def test_a_proof_is_planned_for_all_of_a_programme_however_little_the_planner_knows_of_it(database: str) -> None:
    asked = ledger.proofs({"planned": "SELECT current_setting('enable_nestloop') = 'on' AS differs"})
    async with db.transaction() as session:
        assert await ledger.prove(session, asked, {}) == [ledger.Finding("planned", 1, 0)]
        [after] = await run(session, asked, {})
    assert after.differences == 1, "what follows is planned as ever"
