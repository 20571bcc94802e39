"""Every SELECT about residents."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
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
_LINKED: Final = text("""
    SELECT n.number_digest, n.resident_id, n.linked_at FROM loyalty_number AS n
    JOIN resident AS r ON r.programme_id = n.programme_id AND r.resident_id = n.resident_id AND r.left_at IS NULL
    WHERE n.programme_id = :programme_id AND n.number_digest = ANY(CAST(:digests AS bytea[])) AND n.withdrawn_at IS NULL
""")


@dataclass(frozen=True, slots=True)
class Link:
    """Whose a loyalty number is, and since when."""

    resident_id: UUID
    linked_at: datetime


async def present(session: AsyncSession, programme_id: UUID, resident_ids: Collection[UUID]) -> set[UUID]:
    """Return those of `resident_ids` who are in the programme and have not left; nobody is asked about nobody."""
    if not resident_ids:
        return set()
    parameters = {"programme_id": programme_id, "resident_ids": list(resident_ids)}
    return {resident_id for (resident_id,) in await run(session, _PRESENT, parameters)}


async def members(session: AsyncSession, programme_id: UUID, member_codes: Collection[str]) -> dict[str, UUID]:
    """Return who is behind each member code that belongs to somebody who is in the programme and has not left."""
    parameters = {"programme_id": programme_id, "member_codes": list(member_codes)}
    return dict(cast("Sequence[tuple[str, UUID]]", await run(session, _MEMBERS, parameters)))


async def linked_numbers(session: AsyncSession, programme_id: UUID, digests: Collection[bytes]) -> dict[bytes, Link]:
    """Return whose the loyalty numbers with these digests are; nothing for those of nobody, or of who has left."""
    rows = await run(session, _LINKED, {"programme_id": programme_id, "digests": list(digests)})
    return {bytes(row.number_digest): Link(row.resident_id, row.linked_at) for row in rows}


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
