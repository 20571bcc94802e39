"""What tills read codes with in tests: the keys of this run, as the doors have them."""

from datetime import datetime
from uuid import UUID

from core import db
from core.signing_keys import signing_keys
from points.earning.activities import Claimable, Outcome, SaleLine
from points.earning.evidence.receipt_claims import ClaimedLine, claim
from points.earning.sales import record_sales
from points.programmes.tables import Programme
from points.residents.member_codes import issue
from points.residents.queries import resident
from tests.factories.credits import NOW, RETAILER
from tests.factories.labels import Labelled
from workers.till_keys import till_keys


def sold(
    gtin: str,
    member_code: str | None = None,
    *,
    receipt: str = "R1",
    line: int = 1,
    quantity: int = 1,
    at: datetime = NOW,
) -> SaleLine:
    """Return a line as a till sends it."""
    return SaleLine(receipt, line, member_code, gtin, quantity, at)


async def report(
    programme: Programme, *lines: SaleLine, retailer_id: UUID = RETAILER, now: datetime = NOW
) -> list[Outcome]:
    """Report lines of one retailer in a database transaction of their own."""
    async with db.transaction() as session:
        return await record_sales(session, programme.programme_id, retailer_id, lines, keys=till_keys(), now=now)


async def unclaimed(programme: Programme, product: Labelled, receipt: str = "A1") -> str:
    """Have a till tell a sale to nobody known; return the code on its receipt."""
    [told] = await report(programme, sold(product.gtin, receipt=receipt))
    assert isinstance(told, Claimable), told
    return told.claim_code


async def claimed(
    programme: Programme, resident_id: UUID, claim_code: str, *, now: datetime = NOW
) -> list[ClaimedLine]:
    """Claim a receipt in a database transaction of its own."""
    async with db.transaction() as session:
        return await claim(session, programme.programme_id, resident_id, claim_code, now=now)


async def static_code(programme: Programme, resident_id: UUID) -> str:
    """Return a resident's code that never changes."""
    async with db.transaction() as session:
        return (await resident(session, programme.programme_id, resident_id)).member_code


async def rotating_code(programme: Programme, resident_id: UUID, *, at: datetime = NOW) -> str:
    """Return the code a resident's app shows at a time."""
    keys = signing_keys()
    code = await static_code(programme, resident_id)
    secret = till_keys().members
    issued = issue(programme.programme_id, code, now=at, secret=secret, mark=keys.mark, sign=keys.signature)
    assert issued is not None
    return issued.text
