"""Sales as retailers report them: member codes become residents, lines become evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.activities import Outcome, Sale
from points.earning.credits import record
from points.residents.queries import members


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line of a till receipt. `member_code` is None when the buyer showed none."""

    receipt: str
    line: int
    member_code: str | None
    code: str
    quantity: int
    sold_at: datetime


async def record_sales(
    session: AsyncSession, programme_id: UUID, retailer_id: UUID, lines: Sequence[SaleLine], *, now: datetime
) -> list[Outcome]:
    """Credit the lines of one retailer; return a receipt or a refusal for each, in order.

    Raises:
        UnknownProgrammeError: when there is no such programme.
    """
    codes = {line.member_code for line in lines if line.member_code is not None}
    residents = await members(session, programme_id, codes)
    sales = [
        Sale(
            retailer_id=retailer_id,
            receipt=line.receipt,
            line=line.line,
            member_code=line.member_code,
            resident_id=None if line.member_code is None else residents.get(line.member_code),
            code=line.code,
            quantity=line.quantity,
            effective_at=line.sold_at,
        )
        for line in lines
    ]
    return await record(session, programme_id, sales, now=now)
