"""Every SQL statement about households."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from points.residents.tables import Household, Resident


async def locked_residents(
    session: AsyncSession, programme_id: UUID, resident_ids: Collection[UUID]
) -> dict[UUID, Resident]:
    """Lock residents' records until the commit, in id order, and return those who are in the programme."""
    statement = (
        select(Resident)
        .where(
            col(Resident.programme_id) == programme_id,
            col(Resident.resident_id).in_(list(resident_ids)),
            col(Resident.left_at).is_(None),
        )
        .order_by(col(Resident.resident_id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {each.resident_id: each for each in await session.exec(statement)}


async def locked_households(session: AsyncSession, programme_id: UUID, household_ids: Iterable[UUID]) -> None:
    """Lock households until the commit, in id order: whoever earns there meanwhile waits, or is waited for."""
    statement = (
        select(Household)
        .where(col(Household.programme_id) == programme_id, col(Household.household_id).in_(sorted(household_ids)))
        .order_by(col(Household.household_id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    (await session.exec(statement)).all()


async def invited_to(session: AsyncSession, programme_id: UUID, digest: bytes, now: datetime) -> Household | None:
    """Lock and return the household that an invitation is for, if it is still open."""
    statement = (
        select(Household)
        .where(
            col(Household.programme_id) == programme_id,
            col(Household.invitation_digest) == digest,
            col(Household.invitation_until) > now,
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def members_of(session: AsyncSession, programme_id: UUID, household_id: UUID) -> list[Resident]:
    """Return who lives in a household, in the order of joining it."""
    statement = (
        select(Resident)
        .where(
            col(Resident.programme_id) == programme_id,
            col(Resident.household_id) == household_id,
            col(Resident.left_at).is_(None),
        )
        .order_by(col(Resident.household_since), col(Resident.resident_id))
    )
    return list(await session.exec(statement))
