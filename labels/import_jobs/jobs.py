"""Imports: handing one in, taking it forward a chunk at a time, and what came of it.

A chunk's rows, its problems and how far the import has come are one database transaction. So an import can be taken up
by anybody at any time where it was left, and a chunk that two take at once counts once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.errors import TooManyImportsError, UnknownImportError
from labels.import_jobs.tables import ImportJob, ImportProblem
from labels.import_rows import Counts, ParsedRows, Problem, settle
from labels.importers import Importer, Item
from labels.queries import run

KINDS: Final = ("products", "footprints", "certificates", "applications", "baselines")
WAITING: Final = "waiting"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
UNFINISHED: Final = (WAITING, RUNNING)
MOST_UNFINISHED: Final = 5
"""Imports of one owner that may wait at a time."""
MOST_ATTEMPTS: Final = 5
_PART_BYTES: Final = 1_000_000

_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('imports of ' || :owner, 0))")
_WAITING: Final = text("SELECT count(*) FROM import_job WHERE owner = :owner AND state IN ('waiting', 'running')")
_KEEP: Final = text("""
    INSERT INTO import_part (job_id, number, data)
    SELECT :job_id, n.number, n.data
    FROM unnest(CAST(:numbers AS integer[]), CAST(:parts AS bytea[])) AS n (number, data)
""")
_CONTENTS: Final = text("SELECT data FROM import_part WHERE job_id = :job_id ORDER BY number")
_DROP: Final = text("DELETE FROM import_part WHERE job_id = :job_id")
_TELL: Final = text("""
    INSERT INTO import_problem (job_id, number, row, field, value, reason, remedy)
    SELECT :job_id, n.* FROM unnest(CAST(:numbers AS integer[]), CAST(:row AS integer[]), CAST(:field AS varchar[]),
        CAST(:value AS varchar[]), CAST(:reason AS varchar[]), CAST(:remedy AS varchar[])) AS n
""")
_FORGOTTEN: Final = text("""
    SELECT id FROM import_job WHERE state IN ('waiting', 'running') AND updated_at < :before ORDER BY id LIMIT :limit
""")
_OLD: Final = text("""
    WITH old AS (
        SELECT id FROM import_job WHERE state IN ('done', 'failed') AND updated_at < :before ORDER BY id LIMIT :limit
    ), told AS (DELETE FROM import_problem WHERE job_id IN (SELECT id FROM old))
    SELECT count(*) FROM old
""")
_FORGET: Final = text("""
    DELETE FROM import_job AS j WHERE j.state IN ('done', 'failed') AND j.updated_at < :before
        AND NOT EXISTS (SELECT FROM import_problem AS p WHERE p.job_id = j.id)
        AND NOT EXISTS (SELECT FROM import_part AS p WHERE p.job_id = j.id)
