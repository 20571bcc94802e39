"""`tanhui import`: the registry from tables, with a reason for every row that is refused, and nothing half done."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from sqlmodel.ext.asyncio.session import AsyncSession

from commands.door import perform
from commands.help_texts import help_text
from commands.import_runs import Importer, Item, run, show, write
from commands.tables import opened, rows
from labels.catalogue import (
    NewFootprint,
    NewProduct,
    Rejected,
    Result,
    register_categories,
    register_footprints,
    register_products,
)
from labels.factor_imports import FACTOR_COLUMNS, factor_of
from labels.factors import register_baselines, register_factors
from labels.imports import (
    BASELINE_COLUMNS,
    FOOTPRINT_COLUMNS,
    PRODUCT_COLUMNS,
    NewBaseline,
    baseline_of,
    footprint_of,
    product_of,
)
from labels.metrics import NewFactor

_HOW: Final = """\
The file is CSV in UTF-8 with a header, packed with gzip or not. Columns that are not listed here are left aside.

A row that is wrong is refused alone, with its number, field and reason. The others are registered together in one
database transaction: an import that is interrupted leaves nothing behind. What is registered already is left as it is,
so the same file can be imported again. Exit code 1 when a row was refused."""

app = typer.Typer(help="Put products, footprints, baselines and factors into the registry.", no_args_is_help=True)
_console = Console()

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV file, or CSV.gz.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each row.")]
ReportFile = Annotated[Path | None, typer.Option("--report", help="Write every refusal to this CSV file.")]


def _help(what: str, columns: Mapping[str, str], example: str) -> str:
    return help_text(f"{what}\n\n{_HOW}", columns, example)


@app.command(
    "products",
    help=_help("Register products.", PRODUCT_COLUMNS, "tanhui import products products.csv --report refused.csv"),
)
def import_products(
    file: File,
    *,
    dry_run: DryRun = False,
    report: ReportFile = None,
    categories: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="A CSV file with the columns category and category_id: what the words mean.",
        ),
    ] = None,
    amend: Annotated[
        bool, typer.Option("--amend", help="Products registered before with other values take the new ones.")
    ] = False,
) -> None:
    """Register products."""
    meanings = {} if categories is None else _meanings(categories)

    async def register(session: AsyncSession, items: Sequence[NewProduct], now: datetime) -> list[Result]:
        return await register_products(session, items, now=now, amend=amend)

    parse = partial(product_of, source=file.name, categories=meanings)
    _run(file, Importer("products", (("gtin", "gtin14", "code"),), parse, register), dry_run=dry_run, report=report)


@app.command(
    "footprints",
    help=_help(
        "Register footprints of registered products. One outside its category's plausible range is kept for review.",
        FOOTPRINT_COLUMNS,
        "tanhui import footprints footprints.csv --dry-run",
    ),
)
def import_footprints(file: File, *, dry_run: DryRun = False, report: ReportFile = None) -> None:
    """Register footprints."""

    async def register(session: AsyncSession, items: Sequence[NewFootprint], now: datetime) -> list[Result]:
        return await register_footprints(session, items, now=now)

    needed = (("gtin", "gtin14"), ("kg_co2e_per_unit",), ("functional_unit",), ("boundary",), ("valid_from",))
    parse = partial(footprint_of, source=file.name)
    _run(file, Importer("footprints", needed, parse, register), dry_run=dry_run, report=report)


@app.command(
    "baselines",
    help=_help(
        "Register baselines, each superseding the one before it, and the categories they bring along.",
        BASELINE_COLUMNS,
        "tanhui import baselines baselines.csv",
    ),
)
def import_baselines(file: File, *, dry_run: DryRun = False, report: ReportFile = None) -> None:
    """Register baselines."""
    needed = (("category_id",), ("kg_co2e_per_unit",), ("functional_unit",), ("boundary",), ("valid_from",))
    parse = partial(baseline_of, source=file.name)
    importer = Importer("baselines", needed, parse, _register_baselines)
    _run(file, importer, dry_run=dry_run, report=report)


@app.command(
    "factors",
    help=_help(
        "Register emission factors, each vintage a row that supersedes the one before it. The extract of the "
        "announcements of China's electricity factors can be imported as it is.",
        FACTOR_COLUMNS,
        "tanhui import factors factors.csv",
    ),
)
def import_factors(file: File, *, dry_run: DryRun = False, report: ReportFile = None) -> None:
    """Register emission factors."""

    async def register(session: AsyncSession, items: Sequence[NewFactor], now: datetime) -> list[Result]:
        return await register_factors(session, items, now=now)

    needed = (("metric",), ("value",), ("unit",), ("year",), ("boundary",))
    parse = partial(factor_of, source=file.name)
    _run(file, Importer("factors", needed, parse, register), dry_run=dry_run, report=report)


async def _register_baselines(session: AsyncSession, items: Sequence[NewBaseline], now: datetime) -> list[Result]:
    """Register the categories that rows bring along, then the baselines, day by day as they hold."""
    bringing = [place for place, item in enumerate(items) if item.category is not None]
    brought = [category for item in items if (category := item.category) is not None]
    answers = dict(zip(bringing, await register_categories(session, brought), strict=True))
    results: dict[int, Result] = {place: one for place, one in answers.items() if isinstance(one, Rejected)}
    rest = sorted((place for place in range(len(items)) if place not in results), key=lambda place: _days(items[place]))
    for (valid_from, valid_until), group in groupby(rest, key=lambda place: _period(items[place])):
        places = list(group)
        registered = await register_baselines(
            session,
            [items[place].draft for place in places],
            valid_from=valid_from,
            valid_until=valid_until,
            now=now,
        )
        results |= dict(zip(places, registered, strict=True))
    return [results[place] for place in range(len(items))]


def _period(item: NewBaseline) -> tuple[date, date | None]:
    return item.valid_from, item.valid_until


def _days(item: NewBaseline) -> tuple[date, date]:
    return item.valid_from, item.valid_until or date.max


def _meanings(path: Path) -> dict[str, str]:
    with opened(path) as file:
        return {
            row["category"].strip(): row["category_id"].strip() for row in rows(file, ("category",), ("category_id",))
        }


def _run(file: Path, importer: Importer[Item], *, dry_run: bool, report: Path | None) -> None:
    """Import, print and write what became of the rows, and end with 1 when one was refused."""
    found = perform(lambda: run(file, importer, dry_run=dry_run))
    show(found, _console, dry_run=dry_run)
    if report is not None:
        write(found, report)
    if found.refused_rows:
        raise typer.Exit(1)
