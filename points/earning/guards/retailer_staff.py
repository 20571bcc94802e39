"""Who works for a retailer: declared by the retailer, so that nobody credits themselves at their own till."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from points.earning.guards.tables import RetailerStaffMember
from points.errors import InvalidInputError, NotFoundError
from points.residents.queries import members


async def declare(
    session: AsyncSession,
    programme_id: UUID,
    retailer_id: UUID,
    member_codes: Collection[str],
    *,
    actor: str,
    now: datetime,
) -> int:
    """Note residents as staff of a retailer, by their member codes; return how many were not noted before.

    Raises:
        InvalidInputError: when a code belongs to nobody. Nobody is noted then.
    """
    found = await members(session, programme_id, member_codes)
    if missing := set(member_codes) - found.keys():
        raise InvalidInputError(f"member_codes: nobody in the programme has {min(missing)!r}.", field="member_codes")
    rows = [
        {
            "programme_id": programme_id,
            "retailer_id": retailer_id,
            "resident_id": resident_id,
            "declared_by": actor,
            "declared_at": now,
        }
        for resident_id in sorted(set(found.values()))
    ]
    if not rows:
        return 0
    statement = insert(RetailerStaffMember).values(rows).on_conflict_do_nothing()
    return (await (await session.connection()).execute(statement)).rowcount


async def staff_of(
    session: AsyncSession, programme_id: UUID, retailer_id: UUID, *, after: UUID | None, limit: int
) -> list[RetailerStaffMember]:
    """Return who is noted as staff of a retailer, by id."""
    statement = select(RetailerStaffMember).where(
        col(RetailerStaffMember.programme_id) == programme_id,
        col(RetailerStaffMember.retailer_id) == retailer_id,
        col(RetailerStaffMember.resident_id) > (after or UUID(int=0)),
    )
    return list(await session.exec(statement.order_by(col(RetailerStaffMember.resident_id)).limit(limit)))


async def strike_off(session: AsyncSession, programme_id: UUID, retailer_id: UUID, resident_id: UUID) -> None:
    """Note that a resident works there no more.

    Raises:
        NotFoundError: when the resident was not noted.
    """
    statement = delete(RetailerStaffMember).where(
        col(RetailerStaffMember.programme_id) == programme_id,
        col(RetailerStaffMember.retailer_id) == retailer_id,
        col(RetailerStaffMember.resident_id) == resident_id,
    )
    if (await (await session.connection()).execute(statement)).rowcount == 0:
        raise NotFoundError("Nobody with this id is noted as staff of the retailer.")
