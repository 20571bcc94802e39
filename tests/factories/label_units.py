"""Scanning, selling and claiming units by the serials of their labels, as tills and residents do."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from core import db
from points import ledger
from points.earning.activities import Claimable, Outcome, SaleLine, Scan
from points.earning.evidence.receipt_claims import claim
from points.earning.sales import record_sales
from points.programmes.tables import Programme
from tests.factories.credits import NOW, credit
from tests.factories.labels import Labelled
from tests.factories.returns import RETAILER
from tests.factories.units import make_units
from workers.till_keys import till_keys

SOLD_AT: Final = NOW - timedelta(hours=5)
BACK_AT: Final = NOW - timedelta(hours=4)
AGAIN_AT: Final = NOW - timedelta(hours=3)
BACK_AGAIN_AT: Final = NOW - timedelta(hours=2)
ONCE_MORE_AT: Final = NOW - timedelta(hours=1)


async def make_codes(product: Labelled, number: int) -> list[str]:
    """Return codes of new units, as they stand on their labels."""
    async with db.transaction() as session:
        return await make_units(session, product, number, secret=till_keys().units)


async def scanned(programme: Programme, resident_id: UUID, code: str, *, at: datetime = NOW) -> Outcome:
    [outcome] = await credit(programme, Scan(resident_id, code, at), secret=till_keys().units)
    return outcome


async def sold_as(
    programme: Programme,
    member: str | None,
    code: str,
    *,
    receipt: str = "S1",
    quantity: int = 1,
    at: datetime = SOLD_AT,
) -> Outcome:
    lines = [SaleLine(receipt, 1, member, code, quantity, at)]
    async with db.transaction() as session:
        [outcome] = await record_sales(session, programme.programme_id, RETAILER, lines, keys=till_keys(), now=NOW)
    return outcome


async def claimed(programme: Programme, resident_id: UUID, sale: Outcome) -> Outcome:
    """Claim an anonymous sale of one line with what the till answered."""
    assert isinstance(sale, Claimable), sale
    async with db.transaction() as session:
        [line] = await claim(
            session,
            programme.programme_id,
            resident_id,
            sale.claim_code,
            now=NOW,
            unit_secret=till_keys().units,
        )
    return line.outcome


async def grams(programme: Programme, *residents: UUID) -> list[int]:
    async with db.transaction() as session:
        held = [await ledger.holdings(session, programme.programme_id, each, now=NOW) for each in residents]
    return [each.grams for each in held]
