"""`tanhui import sales` and `tanhui import returns`: a retailer's file by the same way as over HTTP, watched here."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from api.sheets import csv_of
from commands.door import chosen_programme, perform
from commands.help_texts import help_text
from commands.progress import Bar
from core import clock
from core.db import transaction
from core.errors import OperatorError
from core.ids import new_id
from labels import listings
from labels.import_jobs import chunks, uploads
from labels.import_jobs.lines import Encoding
from labels.import_jobs.tables import ImportJob
from labels.import_jobs.uploads import PART_BYTES, NewImport
from points.earning.imports import RETURN_COLUMNS, SALE_COLUMNS
from points.earning.sales_files.lines import BY_REASON, REPORT_COLUMNS
from points.earning.sales_files.takers import RETURNS, SALES
from workers.importing import take_forward

_HOW: Final = """\
The file is CSV, XLSX or a JSON object a line, of up to a million lines. Each line counts once, however often it is
sent, by this command or over HTTP: an import that was interrupted is simply run again. Exit code 1 when a row could not
be read; lines that earn nothing are told with their reason."""
_SECONDS: Final = 2.0
"""How long a step takes, after which the progress is shown."""
_PAUSE_SECONDS: Final = 1.0
"""Between two looks at what a worker is doing. An import that is begun again and again in vain is given up."""
_GRAMS: Final = ("grams", "points", "grams_taken_back", "points_taken_back")

_console = Console()

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A file of lines.")]
Retailer = Annotated[str, typer.Option(help="Id or English name of the retailer whose file it is.")]
Slug = Annotated[str | None, typer.Option(help="The programme's slug; may be left out if there is one.")]
WrittenIn = Annotated[Encoding, typer.Option("--encoding", help="Of a CSV file.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each line.")]
ReportFile = Annotated[Path | None, typer.Option("--report", help="Write what became of every line to this CSV file.")]


def _help(what: str, columns: Mapping[str, str], command: str) -> str:
    return help_text(f"{what}\n\n{_HOW}", columns, f'tanhui import {command} {command}.csv --retailer "Green Mart"')


@dataclass(frozen=True, slots=True)
class Source:
    """A file, whose it is, and what is asked for."""

    file: Path
    kind: str
    retailer: str
    programme: str | None
    encoding: Encoding
    dry_run: bool


def import_sales(
    file: File,
    *,
    retailer: Retailer,
    programme: Slug = None,
    encoding: WrittenIn = "utf-8",
    dry_run: DryRun = False,
    report: ReportFile = None,
) -> None:
    """Credit a retailer's sales."""
    _run(Source(file, SALES, retailer, programme, encoding, dry_run), report)


def import_returns(
    file: File,
    *,
    retailer: Retailer,
    programme: Slug = None,
    encoding: WrittenIn = "utf-8",
    dry_run: DryRun = False,
    report: ReportFile = None,
) -> None:
    """Take back what a retailer's returns bring back."""
    _run(Source(file, RETURNS, retailer, programme, encoding, dry_run), report)


import_sales.__doc__ = _help("Credit the sales of a retailer.", SALE_COLUMNS, SALES)
import_returns.__doc__ = _help("Take back what returned goods had credited.", RETURN_COLUMNS, RETURNS)


def _run(source: Source, report: Path | None) -> None:
    """Import, print and write what became of the lines, and end with 1 when a row could not be read."""

    async def work() -> ImportJob:
        job = await _imported(source)
        if report is not None:
            await _write(job.id, report)
        return job

    job = perform(work)
    _show(job)
    if job.failure or job.totals.get("unreadable"):
        raise typer.Exit(1)


async def _imported(source: Source) -> ImportJob:
    async with transaction() as session:
        programme = await chosen_programme(session, source.programme)
        retailer_id = await _retailer(session, source.retailer)
        given = NewImport(
            owner=f"command:{new_id()}",
            organization_id=retailer_id,
            actor="command line",
            kind=source.kind,
            filename=source.file.name,
            encoding=source.encoding,
            dry_run=source.dry_run,
            within_id=programme.programme_id,
        )
        job = await uploads.announce(session, given, now=clock.now())
    with source.file.open("rb") as opened:
        number = size = 0
        while part := opened.read(PART_BYTES):
            async with transaction() as session:
                await uploads.keep(session, job.id, number, [part], now=clock.now())
            number, size = number + 1, size + len(part)
    async with transaction() as session:
        await uploads.complete(session, job.id, size_bytes=size, now=clock.now())
    return await _followed(job.id, source.file)


async def _followed(job_id: UUID, file: Path) -> ImportJob:
    """Take an import forward here until it has ended; a worker that finds it may help."""
    with Bar(f"Importing {file.name}", None) as bar:
        while True:
            left = await take_forward(job_id, seconds=_SECONDS)
            async with transaction() as session:
                job = await session.get_one(ImportJob, job_id)
            if not left and job.state not in uploads.UNFINISHED:
                return job
            bar.set(job.rows_done, max(job.rows_cut, 1))
            if not left:  # a worker is at all that is left
                await asyncio.sleep(_PAUSE_SECONDS)


async def _retailer(session: AsyncSession, named: str) -> UUID:
    """Return the organization with an id or English name.

    Raises:
        OperatorError: there is none, or several.
    """
    found = [each.id for each in await listings.organizations(session) if named in {str(each.id), each.name_en}]
    if len(found) != 1:
        raise OperatorError(f"--retailer must be the id or English name of one organization; {len(found)} are {named}.")
    return found[0]


async def _write(job_id: UUID, report: Path) -> None:
    row = -1
    with report.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_of([REPORT_COLUMNS]))
        while True:
            async with transaction() as session:
                found = await chunks.reports(session, job_id, after=row, limit=1)
            if not found:
                return
            row = found[0][0]
            file.write(csv_of(found[0][1]))


def _show(job: ImportJob) -> None:
    """Print what became of a file."""
    if job.failure:
        _console.print(job.failure, style="bold red", highlight=False, markup=False)
    table = Table("", "", show_header=False, title=f"{job.kind}: {job.rows_done:,} rows", title_justify="left")
    table.columns[1].justify = "right"
    by_reason = {name: count for name, count in job.totals.items() if name.startswith(BY_REASON)}
    for name, count in job.totals.items():
        if name not in by_reason and name not in _GRAMS:
            table.add_row(name.capitalize(), f"{count:,}")
    for name, count in sorted(by_reason.items(), key=lambda each: -each[1]):
        table.add_row(f"  {name.removeprefix(BY_REASON)}", f"{count:,}")
    for name in _GRAMS:
        if name in job.totals:
            table.add_row(name.replace("_", " ").capitalize(), f"{job.totals[name]:,}")
    _console.print(table)
    if job.dry_run:
        _console.print("This was a dry run: nothing was changed.")
