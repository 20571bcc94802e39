"""Reporting sales and scans in tests, and proving afterwards that everything adds up."""

from datetime import datetime
from uuid import UUID

from core import clock, db
from core.ids import new_id
from points import ledger
from points.earning import audit
from points.earning.activities import Evidence, Outcome, Sale
from points.earning.credits import record
from points.earning.recomputations import recompute
from points.programmes.tables import Programme
from tests.factories.units import SECRET

NOW = clock.now()
RETAILER = new_id()


async def credit(
    programme: Programme, *activities: Evidence, now: datetime = NOW, secret: bytes = SECRET
) -> list[Outcome]:
    """Record a batch in a database transaction of its own."""
    async with db.transaction() as session:
        return await record(session, programme.programme_id, activities, now=now, unit_secret=secret)


def sale(
    resident_id: UUID | None,
    gtin: str,
    *,
    receipt: str = "r",
    line: int = 1,
    quantity: int = 1,
    at: datetime = NOW,
    member_code: str | None = "m",
) -> Sale:
    """Return one line of a till receipt; `member_code` only tells an anonymous sale from one of a stranger."""
    return Sale(RETAILER, receipt, line, member_code, resident_id, gtin, quantity, at)


async def assert_clean(programme: Programme) -> None:
    """Fail unless every proof of the audit holds and every receipt recomputes."""
    async with db.transaction() as session:
        findings = [
            *await ledger.audit(session, programme.programme_id),
            *await audit.audit(session, programme.programme_id),
        ]
        _, differing = await recompute(session, programme.programme_id, after=UUID(int=0), limit=10_000)
    wrong = [f"{each.name}: {each.differences}" for each in findings if each.differences]
    assert not wrong, wrong
    assert differing == []
