"""Sales as retailers report them: member codes become residents, lines become evidence."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.activities import Outcome, Sale, SaleLine
from points.earning.credits import record
from points.residents.queries import members


async def record_sales(
    session: AsyncSession, programme_id: UUID, retailer_id: UUID, lines: Sequence[SaleLine], *, now: datetime
) -> list[Outcome]:
    """Credit the lines of one retailer; return a receipt or a refusal for each, in order.

    Raises:
        UnknownProgrammeError: when there is no such programme.
    """
    return await record_reported(session, programme_id, [(retailer_id, line) for line in lines], now=now)


async def record_reported(
    session: AsyncSession, programme_id: UUID, reported: Sequence[tuple[UUID, SaleLine]], *, now: datetime
) -> list[Outcome]:
    """Credit lines, each with the retailer who reports it; return a receipt or a refusal for each, in order.

    Raises:
        UnknownProgrammeError: when there is no such programme.
    """
    codes = {line.member_code for _, line in reported if line.member_code is not None}
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
        for retailer_id, line in reported
    ]
    return await record(session, programme_id, sales, now=now)
