"""An import from where it was left: its file cut into chunks of rows, then chunk after chunk taken to where it belongs.

To cut a file costs little beside taking its rows, and shows whether it can be read to its end before any row counts. It
is gone on with from the byte where it was left. Chunks that may come in any order are taken by several tasks at once.
A file takes long to read; that is done in a thread, beside which the connections are kept alive.
"""

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final
from uuid import UUID

from core import clock
from core.db import after_commit, transaction
from core.redis import redis
from core.settings import settings
from labels import importers
from labels.errors import ImportCancelledError, UnreadableTableError
from labels.import_jobs import chunks, jobs
from labels.import_jobs.chunks import Cut
from labels.import_jobs.cutting import STRETCH_ROWS, dealt_out, in_order
from labels.import_jobs.json_lines import are_json_lines, json_lines_of
from labels.import_jobs.spreadsheets import Place, Row, Table, table_of
from labels.import_jobs.tables import ImportJob
from labels.import_jobs.takers import Taker, only_for_organizations, registry_taker
from labels.import_jobs.uploads import PART_BYTES
from labels.importers import Importer
from points.earning.sales_files import takers
from points.leaderboards.projection import mark_dirty
from workers.heartbeats import beating
from workers.till_keys import till_keys
from workers.tries import tried

AT_ONCE: Final = 2
"""Chunks that one task takes at once: one is worked out while the database is at work on the other."""
_PARTS: Final = 8
BEAT_SECONDS: Final = 5.0
"""How often who works on an import says so; workers.tasks.imports waits for several."""


async def take_forward(job_id: UUID, *, seconds: float) -> int:
    """Work on an import for about so long; return how many may go on with what is left, 0 when nothing is."""
    until = time.monotonic() + seconds
    job = await tried(partial(_taken_up, job_id))
    if job is None:
        return 0
    async with beating(partial(_beat, job_id), every=BEAT_SECONDS):
        return await _work(job, until)


async def _taken_up(job_id: UUID) -> ImportJob | None:
    async with transaction() as session:
        return await jobs.take_up(session, job_id, lanes=settings().task_workers, now=clock.now())


async def _beat(job_id: UUID) -> None:
    async with transaction() as session:
        await jobs.beat(session, job_id, now=clock.now())


async def _work(job: ImportJob, until: float) -> int:
    lanes = settings().task_workers
    try:
        taker = taker_of(job)
        if not job.cut:
            left = await _cut(job, taker, until=until)
            if left is not None:
                return left
            if not taker.ordered and lanes > 1:
                return lanes
        return 1 if await _take(job, taker, until=until) else 0
    except UnreadableTableError as error:
        await tried(partial(_finish, job.id, failure=str(error), unless_cut=not job.cut))
        return 0


async def _cut(job: ImportJob, taker: Taker, *, until: float) -> int | None:
    """Cut a file into chunks and return None; or how many go on with it, when time is up or somebody else is at it."""
    with TemporaryFile() as file:
        skipped = await _fetch(job, file)
        table = await asyncio.to_thread(_table, job, taker, file, skipped)
        if job.header is None and table.header:
            taker.require(table.header)
        cuts = _cuts(table, taker, job.rows_cut)
        done = job.rows_cut
        while True:
            cut = await asyncio.to_thread(next, cuts)
            if not await tried(partial(_keep, job.id, cut, done)):
                return 0
            done += cut.rows
            if cut.is_whole:
                job.header = cut.header
                return None
            if time.monotonic() > until:
                return 1


async def _keep(job_id: UUID, cut: Cut, done: int) -> bool:
    async with transaction() as session:
        return await chunks.keep(session, job_id, cut, before=done, now=clock.now())


async def _fetch(job: ImportJob, file: BinaryIO) -> int:
    """Lay what is left of an import's file on this machine's disk; return how many bytes before it were left out."""
    first = number = chunks.part_of(job.bytes_cut)
    while True:
        async with transaction() as session:
            parts = await chunks.parts(session, job.id, first=number, limit=_PARTS)
        if not parts:
            break
        await asyncio.to_thread(file.writelines, parts)
        number += len(parts)
    file.seek(0)
    return first * PART_BYTES


