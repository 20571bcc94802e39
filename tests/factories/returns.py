"""Selling something in tests, and bringing it back."""

from datetime import datetime
from uuid import UUID, uuid4

from core import db
from core.ids import new_id
from points.earning.activities import Outcome, Reason, Refusal, SaleLine
from points.earning.adjustments.return_lines import Bought, Returned, ReturnLine, ReturnOutcome
from points.earning.returns import record_returns
from points.earning.sales import record_sales
from points.programmes.tables import Programme
from points.residents.queries import resident
from tests.factories.credits import NOW
from tests.factories.labels import Labelled
from workers.till_keys import till_keys

RETAILER = new_id()
SOLD = Bought("S1", 1)
"""The line that `sold` sells unless it is told another."""


async def member_of(programme: Programme, resident_id: UUID) -> str:
    async with db.transaction() as session:
        return (await resident(session, programme.programme_id, resident_id)).member_code


async def sold(
    programme: Programme,
    member: str | None,
    product: Labelled,
    *,
    receipt: str = "S1",
    line: int = 1,
    quantity: int = 3,
    at: datetime = NOW,
    retailer: UUID = RETAILER,
) -> Outcome:
    async with db.transaction() as session:
        lines = [SaleLine(receipt, line, member, product.gtin, quantity, at)]
        [outcome] = await record_sales(session, programme.programme_id, retailer, lines, keys=till_keys(), now=NOW)
    return outcome


def back(
    product: Labelled | str,
    quantity: int = 1,
    *,
    receipt: str = "",
    bought: Bought | None = SOLD,
    member: str | None = None,
    at: datetime = NOW,
) -> ReturnLine:
    code = product if isinstance(product, str) else product.gtin
    return ReturnLine(receipt or str(uuid4()), 1, bought, member, code, quantity, at)


async def returned(programme: Programme, *lines: ReturnLine, now: datetime = NOW) -> list[ReturnOutcome]:
    async with db.transaction() as session:
        reported = [(RETAILER, line) for line in lines]
        return await record_returns(session, programme.programme_id, reported, keys=till_keys(), now=now)


async def told_back(programme: Programme, line: ReturnLine) -> ReturnOutcome:
    """Report one line."""
    [outcome] = await returned(programme, line)
    return outcome


def reason(outcome: ReturnOutcome | Outcome) -> Reason | None:
    return outcome.reason if isinstance(outcome, Refusal) else None


def units(outcome: ReturnOutcome) -> list[tuple[int, int]]:
    """Return units taken and left of each receipt."""
    assert isinstance(outcome, Returned), outcome
    return [(each.units, each.units_left) for each in outcome.adjusted]
