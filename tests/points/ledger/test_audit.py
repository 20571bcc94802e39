"""An audit that can not find a difference proves nothing: each proof is shown one, planted by the tables' owner."""

import pytest
from sqlalchemy import text

from core import clock, db
from core.embedded import Servers
from core.ids import new_id
from points import ledger
from points.ledger import HoldRequest
from points.programmes.tables import Programme
from tests.factories.residents import give_points, make_residents

PLANTED = {
    "postings add up to balances": "UPDATE balance SET amount = amount + 1 WHERE kind = 1",
    "mature lots add up to residents' points": "UPDATE lot SET remaining = remaining - 1",
    "immature lots add up to pending points": "UPDATE lot SET mature = false",
    "open holds add up to held points": "UPDATE hold SET amount = amount + 1",
    "every hold names the lots that paid for it": "UPDATE lot_draw SET amount = amount + 1",
    "every posting belongs to an entry": "DELETE FROM entry WHERE kind = 4",
    "points in circulation were drawn from funded budgets": "UPDATE balance SET amount = amount + 1 WHERE kind = 5",
}


async def history(programme: Programme) -> None:
    async with db.transaction() as session:
        [resident_id] = await make_residents(session, programme, 1)
        await give_points(session, programme, [resident_id], 100, now=clock.now())
        request = HoldRequest(new_id(), resident_id, 40, clock.now())
        await ledger.hold(session, programme.programme_id, [request], now=clock.now())


@pytest.mark.parametrize("name", PLANTED)
async def test_the_audit_finds_what_was_planted(programme: Programme, embedded: Servers, name: str) -> None:
    await history(programme)
    async with db.transaction() as session:
        findings = {each.name: each for each in await ledger.audit(session, programme.programme_id)}
    assert set(findings) == set(PLANTED), "each proof has a difference planted for it here"
    assert not any(finding.differences for finding in findings.values())
    assert findings[name].checked > 0 or name.startswith("immature")

    assert embedded.migration_database_url
    owner = db.make_engine(embedded.migration_database_url)
    statement = PLANTED[name]
    clause = "AND" if "WHERE" in statement else "WHERE"
    async with owner.begin() as connection:
        if statement.startswith("DELETE"):
            await connection.execute(text("ALTER TABLE entry DISABLE TRIGGER USER"))
        await connection.execute(text(f"{statement} {clause} programme_id = :id"), {"id": programme.programme_id})
        if statement.startswith("DELETE"):
            await connection.execute(text("ALTER TABLE entry ENABLE TRIGGER USER"))
    await owner.dispose()
    async with db.transaction() as session:
        findings = {each.name: each for each in await ledger.audit(session, programme.programme_id)}
    assert findings[name].differences > 0
