"""Handing a file in: kept piece by piece as it arrives, so that nobody ever holds the whole of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.errors import TooManyImportsError, UnknownImportError
from labels.import_jobs.tables import ImportJob
from labels.queries import run

PART_BYTES: Final = 1_000_000
MOST_UNFINISHED: Final = 5
"""Imports of one owner that may wait at a time."""
UPLOADING: Final = "uploading"
WAITING: Final = "waiting"
RUNNING: Final = "running"
UNFINISHED: Final = (WAITING, RUNNING)

_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('imports of ' || :owner, 0))")
_UNDER_WAY: Final = text("""
    SELECT count(*) FROM import_job WHERE owner = :owner AND state IN ('uploading', 'waiting', 'running')
""")
_KEEP: Final = text("""
    INSERT INTO import_part (job_id, number, data)
    SELECT :job_id, n.number, n.data
    FROM unnest(CAST(:numbers AS integer[]), CAST(:parts AS bytea[])) AS n (number, data)
""")
_ARRIVING: Final = text("""
    UPDATE import_job SET updated_at = :now WHERE id = :job_id AND state = 'uploading' RETURNING id
""")
_ARRIVES: Final = text("SELECT id FROM import_job WHERE id = :job_id AND state = 'uploading' FOR UPDATE")
_DROP_PARTS: Final = text("DELETE FROM import_part WHERE job_id = :job_id")
_DROP_JOB: Final = text("DELETE FROM import_job WHERE id = :job_id")


@dataclass(frozen=True, slots=True)
class NewImport:
    """A file somebody hands in. `owner` names who may see it, `within_id` what it counts within."""

    owner: str
    organization_id: UUID | None
    actor: str
    kind: str
    filename: str
    encoding: str
    data: bytes = b""
    amend: bool = False
    dry_run: bool = False
    within_id: UUID | None = None


async def submit(session: AsyncSession, given: NewImport, *, now: datetime) -> ImportJob:
    """Keep a file for a worker to import.

    Raises:
        TooManyImportsError: so many of the owner's imports are under way that they must end first.
    """
    job = await announce(session, given, now=now)
    parts = [given.data[start : start + PART_BYTES] for start in range(0, len(given.data), PART_BYTES)]
    await keep(session, job.id, 0, parts, now=now)
    return await complete(session, job.id, size_bytes=len(given.data), now=now)


async def announce(session: AsyncSession, given: NewImport, *, now: datetime) -> ImportJob:
    """Note that a file is arriving. One owner's files begin one after the other, so that none is miscounted.

    Raises:
        TooManyImportsError: so many of the owner's imports are under way that they must end first.
    """
    await run(session, _ONE_AT_A_TIME, {"owner": given.owner})
    ((waiting,),) = await run(session, _UNDER_WAY, {"owner": given.owner})
    if waiting >= MOST_UNFINISHED:
        raise TooManyImportsError(f"{waiting} of your imports are still under way; wait until one of them has ended.")
    job = ImportJob(
        id=new_id(),
        owner=given.owner,
        organization_id=given.organization_id,
        within_id=given.within_id,
        actor=given.actor,
        kind=given.kind,
        filename=given.filename,
        encoding=given.encoding,
        size_bytes=0,
        amend=given.amend,
        dry_run=given.dry_run,
        state=UPLOADING,
        created_at=now,
        updated_at=now,
    )
    session.add(job)
    await session.flush()
    return job


async def keep(session: AsyncSession, job_id: UUID, first: int, parts: list[bytes], *, now: datetime) -> None:
    """Keep pieces of a file that is arriving, the first of which has the number `first`; each is of PART_BYTES.

    Nothing is kept of one that was given up or cancelled meanwhile; `complete` says so.
    """
    if await run(session, _ARRIVING, {"job_id": job_id, "now": now}):
        numbers = list(range(first, first + len(parts)))
        await run(session, _KEEP, {"job_id": job_id, "numbers": numbers, "parts": parts})


async def complete(session: AsyncSession, job_id: UUID, *, size_bytes: int, now: datetime) -> ImportJob:
    """Note that all of a file has arrived: from now on a worker may begin.

    Raises:
        UnknownImportError: it took so long that it was given up, or it was cancelled.
    """
    job = await session.get(ImportJob, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise UnknownImportError("The file arrived so slowly that it was given up; hand it in again.")
    if job.state != UPLOADING:
        raise UnknownImportError("This import was cancelled while its file arrived.")
    job.size_bytes, job.state, job.updated_at = size_bytes, WAITING, now
    await session.flush()
    return job


async def give_up(session: AsyncSession, job_id: UUID) -> None:
    """Forget a file that did not arrive whole; one that did is left alone, whatever became of its request."""
    if await run(session, _ARRIVES, {"job_id": job_id}):
        await run(session, _DROP_PARTS, {"job_id": job_id})
        await run(session, _DROP_JOB, {"job_id": job_id})
