"""Every SELECT about programmes and their rules."""

from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.errors import UnknownProgrammeError
from points.programmes.policy import RATES, VERSIONS, PolicyVersion, Rate, Rulebook
from points.programmes.tables import Programme

_RULEBOOK: Final = text("""
    SELECT time_zone, base_budget_id, engagement_budget_id,
        (SELECT CAST(jsonb_agg(jsonb_build_object(
            'version', version, 'effective_from', effective_from, 'terms', terms,
            'withdrawn_at', withdrawn_at)) AS text)
         FROM policy WHERE programme_id = :programme_id AND (:withdrawn OR withdrawn_at IS NULL)) AS policies,
        (SELECT CAST(jsonb_agg(jsonb_build_object(
            'version', version, 'effective_from', effective_from, 'points_per_tonne', points_per_tonne,
            'withdrawn_at', withdrawn_at)) AS text)
         FROM conversion_rate WHERE programme_id = :programme_id AND (:withdrawn OR withdrawn_at IS NULL)) AS rates
    FROM programme WHERE programme_id = :programme_id
""")


async def rulebook(session: AsyncSession, programme_id: UUID) -> Rulebook:
    """Return a programme's rules in one statement, read anew each time: nobody credits by what was withdrawn.

    Raises:
        UnknownProgrammeError: when there is no such programme.
    """
    return await _rulebook(session, programme_id, withdrawn=False)


async def announced(session: AsyncSession, programme_id: UUID) -> Rulebook:
    """Return a programme's rules with the versions that were withdrawn, for whoever lists or numbers them.

    Raises:
        UnknownProgrammeError: when there is no such programme.
    """
    return await _rulebook(session, programme_id, withdrawn=True)


async def _rulebook(session: AsyncSession, programme_id: UUID, *, withdrawn: bool) -> Rulebook:
    rows = await run(session, _RULEBOOK, {"programme_id": programme_id, "withdrawn": withdrawn})
    if not rows:
        raise UnknownProgrammeError
    [row] = rows
    return Rulebook(
        programme_id=programme_id,
        time_zone=row.time_zone,
        base_budget_id=row.base_budget_id,
        engagement_budget_id=row.engagement_budget_id,
        policies=_policies(row.policies or "[]"),
        rates=_rates(row.rates or "[]"),
    )


@lru_cache(maxsize=64)
def _policies(stored: str) -> tuple[PolicyVersion, ...]:
    """Return the stored policies. They are values, and every batch of a programme reads the same ones."""
    return VERSIONS.validate_json(stored)


@lru_cache(maxsize=64)
def _rates(stored: str) -> tuple[Rate, ...]:
    """Return the stored rates, as `_policies` does."""
    return RATES.validate_json(stored)


async def programme(session: AsyncSession, programme_id: UUID) -> Programme:
    """Return a programme.

    Raises:
        UnknownProgrammeError: when there is no such programme.
    """
    return _one(await session.get(Programme, programme_id))


async def lock_programme(session: AsyncSession, programme_id: UUID) -> Programme:
    """Lock a programme until the commit, for whoever decides its rules. What refers to it can still be written.

    Raises:
        UnknownProgrammeError: when there is no such programme.
    """
    statement = select(Programme).where(Programme.programme_id == programme_id).with_for_update(key_share=True)
    return _one((await session.exec(statement)).one_or_none())


async def programme_by_slug(session: AsyncSession, slug: str) -> Programme:
    """Return the programme people know as `slug`.

    Raises:
        UnknownProgrammeError: when there is no such programme.
    """
    return _one((await session.exec(select(Programme).where(Programme.slug == slug))).one_or_none())


async def programmes(session: AsyncSession) -> list[Programme]:
    """Return every programme, oldest first."""
    return list((await session.exec(select(Programme).order_by(col(Programme.programme_id)))).all())


def _one(found: Programme | None) -> Programme:
    if found is None:
        raise UnknownProgrammeError
    return found
