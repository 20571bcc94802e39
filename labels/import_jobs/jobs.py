"""Imports: which there are, taking one up, and ending it. Its file comes by uploads, its rows go by chunks."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.errors import ImportEndedError, UnknownImportError
from labels.import_jobs.tables import ImportJob
from labels.import_jobs.uploads import RUNNING, UNFINISHED, UPLOADING
from labels.queries import run

KINDS: Final = ("products", "footprints", "certificates", "applications", "baselines")
DONE: Final = "done"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
MOST_ATTEMPTS: Final = 5

_DROP_PARTS: Final = text("DELETE FROM import_part WHERE job_id = :job_id")
# Who is at a chunk needs the import's row to end it, which is ours: to wait for the chunk would be for ever.
_DROP_CHUNKS: Final = text("""
    DELETE FROM import_chunk WHERE job_id = :job_id AND number IN (
        SELECT number FROM import_chunk WHERE job_id = :job_id AND NOT done FOR UPDATE SKIP LOCKED
    )
""")
_LEFT: Final = text("SELECT EXISTS (SELECT FROM import_chunk WHERE job_id = :job_id AND NOT done)")
# Who is about to end it, or counts a chunk, has it locked, and comes forward.
_BEAT: Final = text("""
    UPDATE import_job SET updated_at = :now WHERE id IN (
        SELECT id FROM import_job WHERE id = :job_id AND state = 'running' FOR UPDATE SKIP LOCKED
    )
""")
# What does not come forward, however often it is begun, is left alone for twice as long each time.
_FORGOTTEN: Final = text("""
    SELECT id FROM import_job WHERE state IN ('waiting', 'running')
        AND updated_at < CAST(:now AS timestamptz)
            - CAST(:lease AS interval) * power(2, least(greatest(attempts - 1, 0) / :lanes, 3))
    ORDER BY id LIMIT :limit
""")
_STALLED: Final = text("""
    SELECT id FROM import_job WHERE state = 'uploading' AND updated_at < :before ORDER BY id LIMIT :limit
""")
_OLD: Final = text("""
    WITH old AS (
        SELECT id FROM import_job WHERE state IN ('done', 'failed', 'cancelled') AND updated_at < :before
        ORDER BY id LIMIT :limit
    ), told AS (DELETE FROM import_chunk WHERE job_id IN (SELECT id FROM old))
    SELECT count(*) FROM old
""")
_FORGET: Final = text("""
    DELETE FROM import_job AS j WHERE j.state IN ('done', 'failed', 'cancelled') AND j.updated_at < :before
        AND NOT EXISTS (SELECT FROM import_chunk AS p WHERE p.job_id = j.id)
        AND NOT EXISTS (SELECT FROM import_part AS p WHERE p.job_id = j.id)
""")


async def take_up(session: AsyncSession, job_id: UUID, *, lanes: int = 1, now: datetime) -> ImportJob | None:
    """Return an import that has not ended; None when there is nothing to do for it any more.

    One that was begun again and again without coming forward is given up; `lanes` may begin it at once.
    """
    job = await locked(session, job_id)
    if job is None:
        return None
    job.attempts += 1
    if job.attempts > MOST_ATTEMPTS * lanes:
        await _end(session, job, FAILED, "It could not be processed; tell the programme its id.", now)
        return None
    job.state, job.updated_at = RUNNING, now
    await session.flush()
    return job


async def finish(
    session: AsyncSession, job_id: UUID, *, failure: str = "", unless_cut: bool = False, now: datetime
) -> None:
    """End an import: every row was looked at, or the file as a whole can not be imported because of `failure`.

    Without a failure one of which chunks are left goes on: somebody else is at them. With `unless_cut` so does one
    that somebody else has cut to its end: who fails to read the file then found its pieces gone, nothing worse.
    """
    job = await locked(session, job_id)
    if job is None or (unless_cut and job.cut):
        return
    if not failure:
        ((left,),) = await run(session, _LEFT, {"job_id": job_id})
        if left:
            return
    await _end(session, job, FAILED if failure else DONE, failure.replace("\0", "\N{REPLACEMENT CHARACTER}"), now)


async def cancel(session: AsyncSession, owners: Collection[str], job_id: UUID, *, now: datetime) -> ImportJob:
    """End an import where it is, even while its file arrives.

    What its chunks led to stands; once this is committed nothing more comes of it.

    Raises:
        UnknownImportError: the owners have none with this id.
        ImportEndedError: it has ended already.
    """
    await find(session, owners, job_id)
    job = await locked(session, job_id, among=(UPLOADING, *UNFINISHED))
    if job is None:
        raise ImportEndedError
    await _end(session, job, CANCELLED, "", now)
    return job


async def find(session: AsyncSession, owners: Collection[str], job_id: UUID) -> ImportJob:
    """Return an import of one of `owners`.

    Raises:
        UnknownImportError: the owners have none with this id.
    """
    job = await session.get(ImportJob, job_id)
    if job is None or job.owner not in owners:
        raise UnknownImportError
    return job


async def list_imports(
    session: AsyncSession, owners: Collection[str], *, after: UUID | None, limit: int
) -> Sequence[ImportJob]:
    """Return the imports of `owners`, the newest first, from below `after` on."""
    query = select(ImportJob).where(col(ImportJob.owner).in_(owners))
    if after is not None:
        query = query.where(col(ImportJob.id) < after)
    return (await session.exec(query.order_by(col(ImportJob.id).desc()).limit(limit))).all()


async def beat(session: AsyncSession, job_id: UUID, *, now: datetime) -> None:
    """Note that somebody is still working on an import."""
    await run(session, _BEAT, {"job_id": job_id, "now": now})


async def forgotten(
    session: AsyncSession, *, lease: timedelta, lanes: int = 1, now: datetime, limit: int
) -> list[UUID]:
    """Return imports that nobody has worked on for as long as a `lease`: their message was lost, or their worker.

    Those that were begun more than once by each of `lanes` without coming forward only after twice as long each time.
    """
    columns = {"lease": lease, "lanes": lanes, "now": now, "limit": limit}
    return [row[0] for row in await run(session, _FORGOTTEN, columns)]


async def forget(session: AsyncSession, *, before: datetime, limit: int) -> int:
    """Remove imports that ended before then, and their reports; return how many were looked at."""
    ((old,),) = await run(session, _OLD, {"before": before, "limit": limit})
    await run(session, _FORGET, {"before": before})
    return int(old)


async def stalled(session: AsyncSession, *, before: datetime, limit: int) -> list[UUID]:
    """Return imports of whose file nothing has arrived since `before`."""
    return [row[0] for row in await run(session, _STALLED, {"before": before, "limit": limit})]


async def locked(session: AsyncSession, job_id: UUID, *, among: Collection[str] = UNFINISHED) -> ImportJob | None:
    """Return an import that is in one of some states, locked; None when it is in no such state."""
    query = select(ImportJob).where(ImportJob.id == job_id, col(ImportJob.state).in_(among))
    query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.exec(query)).one_or_none()


async def _end(session: AsyncSession, job: ImportJob, state: str, failure: str, now: datetime) -> None:
    job.state, job.failure, job.updated_at, job.finished_at = state, failure, now, now
    await session.flush()
    await run(session, _DROP_PARTS, {"job_id": job.id})
    await run(session, _DROP_CHUNKS, {"job_id": job.id})
