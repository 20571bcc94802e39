"""Every SELECT about partner keys and staff. A prefix and an address are unique over all programmes."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from points.programmes.tables import PartnerKey, Staff


async def key_by_prefix(session: AsyncSession, prefix: str) -> PartnerKey | None:
    """Return the key with a prefix, revoked or not."""
    return (await session.exec(select(PartnerKey).where(PartnerKey.prefix == prefix))).one_or_none()


async def staff_by_email(session: AsyncSession, email: str) -> Staff | None:
    """Return the staff member with a normalized address, disabled or not."""
    return (await session.exec(select(Staff).where(Staff.email == email))).one_or_none()
