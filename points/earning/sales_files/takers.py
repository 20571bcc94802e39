"""What takes the rows of a file of sales or returns to the use cases behind the API, a chunk at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from labels.import_jobs.archives import Bounds
from labels.import_jobs.cutting import STRETCH_ROWS
from labels.import_jobs.spreadsheets import Cells, Row
from labels.import_jobs.takers import Taken, Taker
from labels.import_rows import Counts, require_columns
from points.earning.activities import Outcome, SaleLine
from points.earning.adjustments.return_lines import Returned, ReturnLine
from points.earning.imports import Unreadable, return_of_row, sale_of
from points.earning.returns import record_returns
from points.earning.sales import record_sales
from points.earning.sales_files.lines import ReadLines, Told, about, read_lines, tell_outcomes, tell_unreadable
from points.earning.times import LOCAL
from points.programmes.queries import programme
from points.residents.recognition import TillKeys

SALES: Final = "sales"
RETURNS: Final = "returns"
KINDS: Final = (SALES, RETURNS)
MOST_LINES: Final = 1_000_000
CHUNK_LINES: Final = 2_000
"""Lines in one database transaction. More make it hardly cheaper, and hold residents longer."""
UNFORESEEN: Final = (
    f"A dry run looks at about {CHUNK_LINES:,} lines at a time, all those of a member code within {STRETCH_ROWS:,} "
    "together, and keeps nothing of them: caps, budgets, guards and lines that are there twice were seen among those "
    "only. Taken in earnest, less of the file may count than is told here."
)
"""What is to be said of a dry run of more lines than CHUNK_LINES."""
_BOUNDS: Final = Bounds(rows=MOST_LINES, unpacked_bytes=600_000_000, elements=4_000_000)
_NEEDED: Final = (("receipt",), ("line",), ("member_code",), ("code",), ("quantity",))


def taker_of(kind: str, programme_id: UUID, retailer_id: UUID, keys: TillKeys, *, dry_run: bool = False) -> Taker:
    """Return what takes a retailer's file of one of KINDS within a programme. Lines count in any order."""
    assert kind in KINDS
    file = _File(programme_id, retailer_id, keys, dry_run)
    needed = (*_NEEDED, ("sold_at",) if kind == SALES else ("returned_at",))
    return Taker(
        partial(require_columns, needed=needed),
        file.sales if kind == SALES else file.returns,
        bounds=_BOUNDS,
        chunk_rows=CHUNK_LINES,
        ordered=False,
        about=about,
        json_lines=True,
        local=LOCAL,
    )


@dataclass(frozen=True, slots=True)
class _File:
    """Takes the lines of one retailer's file."""

    programme_id: UUID
    retailer_id: UUID
    keys: TillKeys
    dry_run: bool

    async def sales(
        self, session: AsyncSession, header: Cells, numbers: Sequence[int], rows: Sequence[Row], now: datetime
    ) -> Taken:
        """Credit the lines of some rows."""
        read = read_lines(header, numbers, rows, partial(self._sale, await self._zone(session)))
        return _told(
            read,
            await record_sales(session, self.programme_id, self.retailer_id, read.lines, keys=self.keys, now=now),
            dry_run=self.dry_run,
        )

    async def returns(
        self, session: AsyncSession, header: Cells, numbers: Sequence[int], rows: Sequence[Row], now: datetime
    ) -> Taken:
        """Take back what the lines of some rows brought back."""
        read = read_lines(header, numbers, rows, partial(self._return, await self._zone(session)))
        reported = [(self.retailer_id, line) for line in read.lines]
        outcomes = await record_returns(session, self.programme_id, reported, keys=self.keys, now=now)
        return _told(read, outcomes, dry_run=self.dry_run)

    async def _zone(self, session: AsyncSession) -> ZoneInfo:
        return ZoneInfo((await programme(session, self.programme_id)).time_zone)

    def _sale(self, zone: ZoneInfo, row: Mapping[str, object]) -> SaleLine | Unreadable:
        found = sale_of(row, zone, only=str(self.retailer_id))
        return found if isinstance(found, Unreadable) else found.line

    def _return(self, zone: ZoneInfo, row: Mapping[str, object]) -> ReturnLine | Unreadable:
        found = return_of_row(row, zone, only=str(self.retailer_id))
        return found if isinstance(found, Unreadable) else found.line


def _told(
    read: ReadLines[SaleLine] | ReadLines[ReturnLine], outcomes: Sequence[Outcome | Returned], *, dry_run: bool
) -> Taken:
    told = Told()
    tell_outcomes(told, read.numbers, read.lines, outcomes, dry_run=dry_run)
    tell_unreadable(told, read.unreadable, read.blank)
    refused = told.totals["refused"] + told.totals["unreadable"]
    return Taken(Counts(refused=refused), dict(+told.totals), list(told.report), frozenset(told.touched))
