"""Households: residents who live together share some caps. Created, joined by invitation, left; or put together."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.errors import InvalidInputError, NotFoundError, StateConflictError
from points.programmes.queries import rulebook
from points.residents import household_queries as queries
from points.residents.tables import Household, Resident

_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, O, 1, I or L: somebody reads it to somebody else."""
_LENGTH: Final = 12
_INVITATION_HOLDS: Final = timedelta(hours=24)
_MOST_MEMBERS: Final = 12
_A_COUPLE: Final = 2


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a household, by the name they gave themselves."""

    resident_id: UUID
    nickname: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Home:
    """A household and who lives there."""

    household_id: UUID
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code by which one person may join, once, before `until`."""

    code: str
    until: datetime


async def home_of(session: AsyncSession, programme_id: UUID, resident_id: UUID) -> Home:
    """Return a resident's household.

    Raises:
        NotFoundError: when the resident is in none.
    """
    found = await session.get(Resident, (programme_id, resident_id))
    if found is None or found.household_id is None:
        raise NotFoundError("You are in no household. Create one, or join one by its invitation.")
    return await _home(session, programme_id, found.household_id)


async def create(session: AsyncSession, programme_id: UUID, resident_id: UUID, *, now: datetime) -> Home:
    """Make a household with one resident in it.

    Raises:
        NotFoundError: when the programme has no such resident.
        StateConflictError: when the resident is in a household, or changed households a short time ago.
    """
    resident = await _free(session, programme_id, resident_id, now)
    household = Household(programme_id=programme_id, household_id=new_id(), created_at=now)
    session.add(household)
    _move(resident, household.household_id, now)
    await session.flush()
    return await _home(session, programme_id, household.household_id)


async def invite(session: AsyncSession, programme_id: UUID, resident_id: UUID, *, now: datetime) -> Invitation:
    """Return a new code for the resident's household; the one before ends.

    Raises:
        NotFoundError: when the resident is in no household.
    """
    home = await home_of(session, programme_id, resident_id)
    await queries.locked_households(session, programme_id, [home.household_id])
    household = await session.get(Household, (programme_id, home.household_id))
    assert household is not None
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    household.invitation_digest, household.invitation_until = _digest(code), now + _INVITATION_HOLDS
    await session.flush()
    return Invitation(code, now + _INVITATION_HOLDS)


async def join(session: AsyncSession, programme_id: UUID, resident_id: UUID, code: str, *, now: datetime) -> Home:
    """Join the household that an invitation is for. The invitation ends with it.

    Raises:
        NotFoundError: when no household waits for this code, or the programme has no such resident.
        StateConflictError: when the resident is in a household or changed it lately, or the household is full.
    """
    resident = await _free(session, programme_id, resident_id, now)
    household = await queries.invited_to(session, programme_id, _digest(code.strip().upper()), now)
    if household is None:
        raise NotFoundError("No household waits for this invitation; ask for a new one, they hold for a day.")
    if len(await queries.members_of(session, programme_id, household.household_id)) >= _MOST_MEMBERS:
        raise StateConflictError(f"A household has at most {_MOST_MEMBERS} members.")
    household.invitation_digest = household.invitation_until = None
    _move(resident, household.household_id, now)
    await session.flush()
    return await _home(session, programme_id, household.household_id)


async def leave(session: AsyncSession, programme_id: UUID, resident_id: UUID, *, now: datetime) -> None:
    """Leave a household. Its caps are shared until the month is over; another one can be joined after some days.

    Raises:
        NotFoundError: when the resident is in none.
    """
    resident = (await queries.locked_residents(session, programme_id, [resident_id])).get(resident_id)
    if resident is None or resident.household_id is None:
        raise NotFoundError("You are in no household.")
    await queries.locked_households(session, programme_id, [resident.household_id])
    _move(resident, None, now)
    await session.flush()


async def put_together(
    session: AsyncSession, programme_id: UUID, resident_ids: Collection[UUID], *, now: datetime
) -> Home:
    """Put residents into one household, by what the programme knows: into one that some of them have, or a new one.

    Raises:
        InvalidInputError: when they are fewer than two or too many, or some are not in the programme.
        StateConflictError: when they are in different households, some have to leave theirs first; or with those who
            live there already they are too many.
    """
    if not _A_COUPLE <= len(set(resident_ids)) <= _MOST_MEMBERS:
        raise InvalidInputError(f"resident_ids must name 2 to {_MOST_MEMBERS} residents.", field="resident_ids")
    found = await queries.locked_residents(session, programme_id, resident_ids)
    if missing := set(resident_ids) - found.keys():
        raise InvalidInputError(f"resident_ids: nobody here is {min(missing)}.", field="resident_ids")
    homes = {each.household_id for each in found.values() if each.household_id is not None}
    if len(homes) > 1:
        raise StateConflictError("They are in different households; those who moved have to leave the old one first.")
    household_id = homes.pop() if homes else new_id()
    if await session.get(Household, (programme_id, household_id)) is None:
        session.add(Household(programme_id=programme_id, household_id=household_id, created_at=now))
    await queries.locked_households(session, programme_id, [household_id])
    there = await queries.members_of(session, programme_id, household_id)
    if len(found.keys() | {each.resident_id for each in there}) > _MOST_MEMBERS:
        raise StateConflictError(f"A household has at most {_MOST_MEMBERS} members; {len(there)} live there already.")
    for each in found.values():
        if each.household_id is None:
            _move(each, household_id, now)
    await session.flush()
    return await _home(session, programme_id, household_id)


async def _free(session: AsyncSession, programme_id: UUID, resident_id: UUID, now: datetime) -> Resident:
    """Return a resident who may join a household now."""
    resident = (await queries.locked_residents(session, programme_id, [resident_id])).get(resident_id)
    if resident is None:
        raise NotFoundError
    if resident.household_id is not None:
        raise StateConflictError("You are in a household; leave it first.")
    policy = (await rulebook(session, programme_id)).policy_at(now)
    stay = timedelta(days=policy.terms.guards.household_stay_days if policy else 0)
    if resident.household_since is not None and now < resident.household_since + stay:
        since = (resident.household_since + stay).date()
        raise StateConflictError(f"You left a household a short time ago; you can be in another one from {since} on.")
    return resident


def _move(resident: Resident, household_id: UUID | None, now: datetime) -> None:
    resident.left_household_id = resident.household_id if household_id is None else None
    resident.household_id, resident.household_since = household_id, now


async def _home(session: AsyncSession, programme_id: UUID, household_id: UUID) -> Home:
    members = await queries.members_of(session, programme_id, household_id)
    return Home(household_id, tuple(Member(each.resident_id, each.nickname, each.household_since) for each in members))


def _digest(code: str) -> bytes:
    return sha256(code.encode()).digest()
