"""What takes the rows of a file of sales or returns to the use cases behind the API, a chunk at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from labels.import_jobs.archives import Bounds
from labels.import_jobs.spreadsheets import Cells, Row
from labels.import_jobs.takers import Taken, Taker
from labels.import_rows import Counts, require_columns
from points.earning.activities import Outcome, SaleLine
from points.earning.adjustments.return_lines import Returned, ReturnLine
from points.earning.imports import Unreadable, return_of_row, sale_of
from points.earning.returns import record_returns
from points.earning.sales import record_sales
from points.earning.sales_files.lines import ReadLines, Told, read_lines, tell_outcomes, tell_unreadable
from points.residents.recognition import TillKeys

SALES: Final = "sales"
RETURNS: Final = "returns"
KINDS: Final = (SALES, RETURNS)
MOST_LINES: Final = 1_000_000
CHUNK_LINES: Final = 2_000
"""Lines in one database transaction. More make it hardly cheaper, and hold residents longer."""
_BOUNDS: Final = Bounds(rows=MOST_LINES, unpacked_bytes=600_000_000, elements=4_000_000)
_NEEDED: Final = (("receipt",), ("line",), ("member_code",), ("code",), ("quantity",))


def taker_of(kind: str, programme_id: UUID, retailer_id: UUID, keys: TillKeys) -> Taker:
    """Return what takes a retailer's file of one of KINDS within a programme. Lines count in any order."""
    assert kind in KINDS
    file = _File(programme_id, retailer_id, keys)
    needed = (*_NEEDED, ("sold_at",) if kind == SALES else ("returned_at",))
    return Taker(
        partial(require_columns, needed=needed),
        file.sales if kind == SALES else file.returns,
        bounds=_BOUNDS,
        chunk_rows=CHUNK_LINES,
        ordered=False,
        json_lines=True,
    )


@dataclass(frozen=True, slots=True)
class _File:
    """Takes the lines of one retailer's file."""

    programme_id: UUID
    retailer_id: UUID
    keys: TillKeys

    async def sales(
        self, session: AsyncSession, header: Cells, first: int, rows: Sequence[Row], now: datetime
    ) -> Taken:
        """Credit the lines of some rows."""
        read = read_lines(header, first, rows, self._sale)
        return _told(
            read,
            await record_sales(session, self.programme_id, self.retailer_id, read.lines, keys=self.keys, now=now),
        )

    async def returns(
        self, session: AsyncSession, header: Cells, first: int, rows: Sequence[Row], now: datetime
    ) -> Taken:
        """Take back what the lines of some rows brought back."""
        read = read_lines(header, first, rows, self._return)
        reported = [(self.retailer_id, line) for line in read.lines]
        return _told(read, await record_returns(session, self.programme_id, reported, keys=self.keys, now=now))

    def _sale(self, row: Mapping[str, object]) -> SaleLine | Unreadable:
        found = sale_of(row)
        return found if isinstance(found, Unreadable) else self._fault(found.retailer) or found.line

    def _return(self, row: Mapping[str, object]) -> ReturnLine | Unreadable:
        found = return_of_row(row)
        return found if isinstance(found, Unreadable) else self._fault(found.retailer) or found.line

    def _fault(self, named: str) -> Unreadable | None:
        if named in {"", str(self.retailer_id)}:
            return None
        return Unreadable("retailer", "must be empty or the id of the organization that hands the file in.")


def _told(read: ReadLines[SaleLine] | ReadLines[ReturnLine], outcomes: Sequence[Outcome | Returned]) -> Taken:
    told = Told()
    tell_outcomes(told, read.numbers, read.lines, outcomes)
    tell_unreadable(told, read.unreadable, read.blank)
    refused = told.totals["refused"] + told.totals["unreadable"]
    return Taken(Counts(refused=refused), dict(+told.totals), list(told.report), frozenset(told.touched))
