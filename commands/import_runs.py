"""One import: every row parsed, everything sound registered in one database transaction, everything else told."""

import csv
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, Generic, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from commands.progress import Bar
from commands.tables import REST, opened, row_count, rows
from core import clock
from core.db import transaction
from core.errors import OperatorError
from labels.catalogue import Registered, Rejected, Result, Unchanged
from labels.imports import cell

Item = TypeVar("Item")
Row = Mapping[str, str]

_BATCH: Final = 1_000
_SHOWN: Final = 10
_FIRST_ROW: Final = 2
"""Rows are numbered as a spreadsheet shows them: the header is row 1."""


@dataclass(frozen=True, slots=True)
class Importer(Generic[Item]):
    """What is imported: the columns it needs, how a row is read, and the use case that registers a batch."""

    what: str
    needed: tuple[tuple[str, ...], ...]
    parse: Callable[[Row], Item | list[Rejected]]
    register: Callable[[AsyncSession, Sequence[Item], datetime], Awaitable[list[Result]]]


@dataclass(frozen=True, slots=True)
class Refused:
    """One thing that is wrong with one row."""

    row: int
    field: str
    value: str
    reason: str


@dataclass(slots=True)
class Report:
    """What became of a file."""

    registered: int = 0
    unchanged: int = 0
    quarantined: int = 0
    refused_rows: int = 0
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, number: int, row: Row, faults: Sequence[Rejected]) -> None:
        """Note everything that is wrong with a row."""
        self.refused_rows += 1
        self.refused += [Refused(number, fault.field, cell(row, fault.field), fault.reason) for fault in faults]

    def take(self, number: int, row: Row, result: Result) -> None:
        """Note what the registry answered."""
        match result:
            case Rejected():
                self.refuse(number, row, [result])
            case Unchanged():
                self.unchanged += 1
            case Registered(status="quarantined"):
                self.quarantined += 1
            case _:
                self.registered += 1


async def run(path: Path, importer: Importer[Item], *, dry_run: bool) -> Report:
    """Import a file: whatever can be registered is, all of it or (when interrupted, or in a dry run) nothing.

    Raises:
        OperatorError: the file can not be read, or lacks a column.
    """
    report = Report()
    with opened(path) as file, Bar(f"Importing {importer.what}", row_count(path)) as bar:
        numbered = enumerate(rows(file, *importer.needed), start=_FIRST_ROW)
        async with transaction() as session:
            while batch := list(islice(numbered, _BATCH)):
                await _take(session, importer, batch, report)
                bar.advance(len(batch))
            if dry_run:
                await session.rollback()
    return report


async def _take(
    session: AsyncSession, importer: Importer[Item], batch: Sequence[tuple[int, dict[str, str]]], report: Report
) -> None:
    sound: list[tuple[int, Row, Item]] = []
    for number, row in batch:
        if REST in row:
            report.refuse(number, row, [Rejected("row", "has more cells than the header has columns.")])
            continue
        parsed = importer.parse(row)
        if isinstance(parsed, list):
            report.refuse(number, row, parsed)
        else:
            sound.append((number, row, parsed))
    results = await importer.register(session, [item for _, _, item in sound], clock.now())
    for (number, given, _), result in zip(sound, results, strict=True):
        report.take(number, given, result)


def write(report: Report, path: Path) -> None:
    """Write every refusal as a row of a CSV file.

    Raises:
        OperatorError: the file can not be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("row", "field", "value", "reason"))
            writer.writerows(
                (each.row, each.field, each.value, each.reason)
                for each in sorted(report.refused, key=lambda each: each.row)
            )
    except OSError as error:
        raise OperatorError(f"The report can not be written to {path}: {error.strerror}.") from error


def show(report: Report, console: Console, *, dry_run: bool) -> None:
    """Print what became of the rows, and the first refusals."""
    for line in _lines(report, dry_run=dry_run):
        console.print(line, highlight=False)
    if not report.refused:
        return
    fields = ", ".join(
        f"{name} {count:,}" for name, count in Counter(one.field for one in report.refused).most_common()
    )
    table = Table("Row", "Field", "Value", "Reason", title=f"Refused, by field: {escape(fields)}", title_justify="left")
    for each in sorted(report.refused, key=lambda each: each.row)[:_SHOWN]:
        table.add_row(str(each.row), escape(each.field), escape(each.value[:40]), escape(each.reason))
    console.print(table)
    if len(report.refused) > _SHOWN:
        console.print(f"... and {len(report.refused) - _SHOWN:,} more; --report FILE.csv keeps them all.")


def _lines(report: Report, *, dry_run: bool) -> Iterator[str]:
    would = "would be " if dry_run else ""
    yield f"{report.registered:,} {would}registered, {report.unchanged:,} were registered before."
    if report.quarantined:
        yield f"{report.quarantined:,} {would}kept for review: out of their category's plausible range."
    if report.refused_rows:
        yield f"{report.refused_rows:,} refused."
    if dry_run:
        yield "This was a dry run: nothing was changed."
