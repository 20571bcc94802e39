"""Keeping the boards in Redis true."""

from uuid import UUID

from core import clock
from core.db import transaction
from core.redis import redis
from points.leaderboards.projection import dirty_programmes, project_dirty, rebuild_all
from points.programmes.queries import programme, programmes
from workers.app import task


@task("leaderboards.project")
async def project() -> None:
    """Write those who gained something into their programmes' boards."""
    dirty = set(await dirty_programmes(redis()))
    async with transaction() as session:  # a note from a database of former days names no programme of this one
        found = [each for each in await programmes(session) if each.programme_id in dirty]
    for each in found:
        async with transaction() as session:
            await project_dirty(session, redis(), each.programme_id, time_zone=each.time_zone, now=clock.now())


@task("leaderboards.rebuild")
async def rebuild(programme_id: str) -> None:
    """Rebuild the boards of one programme's running periods."""
    async with transaction() as session:
        found = await programme(session, UUID(programme_id))
        await rebuild_all(session, redis(), found.programme_id, time_zone=found.time_zone, now=clock.now())
