"""An import from where it was left: its file read, and chunk after chunk taken to the registry.

Reading again what was done already costs little beside registering it, so how many rows were done is all that has to
be remembered. A workbook takes long to read; that is done in a thread, beside which the connections are kept alive.
"""

import asyncio
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final
from uuid import UUID

from core import clock
from core.db import transaction
from labels import importers
from labels.errors import UnreadableTableError
from labels.import_jobs import jobs
from labels.import_jobs.spreadsheets import Cells, table_of
from labels.import_jobs.tables import ImportJob
from labels.import_rows import FIRST_ROW, parse_rows, require_columns
from labels.importers import Importer, Item

CHUNK: Final = 1_000


async def take_forward(job_id: UUID, *, seconds: float) -> bool:
    """Work on an import for about so long; return whether there is something left to do."""
    async with transaction() as session:
        begun = await jobs.take_up(session, job_id, now=clock.now())
    if begun is None:
        return False
    job, data = begun
    try:
        return await _chunks(job, data, _importer(job), until=time.monotonic() + seconds)
    except UnreadableTableError as error:
        async with transaction() as session:
            await jobs.finish(session, job_id, failure=str(error), now=clock.now())
        return False


async def _chunks(job: ImportJob, data: bytes, importer: Importer[Item], *, until: float) -> bool:
    header, rows = await asyncio.to_thread(table_of, data, job.encoding)
    require_columns(header, importer.needed)
    parse, done = importer.reading(header), job.rows_done
    batches = _after(rows, done)
    while batch := await asyncio.to_thread(next, batches, None):
        parsed = parse_rows(batch, FIRST_ROW + done, header, importer.columns, parse)
        async with transaction() as session:
            ours = await jobs.advance(session, job.id, parsed, importer, done=done, now=clock.now())
        if not ours:
            return False
        done += len(batch)
        if time.monotonic() > until:
            return True
    async with transaction() as session:
        await jobs.finish(session, job.id, now=clock.now())
    return False


def _after(rows: Iterator[Cells], done: int) -> Iterator[list[Cells]]:
    """Yield what follows the first `done` rows, in chunks."""
    rest = islice(rows, done, None)
    while batch := list(islice(rest, CHUNK)):
        yield batch


def _importer(job: ImportJob) -> Importer[Any]:
    """Return what imports the rows of a job.

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
    if job.kind not in of_kind:
        raise UnreadableTableError(f"{job.kind} are imported by organizations, with their own key.")
    return of_kind[job.kind]
