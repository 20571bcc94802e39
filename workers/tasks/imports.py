"""Taking imports forward, and taking up those that were left lying."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from core import clock
from core.db import transaction
from core.settings import settings
from labels.import_jobs import jobs, uploads
from workers.app import send, task
from workers.importing import BEAT_SECONDS, take_forward

RUN: Final = "imports.run"
_SECONDS: Final = 45.0
"""How long one task works on an import, so that none is cancelled for taking too long; the next goes on from there."""
EVERY: Final = timedelta(seconds=10)
"""How often it is looked whether an import was left lying."""
LEASE: Final = timedelta(seconds=3 * BEAT_SECONDS)
"""How long an import is left to who was last heard of working on it. Two at once do no harm; it is only for nothing."""
_UPLOAD_PATIENCE: Final = timedelta(hours=1)
_KEPT: Final = timedelta(days=30)
_AT_ONCE: Final = 100


@task(RUN)
async def run(job_id: str) -> None:
    """Work on one import, and have it taken up again, by as many as may, while there is something left to do."""
    for _ in range(await take_forward(UUID(job_id), seconds=_SECONDS)):
        send(RUN, job_id)


@task("imports.sweep")
async def sweep() -> None:
    """Queue imports that have not come forward for a while, and remove those that ended or broke off long ago."""
    now = clock.now()
    async with transaction() as session:
        left = await jobs.forgotten(session, lease=LEASE, lanes=settings().task_workers, now=now, limit=_AT_ONCE)
        stalled = await jobs.stalled(session, before=now - _UPLOAD_PATIENCE, limit=_AT_ONCE)
        await jobs.forget(session, before=now - _KEPT, limit=_AT_ONCE)
    for job_id in stalled:
        async with transaction() as session:
            await uploads.give_up(session, job_id)
    for job_id in left:  # the next sweep asks again for what no worker was free for
        send(RUN, str(job_id), expires=EVERY.total_seconds())
