"""Taking orders forward, and taking up those that were left lying."""

import time
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from core import clock
from core.db import after_commit, transaction
from core.redis import redis
from points.earning.clawbacks import chunks, queries
from points.leaderboards.projection import mark_dirty
from workers.app import send, task

RUN: Final = "clawbacks.run"
_SECONDS: Final = 45.0
"""How long one task works on an order, so that none is cancelled for taking too long; the next goes on from there."""
_PATIENCE: Final = timedelta(minutes=2)


@task(RUN)
async def run(programme_id: str, clawback_id: str) -> None:
    """Work on one order, and have it taken up again while there is something left to do."""
    until = time.monotonic() + _SECONDS
    left = True
    while left and time.monotonic() < until:
        left = await _one(UUID(programme_id), UUID(clawback_id))
    if left:
        send(RUN, programme_id, clawback_id)


async def _one(programme_id: UUID, clawback_id: UUID) -> bool:
    """Do one chunk in a database transaction of its own; return whether there may be more."""
    async with transaction() as session:
        done = await chunks.advance(session, programme_id, clawback_id, now=clock.now())
        if done.touched:
            after_commit(session, partial(_note, programme_id, done.touched))
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
