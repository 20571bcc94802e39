"""Setting up a programme and deciding its rules, each decision a new dated version."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from points.errors import InvalidInputError, StateConflictError
from points.programmes.policy import TERMS, Terms
from points.programmes.queries import lock_programme
from points.programmes.tables import ConversionRate, Policy, Programme
from points.programmes.term_checks import check_rate, check_terms


async def establish(
    session: AsyncSession,
    *,
    slug: str,
    name_zh: str,
    name_en: str,
    terms: Terms,
    points_per_tonne: int,
    effective_from: datetime,
    time_zone: str = "Asia/Shanghai",
) -> Programme:
    """Set up a programme with its first policy and rate. Its budgets are empty until the ledger funds them.

    Raises:
        InvalidInputError: when the time zone is unknown, the rate out of range, or a term can not be held.
        StateConflictError: when another programme has the slug.
    """
    _require_zone(time_zone)
    check_rate(points_per_tonne)
    if (await session.exec(select(Programme).where(Programme.slug == slug))).one_or_none() is not None:
        raise StateConflictError(f"A programme called {slug} exists already; choose another slug.")
    programme = Programme(slug=slug, name_zh=name_zh, name_en=name_en, time_zone=time_zone)
    session.add(programme)
    await session.flush()
    session.add(_policy(programme.programme_id, 1, terms, effective_from))
    session.add(
        ConversionRate(
            programme_id=programme.programme_id,
            version=1,
            effective_from=effective_from,
            points_per_tonne=points_per_tonne,
        )
    )
    await session.flush()
    return programme


async def decide_policy(
    session: AsyncSession, programme_id: UUID, terms: Terms, *, effective_from: datetime, staff_id: UUID | None = None
) -> Policy:
    """Add a version of a programme's policy; what was decided before stays as it was.

    It may hold from the past, as the first ones of a programme that begins with older sales do; what people publish
    comes through `policies.publish`, which never reaches back.

    Raises:
        InvalidInputError: when a term can not be held.
        UnknownProgrammeError: when there is no such programme.
    """
    await lock_programme(session, programme_id)  # of two decisions at once, the second must see the first's version
    versions = (await session.exec(select(Policy.version).where(Policy.programme_id == programme_id))).all()
    policy = _policy(programme_id, max(versions, default=0) + 1, terms, effective_from)
    policy.published_by_id = staff_id
    session.add(policy)
    await session.flush()
    return policy


def _policy(programme_id: UUID, version: int, terms: Terms, effective_from: datetime) -> Policy:
    check_terms(terms)
    stored = TERMS.dump_python(terms, mode="json")
    return Policy(programme_id=programme_id, version=version, effective_from=effective_from, terms=stored)


def _require_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        detail = f"time_zone must be an IANA name such as Asia/Shanghai, not {name!r}."
        raise InvalidInputError(detail, field="time_zone") from error
