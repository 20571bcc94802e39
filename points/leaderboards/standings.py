"""Where a resident stands: the top, those around, and their own place. Nicknames and grams, nobody's id."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlmodel.ext.asyncio.session import AsyncSession

from points.leaderboards import projection, queries
from points.leaderboards.boards import Period, Span, span_of
from points.leaderboards.projection import View
from points.leaderboards.queries import Place

TOP = 10
AROUND = 3
_PATIENCE_SECONDS = 1.0
"""How long Redis may take over one read before the database is asked instead."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of a board; `grams` of CO2e saved in the period."""

    position: int
    nickname: str
    grams: int
    is_me: bool


@dataclass(frozen=True, slots=True)
class Standings:
    """A board as one resident sees it. `mine` is None for who is not ranked, and `around` is then empty."""

    span: Span
    members: int
    top: tuple[Standing, ...]
    around: tuple[Standing, ...]
    mine: Standing | None


async def standings(
    session: AsyncSession,
    redis: Redis,
    programme_id: UUID,
    resident_id: UUID,
    period: Period,
    *,
    time_zone: str,
    now: datetime,
    top: int = TOP,
    around: int = AROUND,
) -> Standings:
    """Return the board of the running `period` as `resident_id` sees it.

    Read from Redis in one round trip. A board that Redis lost is rebuilt first; while somebody else does that, or Redis
    does not answer, the database answers instead: slower, and in the same order.
    """
    span = span_of(period, now, time_zone)
    view = await _from_redis(session, redis, programme_id, resident_id, span, now=now, top=top, around=around)
    if view is None:
        view = await _from_database(session, programme_id, resident_id, span, top=top, around=around)
    return await _named(session, programme_id, resident_id, span, view)


async def _from_redis(
    session: AsyncSession,
    redis: Redis,
    programme_id: UUID,
    resident_id: UUID,
    span: Span,
    *,
    now: datetime,
    top: int,
    around: int,
) -> View | None:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            view = await projection.read(redis, programme_id, span, resident_id, top=top, around=around)
        if view is None and await projection.rebuild(session, redis, programme_id, span, now=now):
            view = await projection.read(redis, programme_id, span, resident_id, top=top, around=around)
    except (RedisError, TimeoutError):
        return None
    return view


async def _from_database(
    session: AsyncSession, programme_id: UUID, resident_id: UUID, span: Span, *, top: int, around: int
) -> View:
    members, places = await queries.places(session, programme_id, span, resident_id, top=top, around=around)
    mine = next((place.position for place in places if place.resident_id == resident_id), None)
    return View(
        members=members,
        top=[place for place in places if place.position <= top],
        around=[place for place in places if mine is not None and abs(place.position - mine) <= around],
    )


async def _named(session: AsyncSession, programme_id: UUID, resident_id: UUID, span: Span, view: View) -> Standings:
    """Give places their nicknames; who withdrew from ranking a moment ago is left out here before the boards know."""
    shown = {place.resident_id for place in (*view.top, *view.around)}
    names = await queries.nicknames(session, programme_id, sorted(shown)) if shown else {}

    def lines(places: Sequence[Place]) -> tuple[Standing, ...]:
        return tuple(
            Standing(place.position, names[place.resident_id], place.grams, place.resident_id == resident_id)
            for place in places
            if place.resident_id in names
        )

    around = lines(view.around)
    mine = next((line for line in around if line.is_me), None)
    return Standings(span, view.members, lines(view.top), around if mine is not None else (), mine)
