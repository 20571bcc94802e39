"""What takes the rows of a file of sales to the use case behind `POST /v1/sales`, a chunk at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from labels.import_jobs.archives import Bounds
from labels.import_jobs.spreadsheets import Cells, Row
from labels.import_jobs.takers import Taken, Taker
from labels.import_rows import Counts, require_columns
from points.earning.activities import SaleLine
from points.earning.imports import ReportedSale, Unreadable, sale_of
from points.earning.sales import record_sales
from points.earning.sales_files.lines import Told, read_lines, tell_outcomes, tell_unreadable
from points.residents.recognition import TillKeys

SALES: Final = "sales"
KINDS: Final = (SALES,)
MOST_LINES: Final = 1_000_000
CHUNK_LINES: Final = 2_000
"""Lines in one database transaction. More make it no cheaper, and hold residents longer."""
_BOUNDS: Final = Bounds(rows=MOST_LINES, unpacked_bytes=600_000_000, elements=4_000_000)
_SALES_NEED: Final = (("receipt",), ("line",), ("member_code",), ("code",), ("quantity",), ("sold_at",))


def taker_of(kind: str, programme_id: UUID, retailer_id: UUID, keys: TillKeys) -> Taker:
    """Return what takes a retailer's file of one of KINDS within a programme. Lines count in any order."""
    assert kind in KINDS
    return Taker(
        _requiring(_SALES_NEED),
        _Sales(programme_id, retailer_id, keys).take,
        bounds=_BOUNDS,
        chunk_rows=CHUNK_LINES,
        ordered=False,
        json_lines=True,
    )


def _requiring(needed: Sequence[Sequence[str]]) -> Callable[[Cells], None]:
    def require(header: Cells) -> None:
        require_columns(header, needed)

    return require


@dataclass(frozen=True, slots=True)
class _Sales:
    """Takes the lines of sales of one retailer."""

    programme_id: UUID
    retailer_id: UUID
    keys: TillKeys

    async def take(self, session: AsyncSession, header: Cells, first: int, rows: Sequence[Row], now: datetime) -> Taken:
        """Credit the lines of some rows."""
        read = read_lines(header, first, rows, self._line)
        told = Told()
        outcomes = await record_sales(session, self.programme_id, self.retailer_id, read.lines, keys=self.keys, now=now)
        tell_outcomes(told, read, outcomes)
        tell_unreadable(told, read)
        return _taken(told)

    def _line(self, row: Mapping[str, object]) -> SaleLine | Unreadable:
        found = sale_of(row)
        return found if isinstance(found, Unreadable) else _own(found, self.retailer_id)


def _own(found: ReportedSale, retailer_id: UUID) -> SaleLine | Unreadable:
    if found.retailer and found.retailer != str(retailer_id):
        return Unreadable("retailer", "must be empty or the id of the organization that hands the file in.")
    return found.line


def _taken(told: Told) -> Taken:
    refused = told.totals["refused"] + told.totals["unreadable"]
    return Taken(Counts(refused=refused), dict(+told.totals), list(told.report), frozenset(told.touched))
