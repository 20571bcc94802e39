"""What takes the rows of a file, a chunk at a time, whatever is in them: the one shape all kinds of files share."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from labels.errors import UnreadableTableError
from labels.import_jobs.archives import Bounds
from labels.import_jobs.spreadsheets import REGISTRY_BOUNDS, Cells, Row
from labels.import_rows import Counts, parse_rows, require_columns, settle
from labels.importers import Importer, Item

Line = Sequence[object]
PROBLEM_COLUMNS: Final = ("row", "field", "value", "reason", "remedy")
_CHUNK: Final = 1_000


@dataclass(slots=True)
class Taken:
    """What became of a chunk's rows: `totals` are counts by name, `report` the lines of the report it adds.

    `touched` are those on whose behalf something changed, for who keeps an eye on them.
    """

    counts: Counts = field(default_factory=Counts)
    totals: dict[str, int] = field(default_factory=dict)
    report: list[Line] = field(default_factory=list)
    touched: frozenset[UUID] = frozenset()


Take = Callable[[AsyncSession, Cells, Sequence[int], Sequence[Row], datetime], Awaitable[Taken]]


@dataclass(frozen=True, slots=True)
class Taker:
    """One kind of file: what its header must have, what it may hold, and what takes a chunk of it.

    `take` is handed the session, the header, the numbers of the rows, the rows and the time. Where chunks are `ordered`
    each comes after the one before it; else several are taken at once, and what `about` tells of two rows of a table
    with some header is the same for those that had better be in one. `local` ends the text of times that a workbook
    knows as such.
    """

    require: Callable[[Cells], None]
    take: Take
    chunk_rows: int
    bounds: Bounds = REGISTRY_BOUNDS
    ordered: bool = True
    about: Callable[[Cells], Callable[[Row], str]] | None = None
    json_lines: bool = False
    local: str = ""


def registry_taker(importer: Importer[Item]) -> Taker:
    """Return what takes tables to the registry: row by row registered, or told with a remedy."""

    def require(header: Cells) -> None:
        require_columns(header, importer.needed)

    async def take(
        session: AsyncSession, header: Cells, numbers: Sequence[int], rows: Sequence[Row], now: datetime
    ) -> Taken:
        cells = [row for row in rows if not isinstance(row, str)]
        parsed = parse_rows(cells, numbers[0], header, importer.columns, importer.reading(header))
        counts, problems = settle(parsed, await importer.register(session, parsed.items, now))
        return Taken(counts, report=[[getattr(each, name) for name in PROBLEM_COLUMNS] for each in problems])

    return Taker(require, take, chunk_rows=_CHUNK)


def only_for_organizations(kind: str) -> UnreadableTableError:
    """Return what is said of a kind that nobody but an organization hands in."""
    return UnreadableTableError(f"{kind} are imported by organizations, with their own key.")
