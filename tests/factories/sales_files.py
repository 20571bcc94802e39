"""Files of sales and returns as retailers hand them in, and their imports without a queue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson
from sqlmodel import col, select

from core import clock
from core.db import transaction
from labels.catalogue import register_organization
from labels.import_jobs import chunks
from points.earning.sales_files.lines import REPORT_COLUMNS
from points.programmes.tables import Programme
from points.residents.tables import Resident
from tests.factories import import_jobs
from tests.factories.labels import NOW, make_labelled
from tests.factories.residents import make_residents
from tests.factories.tables import csv_of, xlsx_of

SALES = ("receipt", "line", "member_code", "code", "quantity", "sold_at")
RETURNS = ("receipt", "line", "bought_receipt", "bought_line", "member_code", "code", "quantity", "returned_at")

Cells = Sequence[object]
SOLD_AT = clock.now() - timedelta(hours=1)


@dataclass(frozen=True)
class Shop:
    programme: Programme
    retailer_id: UUID
    gtin: str
    member_codes: Sequence[str]

    def rows(self, count: int) -> list[tuple[object, ...]]:
        """Return lines of receipts of two lines each, for one member after the other."""
        return [
            (f"r{number // 2}", number % 2 + 1, self.member_codes[number % 3], self.gtin, 1, SOLD_AT.isoformat())
            for number in range(count)
        ]


async def make_shop(programme: Programme) -> Shop:
    """Register a retailer and a labelled product, and enrol three members."""
    async with transaction() as session:
        labelled = await make_labelled(session)
        made = await register_organization(session, name_zh="店", name_en="Shop", roles=["retailer"], now=NOW)
        ids = await make_residents(session, programme, 3)
        found = await session.exec(
            select(Resident.member_code).where(
                Resident.programme_id == programme.programme_id, col(Resident.resident_id).in_(ids)
            )
        )
        return Shop(programme, made.id, labelled.gtin, found.all())


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


async def told_of(shop: Shop, data: bytes, kind: str = "sales", *, dry_run: bool = False) -> list[Mapping[str, object]]:
    """Hand a file in, have it taken, and return its report."""
    job_id = await hand_in(shop.programme, shop.retailer_id, data, kind, dry_run=dry_run)
    assert (await import_jobs.finished(job_id)).state == "done"
    return await report_of(job_id)
