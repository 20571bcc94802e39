"""Taking orders forward, and taking up those that were left lying."""

import asyncio
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from core import clock
from core.db import after_commit, transaction
from core.redis import redis
from points.earning.clawbacks import chunks, queries, troubles
from points.leaderboards.projection import mark_dirty
from workers.app import send, task

_log = structlog.get_logger("workers.clawbacks")

RUN: Final = "clawbacks.run"
_SECONDS: Final = 45.0
"""How long one task works on an order, so that none is cancelled for taking too long; the next goes on from there."""
_CHUNK_SECONDS: Final = 25.0
"""How long one chunk may take. Two, the second of one resident, end before the task would be cancelled."""
_PAUSE: Final = 0.2
"""Seconds before a chunk is begun again that an operator's request was in the way of."""
_PATIENCE: Final = timedelta(minutes=2)


@task(RUN)
async def run(programme_id: str, clawback_id: str) -> None:
    """Work on one order, and have it taken up again while there is something left to do."""
    if await _run(UUID(programme_id), UUID(clawback_id)):
        send(RUN, programme_id, clawback_id)


async def _run(programme_id: UUID, clawback_id: UUID) -> bool:
    """Do chunk after chunk until there is none to be done or time is up; return whether there may be more."""
    until = time.monotonic() + _SECONDS
    left = True
    while left and time.monotonic() < until:
        left = await _one(programme_id, clawback_id)
    return left


async def _one(programme_id: UUID, clawback_id: UUID) -> bool:
    """Do one chunk; return whether there may be more.

    One that fails is done again with one resident only, and whoever's turn then fails is left aside: what is wrong with
    one credit must not hold up everybody else's, nor be seen in a log alone.
    """
    now = clock.now()
    try:
        return await _chunk(programme_id, clawback_id, now, chunks.TAKEN)
    except Exception as error:  # noqa: BLE001 - whatever it is, an operator has to see it at the order
        _log.warning("a chunk failed; one resident at a time", clawback_id=str(clawback_id), cause=repr(error))
    try:
        return await _chunk(programme_id, clawback_id, now, 1)
    except Exception as error:  # noqa: BLE001 - as above
        _log.exception("a clawback is stuck", programme_id=str(programme_id), clawback_id=str(clawback_id))
        async with transaction() as session:
            problem = troubles.problem_of(error)
            return await troubles.set_aside(session, programme_id, clawback_id, problem=problem, now=now)


async def _chunk(programme_id: UUID, clawback_id: UUID, now: datetime, taken: int) -> bool:
    """Do one chunk in a database transaction of its own, in good time."""
    async with asyncio.timeout(_CHUNK_SECONDS), transaction() as session:
        done = await chunks.advance(session, programme_id, clawback_id, now=now, taken=taken)
        if done.touched:
            after_commit(session, partial(_note, programme_id, done.touched))
    if done.hindered:
        await asyncio.sleep(_PAUSE)
    return done.left


async def _note(programme_id: UUID, resident_ids: frozenset[UUID]) -> None:
    await mark_dirty(redis(), programme_id, resident_ids)


@task("clawbacks.sweep")
async def sweep(programme_id: str) -> None:
    """Queue orders of one programme that have something to do and have not come forward for a while."""
    async with transaction() as session:
        left = await queries.forgotten(session, UUID(programme_id), before=clock.now() - _PATIENCE)
    for clawback_id in left:
        send(RUN, programme_id, str(clawback_id))
