"""Files of sales and returns as retailers hand them in, and their imports without a queue."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import orjson

from core.db import transaction
from labels.import_jobs import chunks
from points.earning.sales_files.lines import REPORT_COLUMNS
from points.programmes.tables import Programme
from tests.factories import import_jobs
from tests.factories.tables import csv_of, xlsx_of

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
    return await import_jobs.hand_in(data, kind, retailer_id, within_id=programme.programme_id, dry_run=dry_run)


async def report_of(job_id: UUID) -> list[Mapping[str, object]]:
    async with transaction() as session:
        found = await chunks.reports(session, job_id, after=-1, limit=10_000)
    return [dict(zip(REPORT_COLUMNS, line, strict=True)) for _, lines in found for line in lines]
