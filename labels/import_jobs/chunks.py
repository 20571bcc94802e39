"""The chunks of an import: cut from its file, taken one after the other or several at once, and what became of each.

What a chunk's rows led to, its report and how far the import has come are one database transaction. So an import can
be taken up by anybody at any time where it was left, and a chunk that two take at once counts once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.errors import ImportCancelledError
from labels.import_jobs.cutting import Chunk
from labels.import_jobs.jobs import locked
from labels.import_jobs.spreadsheets import Cells
from labels.import_jobs.tables import ImportJob
from labels.import_jobs.takers import Line, Taken, Taker
from labels.import_jobs.uploads import PART_BYTES
from labels.queries import run

_PARTS: Final = text("""
    SELECT number, data FROM import_part WHERE job_id = :job_id AND number >= :first ORDER BY number LIMIT :limit
""")
_DROP_PARTS: Final = text("DELETE FROM import_part WHERE job_id = :job_id")
_KEEP: Final = text("""
    INSERT INTO import_chunk (job_id, number, first_row, rows, data, done)
    SELECT :job_id, (SELECT count(*) FROM import_chunk WHERE job_id = :job_id) + n.place, n.first, n.size, n.data, false
    FROM unnest(CAST(:places AS integer[]), CAST(:firsts AS integer[]), CAST(:sizes AS integer[]),
        CAST(:data AS bytea[])) AS n (place, first, size, data)
""")
_ANY: Final = text("""
    SELECT number, first_row, data FROM import_chunk WHERE job_id = :job_id AND NOT done
    ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
""")
_NEXT: Final = text("""
    SELECT number, first_row, data FROM import_chunk WHERE job_id = :job_id AND NOT done
        AND number = (SELECT min(number) FROM import_chunk WHERE job_id = :job_id AND NOT done)
    FOR UPDATE SKIP LOCKED
""")
_DONE: Final = text("""
    UPDATE import_chunk SET done = true, data = NULL, report = :report WHERE job_id = :job_id AND number = :number
""")
# By stretches: the chunks of one have rows from all over it.
_REPORTS: Final = text("""
    SELECT first_row, report FROM import_chunk WHERE job_id = :job_id AND report IS NOT NULL AND first_row IN (
        SELECT DISTINCT first_row FROM import_chunk WHERE job_id = :job_id AND first_row > :after
            AND report IS NOT NULL
        ORDER BY first_row LIMIT :limit
    )
    ORDER BY first_row, number
""")


_first: Final = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Cut:
    """Chunks of rows just cut from a file.

    With what is known of the file then: its header, the byte after the last of the rows, and whether that was all.
    """

    header: Cells
    chunks: list[Chunk]
    byte: int
    is_whole: bool

    @property
    def rows(self) -> int:
        """How many rows they have together."""
        return sum(len(each.rows) for each in self.chunks)


async def parts(session: AsyncSession, job_id: UUID, *, first: int, limit: int) -> list[bytes]:
    """Return pieces of an import's file from number `first` on; piece `n` begins at byte `n` times PART_BYTES."""
    return [row[1] for row in await run(session, _PARTS, {"job_id": job_id, "first": first, "limit": limit})]


def part_of(byte: int) -> int:
    """Return the number of the piece in which a byte lies."""
    return byte // PART_BYTES


async def keep(session: AsyncSession, job_id: UUID, cut: Cut, *, before: int, now: datetime) -> bool:
    """Keep chunks that follow the first `before` rows; return False when somebody else has done so, or ended it."""
    job = await locked(session, job_id)
    if job is None or job.cut or job.rows_cut != before:
        return False
    columns = {
        "places": list(range(len(cut.chunks))),
        "firsts": [each.stretch for each in cut.chunks],
        "sizes": [len(each.rows) for each in cut.chunks],
        "data": [_packed(each) for each in cut.chunks],
    }
    await run(session, _KEEP, {"job_id": job_id, **columns})
    job.header, job.bytes_cut, job.cut = cut.header, cut.byte, cut.is_whole
    job.rows_cut += cut.rows
    job.attempts, job.updated_at = 0, now
    await session.flush()
    if cut.is_whole:
        await run(session, _DROP_PARTS, {"job_id": job_id})
    return True


async def advance(session: AsyncSession, job: ImportJob, taker: Taker, *, now: datetime) -> Taken | None:
    """Take a chunk that nobody has taken; return what became of it, or None when there is none to be had.

    Raises:
        ImportCancelledError: the import was ended meanwhile; roll this back.
    """
    found = await run(session, _NEXT if taker.ordered else _ANY, {"job_id": job.id})
    if not found:
        return None
    number, first_row, data = found[0]
    chunk = _unpacked(first_row, data)
    taken = await _taken(session, job, taker, chunk, now)
    report = orjson.dumps(taken.report) if taken.report else None
    await run(session, _DONE, {"job_id": job.id, "number": number, "report": report})
    await _count(session, job.id, taken, len(chunk.rows), now)
    return taken


async def _taken(session: AsyncSession, job: ImportJob, taker: Taker, chunk: Chunk, now: datetime) -> Taken:
    """Have the rows of a chunk taken; in a dry run, take back whatever came of it."""
    header = job.header or []
    if not job.dry_run:
        return await taker.take(session, header, chunk.numbers, chunk.rows, now)
    async with session.begin_nested() as attempt:
        taken = await taker.take(session, header, chunk.numbers, chunk.rows, now)
        await attempt.rollback()
    return taken


def _packed(chunk: Chunk) -> bytes:
    return orjson.dumps(chunk.rows if chunk.follow else {"numbers": chunk.numbers, "rows": chunk.rows})


def _unpacked(first_row: int, data: bytes) -> Chunk:
    found = orjson.loads(data)
    if isinstance(found, dict):
        return Chunk(first_row, found["numbers"], found["rows"])
    return Chunk(first_row, range(first_row, first_row + len(found)), found)


async def _count(session: AsyncSession, job_id: UUID, taken: Taken, rows: int, now: datetime) -> None:
    """Count a chunk. The job's row comes last: who holds it has only to commit, so several hardly meet there."""
    job = await locked(session, job_id)
    if job is None:
        raise ImportCancelledError
    job.rows_done += rows
    job.registered += taken.counts.registered
    job.unchanged += taken.counts.unchanged
    job.quarantined += taken.counts.quarantined
    job.refused += taken.counts.refused
    job.totals = job.totals | {name: job.totals.get(name, 0) + count for name, count in taken.totals.items()}
    job.attempts, job.updated_at = 0, now
    await session.flush()


async def reports(session: AsyncSession, job_id: UUID, *, after: int, limit: int) -> list[tuple[int, list[Line]]]:
    """Return what is told of the rows of so many stretches behind the one that begins with the row `after`.

    Each with the number of the stretch's first row, and in the order of the rows.
    """
    found: Sequence[Sequence[Any]] = await run(session, _REPORTS, {"job_id": job_id, "after": after, "limit": limit})
    return [(first, _merged([orjson.loads(report) for _, report in told])) for first, told in groupby(found, _first)]


def _merged(told: list[list[Line]]) -> list[Line]:
    return told[0] if len(told) == 1 else sorted((line for lines in told for line in lines), key=_first)
