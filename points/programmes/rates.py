"""Publishing conversion rates: each a new version from a moment that has not passed."""

from datetime import UTC, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.errors import StateConflictError
from points.programmes.policy import Rate
from points.programmes.queries import lock_programme, rulebook
from points.programmes.tables import ConversionRate
from points.programmes.term_checks import check_rate, check_start
from points.programmes.versions import Held, held


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
        StateConflictError: when `based_on` is not the latest version.
        UnknownProgrammeError: when there is no such programme.
    """
    await lock_programme(session, programme_id)
    latest = max((each.version for each in (await rulebook(session, programme_id)).rates), default=0)
    if latest != based_on:
        raise StateConflictError(f"based_on must be the latest version, which is {latest}; read it and try again.")
    check_rate(points_per_tonne)
    check_start(effective_from, now)
    rate = Rate(latest + 1, effective_from.astimezone(UTC), points_per_tonne)
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


async def published(session: AsyncSession, programme_id: UUID, *, now: datetime) -> list[Held[Rate]]:
    """Return every version of the rate, in the order they hold."""
    return held((await rulebook(session, programme_id)).rates, now)
