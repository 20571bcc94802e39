"""Files handed in and imported in tests, without a queue."""

import asyncio
from uuid import UUID

from core import clock
from core.db import transaction
from core.ids import new_id
from labels.import_jobs import uploads
from labels.import_jobs.tables import ImportJob
from labels.import_jobs.uploads import NewImport
from workers.importing import take_forward


async def hand_in(
    data: bytes,
    kind: str = "products",
    organization_id: UUID | None = None,
    *,
    within_id: UUID | None = None,
    amend: bool = False,
    dry_run: bool = False,
) -> UUID:
    """Hand in a file as an owner nobody else is, and return the import's id."""
    owner = f"test:{new_id()}"
    given = NewImport(owner, organization_id, "a test", kind, "table", "utf-8", data, amend, dry_run, within_id)
    async with transaction() as session:
        return (await uploads.submit(session, given, now=clock.now())).id


async def state_of(job_id: UUID) -> ImportJob:
    async with transaction() as session:
        return await session.get_one(ImportJob, job_id)


async def finished(job_id: UUID) -> ImportJob:
    """Do what the queue does until nothing is left to do, and return the import."""
    while await take_forward(job_id, seconds=60):
        pass
    return await state_of(job_id)


async def worked_through(job_id: UUID) -> ImportJob:
    """Take an import forward to its end; a worker that other tests started may be at it as well."""
    for _ in range(2_000):
        job = await finished(job_id)
        if job.state not in uploads.UNFINISHED:
            return job
        await asyncio.sleep(0.01)
    raise AssertionError("It does not come to its end.")
