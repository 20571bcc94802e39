"""One import: every row parsed, everything sound registered in one database transaction, everything else told."""

import asyncio
import csv
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.progress import Bar
from commands.tables import cells, opened, row_count
from core import clock
from core.db import transaction
from core.errors import OperatorError
from core.garbage import settle
from labels.errors import UnreadableTableError
from labels.import_rows import FIRST_ROW, Counts, ParsedRows, Problem, parse_rows, require_columns
from labels.import_rows import settle as settled
from labels.importers import Importer, Item

_BATCH: Final = 5_000
_SHOWN: Final = 10
_REPORT_COLUMNS: Final = ("row", "field", "value", "reason", "remedy")

Write = Callable[[Sequence[Problem]], None]


@dataclass(slots=True)
class Report:
    """What became of a file; of its problems only the first, and how many there are of each field."""

    counts: Counts = field(default_factory=Counts)
    fields: Counter[str] = field(default_factory=Counter)
    first: list[Problem] = field(default_factory=list)

    def take(self, counts: Counts, problems: Sequence[Problem]) -> None:
        """Note what became of a batch."""
        self.counts.add(counts)
        self.fields.update(each.field for each in problems)
        self.first += problems[: _SHOWN - len(self.first)]


async def run(path: Path, importer: Importer[Item], *, dry_run: bool, report: Path | None = None) -> Report:
    """Import a file: whatever can be registered is, all of it or (when interrupted, or in a dry run) nothing.

    Every problem is written to the file `report`, as it is met: memory does not grow with the table.

    Raises:
        OperatorError: the file can not be read or lacks a column, or the report can not be written.
    """
    settle()
    found = Report()
    counting = asyncio.create_task(asyncio.to_thread(row_count, path))
    with opened(path) as file, _writing(report) as write, Bar(f"Importing {importer.what}", None) as bar:
        header, rows = cells(file)
        try:
            require_columns(header, importer.needed)
        except UnreadableTableError as error:
            raise OperatorError(str(error)) from error
        async with transaction() as session:
            async for parsed in _ahead(_batches(rows, header, importer)):
                results = await importer.register(session, parsed.items, clock.now())
                counts, problems = settled(parsed, results)
                found.take(counts, problems)
                write(problems)
                bar.advance(parsed.size)
                if counting.done():
                    bar.expect(counting.result())
            if dry_run:
                await session.rollback()
    return found


def _batches(rows: Iterator[list[str]], header: Sequence[str], importer: Importer[Item]) -> Iterator[ParsedRows[Item]]:
    parse, number = importer.reading(header), FIRST_ROW
    while batch := list(islice(rows, _BATCH)):
        yield parse_rows(batch, number, header, importer.columns, parse)
        number += len(batch)


async def _ahead(batches: Iterator[ParsedRows[Item]]) -> AsyncIterator[ParsedRows[Item]]:
    """Yield batches, of which the next is read in a thread while the database is at work on the one before."""
    coming = asyncio.create_task(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await coming) is not None:
            coming = asyncio.create_task(asyncio.to_thread(next, batches, None))
            yield batch
    finally:
        await asyncio.wait([coming])  # the file is closed next, and must not be read any more


@contextmanager
def _writing(report: Path | None) -> Iterator[Write]:
    """Yield what writes problems to a CSV file, or nowhere.

    Raises:
        OperatorError: the file can not be written.
    """
    if report is None:
        yield lambda _: None
        return
    try:
        with report.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_REPORT_COLUMNS)
            yield lambda problems: writer.writerows(_cells_of(each) for each in problems)
    except OSError as error:
        raise OperatorError(f"The report can not be written to {report}: {error.strerror}.") from error


def _cells_of(problem: Problem) -> tuple[Any, ...]:
    return tuple(getattr(problem, name) for name in _REPORT_COLUMNS)


def show(report: Report, console: Console, *, dry_run: bool) -> None:
    """Print what became of the rows, and the first refusals."""
    for line in _lines(report.counts, dry_run=dry_run):
        console.print(line, highlight=False)
    if not report.first:
        return
    fields = ", ".join(f"{name} {count:,}" for name, count in report.fields.most_common())
    table = Table("Row", "Field", "Value", "Reason", title=f"Refused, by field: {escape(fields)}", title_justify="left")
    for each in report.first:
        table.add_row(str(each.row), escape(each.field), escape(each.value[:40]), escape(each.reason))
    console.print(table)
    if (more := report.fields.total() - len(report.first)) > 0:
        console.print(f"... and {more:,} more; --report FILE.csv keeps them all.")


def _lines(counts: Counts, *, dry_run: bool) -> Iterator[str]:
    would = "would be " if dry_run else ""
    yield f"{counts.registered:,} {would}registered, {counts.unchanged:,} were registered before."
    if counts.quarantined:
        yield f"{counts.quarantined:,} {would}kept for review: out of their category's plausible range."
    if counts.refused:
        yield f"{counts.refused:,} refused."
    if dry_run:
        yield "This was a dry run: nothing was changed."