""")
_COLUMNS: Final = ("row", "field", "value", "reason", "remedy")


@dataclass(frozen=True, slots=True)
class NewImport:
    """A file somebody hands in. `owner` names who may see it."""

    owner: str
    organization_id: UUID | None
    actor: str
    kind: str
    filename: str
    encoding: str
    data: bytes
    amend: bool = False
    dry_run: bool = False


async def submit(session: AsyncSession, given: NewImport, *, now: datetime) -> ImportJob:
    """Keep a file for a worker to import. One owner's files are taken one after the other, so that none is miscounted.

    Raises:
        TooManyImportsError: so many of the owner's imports are under way that they must end first.
    """
    await run(session, _ONE_AT_A_TIME, {"owner": given.owner})
    ((waiting,),) = await run(session, _WAITING, {"owner": given.owner})
    if waiting >= MOST_UNFINISHED:
        raise TooManyImportsError(f"{waiting} of your imports are still under way; wait until one of them has ended.")
    job = ImportJob(
        id=new_id(),
        owner=given.owner,
        organization_id=given.organization_id,
        actor=given.actor,
        kind=given.kind,
        filename=given.filename,
        encoding=given.encoding,
        size_bytes=len(given.data),
        amend=given.amend,
        dry_run=given.dry_run,
        created_at=now,
        updated_at=now,
    )
    session.add(job)
    await session.flush()
    parts = [given.data[start : start + _PART_BYTES] for start in range(0, len(given.data), _PART_BYTES)]
    await run(session, _KEEP, {"job_id": job.id, "numbers": list(range(len(parts))), "parts": parts})
    return job


async def take_up(session: AsyncSession, job_id: UUID, *, now: datetime) -> tuple[ImportJob, bytes] | None:
    """Return an import that has not ended, with its file; None when there is nothing to do for it any more.

    One that was begun again and again without coming forward is given up.
    """
    job = await _locked(session, job_id)
    if job is None:
        return None
    job.attempts += 1
    if job.attempts > MOST_ATTEMPTS:
        await _end(session, job, FAILED, "It could not be processed; tell the programme its id.", now)
        return None
    job.state, job.updated_at = RUNNING, now
    await session.flush()
    parts = await run(session, _CONTENTS, {"job_id": job_id})
    return job, b"".join(row[0] for row in parts)


async def advance(
    session: AsyncSession, job_id: UUID, parsed: ParsedRows[Item], importer: Importer[Item], *, done: int, now: datetime
) -> bool:
    """Import the rows after the first `done` of a file; return False when somebody else has done so or ended it."""
    job = await _locked(session, job_id)
    if job is None or job.rows_done != done:
        return False
    async with session.begin_nested() as attempt:
        results = await importer.register(session, parsed.items, now)
        if job.dry_run:
            await attempt.rollback()
    counts, problems = settle(parsed, results)
    await _tell(session, job, problems)
    _count(job, counts, parsed.size, now)
    await session.flush()
    return True


async def finish(session: AsyncSession, job_id: UUID, *, failure: str = "", now: datetime) -> None:
    """End an import: every row was looked at, or the file as a whole can not be imported because of `failure`."""
    job = await _locked(session, job_id)
    if job is not None:
        await _end(session, job, FAILED if failure else DONE, failure, now)


async def find(session: AsyncSession, owner: str, job_id: UUID) -> ImportJob:
    """Return an import of an owner.

    Raises:
        UnknownImportError: the owner has none with this id.
    """
    job = await session.get(ImportJob, job_id)
    if job is None or job.owner != owner:
        raise UnknownImportError
    return job


async def list_imports(session: AsyncSession, owner: str, *, after: UUID | None, limit: int) -> Sequence[ImportJob]:
    """Return an owner's imports, the newest first, from below `after` on."""
    query = select(ImportJob).where(ImportJob.owner == owner)
    if after is not None:
        query = query.where(col(ImportJob.id) < after)
    return (await session.exec(query.order_by(col(ImportJob.id).desc()).limit(limit))).all()


async def problems_of(session: AsyncSession, job_id: UUID, *, after: int, limit: int) -> Sequence[ImportProblem]:
    """Return what is wrong with the rows of an import, from behind the number `after` on."""
    query = select(ImportProblem).where(ImportProblem.job_id == job_id, col(ImportProblem.number) > after)
    return (await session.exec(query.order_by(col(ImportProblem.number)).limit(limit))).all()


async def forgotten(session: AsyncSession, *, before: datetime, limit: int) -> list[UUID]:
    """Return imports that have not come forward since `before`: their message was lost, or their worker."""
    return [row[0] for row in await run(session, _FORGOTTEN, {"before": before, "limit": limit})]


async def forget(session: AsyncSession, *, before: datetime, limit: int) -> int:
    """Remove imports that ended before then, and their reports; return how many were looked at."""
    ((old,),) = await run(session, _OLD, {"before": before, "limit": limit})
    await run(session, _FORGET, {"before": before})
    return int(old)


async def _locked(session: AsyncSession, job_id: UUID) -> ImportJob | None:
    """Return an import that has not ended and that nobody else is at, for this transaction alone."""
    query = select(ImportJob).where(ImportJob.id == job_id, col(ImportJob.state).in_(UNFINISHED))
    return (await session.exec(query.with_for_update(skip_locked=True))).one_or_none()


async def _end(session: AsyncSession, job: ImportJob, state: str, failure: str, now: datetime) -> None:
    job.state, job.failure, job.updated_at, job.finished_at = state, failure, now, now
    await session.flush()
    await run(session, _DROP, {"job_id": job.id})


async def _tell(session: AsyncSession, job: ImportJob, problems: Sequence[Problem]) -> None:
    if problems:
        first = job.problems + 1
        columns = {name: [_kept(getattr(each, name)) for each in problems] for name in _COLUMNS}
        numbers = list(range(first, first + len(problems)))
        await run(session, _TELL, {"job_id": job.id, "numbers": numbers, **columns})
        job.problems += len(problems)


def _kept(value: object) -> object:
    """Return a value as the database can keep it: NUL it can not."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def _count(job: ImportJob, counts: Counts, rows: int, now: datetime) -> None:
    job.rows_done += rows
    job.registered += counts.registered
    job.unchanged += counts.unchanged
    job.quarantined += counts.quarantined
    job.refused += counts.refused
    job.attempts, job.updated_at = 0, now
