"""What became of the rows of a file, as CSV, in pieces: a report may have a million lines."""

from collections.abc import AsyncIterator
from typing import Final

from api.importing import caveat_of
from api.sheets import BYTE_ORDER_MARK, csv_of
from core.db import transaction
from labels.import_jobs import chunks
from labels.import_jobs.tables import ImportJob
from labels.import_jobs.takers import PROBLEM_COLUMNS
from points.earning.sales_files import lines, takers

NOTE: Final = "note"
"""Stands in a last line that is of no row, and tells the import's caveat."""
_NOTED: Final = 5
"""The columns of such a line besides those that are left empty before its last: the first four, and that."""
_STRETCHES_AT_ONCE: Final = 1


async def report_of(job: ImportJob) -> AsyncIterator[str]:
    """Yield the report in pieces; each is read in a transaction of its own, for a slow reader must not hold one."""
    columns = lines.REPORT_COLUMNS if job.kind in takers.KINDS else PROBLEM_COLUMNS
    yield BYTE_ORDER_MARK + csv_of([columns])
    row = -1
    while True:
        async with transaction() as session:
            found = await chunks.reports(session, job.id, after=row, limit=_STRETCHES_AT_ONCE)
        if not found:
            break
        row = found[-1][0]
        yield csv_of(line for _, told in found for line in told)
    if (caveat := caveat_of(job)) is not None:
        yield csv_of([["", "", "", NOTE, *[""] * (len(columns) - _NOTED), caveat]])
