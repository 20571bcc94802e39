"""What became of the rows of a file, as CSV, in pieces: a report may have a million lines."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

from core.db import transaction
from labels.import_jobs import chunks
from labels.import_jobs.tables import ImportJob
from labels.import_jobs.takers import PROBLEM_COLUMNS
from points.earning.sales_files import lines, takers

_CHUNKS_AT_ONCE: Final = 4
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


async def report_of(job: ImportJob) -> AsyncIterator[str]:
    """Yield the report in pieces; each is read in a transaction of its own, for a slow reader must not hold one."""
    columns = lines.REPORT_COLUMNS if job.kind in takers.KINDS else PROBLEM_COLUMNS
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + _csv([columns])  # by which spreadsheets see that it is UTF-8
    number = -1
    while True:
        async with transaction() as session:
            found = await chunks.reports(session, job.id, after=number, limit=_CHUNKS_AT_ONCE)
        if not found:
            return
        number = found[-1][0]
        yield _csv(_cells(line) for _, told in found for line in told)


def _cells(line: Sequence[object]) -> list[object]:
    """Return a line of the report. What would be a formula to a spreadsheet is made text."""
    return [f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in line]


def _csv(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
