"""Publishing conversion rates, each a new version from a moment to come, and withdrawing them before they begin."""

from datetime import UTC, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.errors import StateConflictError
from points.programmes.policy import Rate
from points.programmes.queries import announced, lock_programme
from points.programmes.tables import ConversionRate
from points.programmes.term_checks import check_rate, check_start
from points.programmes.versions import Held, check_turn, check_withdrawal, held, latest, numbered


async def publish(
    session: AsyncSession,
    programme_id: UUID,
    points_per_tonne: int,
    *,
    based_on: int,
    effective_from: datetime,
    staff_id: UUID,
    now: datetime,
) -> Rate:
    """Publish a rate as the version after `based_on`, which must be the latest, to hold from `effective_from` on.

    Raises:
        InvalidInputError: when it is out of range, or would hold from a moment that has passed.
        StateConflictError: when `based_on` is not the latest version that stands, or one that stands begins later.
        UnknownProgrammeError: when there is no such programme.
    """
    await lock_programme(session, programme_id)
    versions = (await announced(session, programme_id)).rates
    newest = latest(versions)
    number = 0 if newest is None else newest.version
    if number != based_on:
        raise StateConflictError(f"based_on must be the latest version, which is {number}; read it and try again.")
    check_rate(points_per_tonne)
    check_start(effective_from, now)
    check_turn(versions, effective_from)
    number = max((each.version for each in versions), default=0) + 1
    rate = Rate(number, effective_from.astimezone(UTC), points_per_tonne)
    session.add(
        ConversionRate(
            programme_id=programme_id,
            version=rate.version,
            effective_from=rate.effective_from,
            points_per_tonne=points_per_tonne,
            published_by_id=staff_id,
        )
    )
    await session.flush()
    return rate


async def withdraw(
    session: AsyncSession, programme_id: UUID, number: int, *, staff_id: UUID, now: datetime
) -> Held[Rate]:
    """Withdraw a rate that has not begun; what holds before it goes on. A second time changes nothing.

    Raises:
        NotFoundError: when there is no such version.
        StateConflictError: when something may be credited by it, another begins after it, or it is the only one.
        UnknownProgrammeError: when there is no such programme.
    """
    await lock_programme(session, programme_id)
    rules = await announced(session, programme_id)
    found = numbered(held(rules.rates, now), number).version
    if found.withdrawn_at is None:
        check_withdrawal(found, rules.rates, rules, now)
        stored = await session.get_one(ConversionRate, (programme_id, number))
        stored.withdrawn_at, stored.withdrawn_by_id = now, staff_id
        await session.flush()
    return await version(session, programme_id, number, now=now)


async def published(session: AsyncSession, programme_id: UUID, *, now: datetime) -> list[Held[Rate]]:
    """Return every version of the rate in the order they hold, those that were withdrawn among them."""
    return held((await announced(session, programme_id)).rates, now)


async def version(session: AsyncSession, programme_id: UUID, number: int, *, now: datetime) -> Held[Rate]:
    """Return one version of the rate.

    Raises:
        NotFoundError: when there is no such version.
    """
    return numbered(await published(session, programme_id, now=now), number)