def _table(job: ImportJob, taker: Taker, file: BinaryIO, skipped: int) -> Table:
    after = None if job.header is None else Place(job.header, job.rows_cut, job.bytes_cut)
    if taker.json_lines and (job.header == [] or (after is None and are_json_lines(file))):
        return json_lines_of(file, taker.bounds, after, skipped=skipped)
    return table_of(file, job.encoding, taker.bounds, after, skipped=skipped, local=taker.local)


def _cuts(table: Table, taker: Taker, done: int) -> Iterator[Cut]:
    """Yield what follows the first `done` rows, some chunks at a time; the last time it says that this was all."""
    size, is_whole = taker.chunk_rows, False
    about = taker.about(table.header) if taker.about is not None else None
    stretch = max(STRETCH_ROWS // size, 1) * size
    while not is_whole:
        rows: list[Row] = list(islice(table.rows, stretch))
        is_whole, first = len(rows) < stretch, table.first + done
        cut = in_order(rows, first, size) if about is None else dealt_out(rows, first, size, about)
        yield Cut(table.header, cut, table.byte(), is_whole)
        done += len(rows)


async def _take(job: ImportJob, taker: Taker, *, until: float) -> bool:
    """Take chunks until there is none to be had or time is up; return whether some may be left."""
    lanes = [_lane(job, taker, until) for _ in range(1 if taker.ordered else AT_ONCE)]
    ended = await asyncio.gather(*lanes, return_exceptions=True)  # no lane may go on when this returns
    for each in ended:
        if isinstance(each, BaseException):
            raise each
    if any(ended):
        return True
    await tried(partial(_finish, job.id))
    return False


async def _lane(job: ImportJob, taker: Taker, until: float) -> bool:
    """Take chunk after chunk. One that others were in the way of is looked at anew, a few times, and then left."""
    while time.monotonic() < until:
        try:
            if not await tried(partial(_one, job, taker)):
                return False
        except ImportCancelledError:
            return False
    return True


async def _one(job: ImportJob, taker: Taker) -> bool:
    """Take a chunk in a database transaction of its own; return whether there was one."""
    async with transaction() as session:
        taken = await chunks.advance(session, job, taker, now=clock.now())
        if taken is not None and taken.touched and job.within_id is not None and not job.dry_run:
            after_commit(session, partial(_note, job.within_id, taken.touched))
    return taken is not None


async def _note(programme_id: UUID, resident_ids: frozenset[UUID]) -> None:
    await mark_dirty(redis(), programme_id, resident_ids)


async def _finish(job_id: UUID, *, failure: str = "", unless_cut: bool = False) -> None:
    async with transaction() as session:
        await jobs.finish(session, job_id, failure=failure, unless_cut=unless_cut, now=clock.now())


def taker_of(job: ImportJob) -> Taker:
    """Return what takes the rows of a job.

    Raises:
        UnreadableTableError: the job is of a kind that only organizations can hand in, and none did.
    """
    of_kind: dict[str, Importer[Any]] = {
        "products": importers.products(
            source=job.filename, amend=job.amend, registered_by_id=job.organization_id, actor=job.actor
        ),
        "footprints": importers.footprints(source=job.filename, by_id=job.organization_id),
        "baselines": importers.baselines(source=job.filename),
    }
    if job.organization_id is not None:
        of_kind["certificates"] = importers.certificates(certifier_id=job.organization_id, actor=job.actor)
        of_kind["applications"] = importers.applications(applicant_id=job.organization_id, actor=job.actor)
        if job.within_id is not None and job.kind in takers.KINDS:
            return takers.taker_of(job.kind, job.within_id, job.organization_id, till_keys(), dry_run=job.dry_run)
    if job.kind not in of_kind:
        raise only_for_organizations(job.kind)
    return registry_taker(of_kind[job.kind])
