"""Files of sales and returns as retailers hand them in, and their imports without a queue."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import orjson

from core import clock
from core.db import transaction
from core.ids import new_id
from labels.import_jobs import chunks, uploads
from labels.import_jobs.tables import ImportJob
from labels.import_jobs.uploads import NewImport
from points.earning.sales_files.lines import REPORT_COLUMNS
from points.programmes.tables import Programme
from tests.factories.tables import csv_of, xlsx_of
from workers.importing import take_forward

SALES = ("receipt", "line", "member_code", "code", "quantity", "sold_at")
RETURNS = ("receipt", "line", "bought_receipt", "bought_line", "member_code", "code", "quantity", "returned_at")

Cells = Sequence[object]


def sales_csv(rows: Iterable[Cells], header: Sequence[str] = SALES) -> bytes:
    return csv_of(header, rows)


def sales_xlsx(rows: Iterable[Cells], header: Sequence[str] = SALES) -> bytes:
    return xlsx_of(header, rows)


def sales_ndjson(rows: Iterable[Cells], header: Sequence[str] = SALES) -> bytes:
    return b"".join(orjson.dumps(dict(zip(header, row, strict=True))) + b"\n" for row in rows)


async def hand_in(
    programme: Programme, retailer_id: UUID, data: bytes, kind: str = "sales", *, dry_run: bool = False
) -> UUID:
    given = NewImport(
        f"test:{new_id()}",
        retailer_id,
        "a test",
        kind,
        "file",
        "utf-8",
        data,
        dry_run=dry_run,
        within_id=programme.programme_id,
    )
    async with transaction() as session:
        return (await uploads.submit(session, given, now=clock.now())).id


async def finished(job_id: UUID) -> ImportJob:
    """Do what the queue does until nothing is left to do, and return the import."""
    while await take_forward(job_id, seconds=60):
        pass
    async with transaction() as session:
        return await session.get_one(ImportJob, job_id)


async def report_of(job_id: UUID) -> list[Mapping[str, object]]:
    async with transaction() as session:
        found = await chunks.reports(session, job_id, after=-1, limit=10_000)
    return [dict(zip(REPORT_COLUMNS, line, strict=True)) for _, lines in found for line in lines]
