"""Every SELECT about residents."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.errors import NotFoundError
from points.residents.tables import District, Resident

_PRESENT: Final = text("""
    SELECT resident_id FROM resident
    WHERE programme_id = :programme_id AND resident_id = ANY(CAST(:resident_ids AS uuid[])) AND left_at IS NULL
""")
_MEMBERS: Final = text("""
    SELECT member_code, resident_id FROM resident
    WHERE programme_id = :programme_id AND member_code = ANY(CAST(:member_codes AS text[])) AND left_at IS NULL
""")


async def present(session: AsyncSession, programme_id: UUID, resident_ids: Collection[UUID]) -> set[UUID]:
    """Return those of `resident_ids` who are in the programme and have not left."""
    parameters = {"programme_id": programme_id, "resident_ids": list(resident_ids)}
    return {row.resident_id for row in await run(session, _PRESENT, parameters)}


async def members(session: AsyncSession, programme_id: UUID, member_codes: Collection[str]) -> dict[str, UUID]:
    """Return who is behind each member code that belongs to somebody in the programme."""
    parameters = {"programme_id": programme_id, "member_codes": list(member_codes)}
    return {row.member_code: row.resident_id for row in await run(session, _MEMBERS, parameters)}


async def resident(session: AsyncSession, programme_id: UUID, resident_id: UUID) -> Resident:
    """Return a resident.

    Raises:
        NotFoundError: when the programme has no such resident.
    """
    found = await session.get(Resident, (programme_id, resident_id))
    if found is None or found.left_at is not None:
        raise NotFoundError
    return found


async def by_contact(session: AsyncSession, programme_id: UUID, contact_digest: bytes) -> Resident | None:
    """Return the resident who once joined with a contact, if any."""
    statement = select(Resident).where(Resident.programme_id == programme_id, Resident.contact_digest == contact_digest)
    return (await session.exec(statement)).one_or_none()


async def districts(session: AsyncSession, programme_id: UUID) -> list[District]:
    """Return a programme's districts by name."""
    statement = select(District).where(District.programme_id == programme_id).order_by(District.name_en)
    return list((await session.exec(statement)).all())
