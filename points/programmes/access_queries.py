"""Every SELECT about partner keys and staff."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from points.programmes.tables import PartnerKey, Staff


async def keys_by_prefix(session: AsyncSession, prefix: str) -> Sequence[PartnerKey]:
    """Return the keys with a prefix, revoked or not: one, unless two programmes drew the same 48 bits."""
    return (await session.exec(select(PartnerKey).where(PartnerKey.prefix == prefix))).all()


async def staff_by_email(session: AsyncSession, programme_id: UUID, email: str) -> Staff | None:
    """Return a programme's staff member with a normalized address, disabled or not."""
    statement = select(Staff).where(Staff.programme_id == programme_id, Staff.email == email)
    return (await session.exec(statement)).one_or_none()
