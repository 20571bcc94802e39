"""`tanhui import`: the registry from tables, with a reason for every row that is refused, and nothing half done."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from commands.door import perform
from commands.help_texts import help_text
from commands.import_runs import run, show
from commands.sales_files import import_returns, import_sales
from commands.tables import opened, rows
from labels import importers
from labels.factor_imports import FACTOR_COLUMNS
from labels.importers import Importer, Item
from labels.imports import BASELINE_COLUMNS, FOOTPRINT_COLUMNS
from labels.product_imports import PRODUCT_COLUMNS
from labels.product_rows import ProductRow

_HOW: Final = """\
The file is CSV in UTF-8 with a header, packed with gzip or not. Columns that are not listed here are left aside.

A row that is wrong is refused alone, with its number, field and reason. The others are registered together in one
database transaction: an import that is interrupted leaves nothing behind. What is registered already is left as it is,
so the same file can be imported again. Exit code 1 when a row was refused."""

app = typer.Typer(
    help="Put products, footprints, baselines and factors into the registry, and sales and returns to credit.",
    no_args_is_help=True,
)
app.command("sales")(import_sales)
app.command("returns")(import_returns)
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
    _run(file, product_importer(file.name, meanings, amend=amend), dry_run=dry_run, report=report)


def product_importer(source: str, categories: Mapping[str, str], *, amend: bool = False) -> Importer[ProductRow]:
    """Return what imports products; `categories` leads from the source's own words to registered categories."""
    return importers.products(source=source, categories=categories, amend=amend)


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
    _run(file, importers.footprints(source=file.name), dry_run=dry_run, report=report)


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
    _run(file, importers.baselines(source=file.name), dry_run=dry_run, report=report)


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
    _run(file, importers.factors(source=file.name), dry_run=dry_run, report=report)


def _meanings(path: Path) -> dict[str, str]:
    with opened(path) as file:
        return {
            row["category"].strip(): row["category_id"].strip() for row in rows(file, ("category",), ("category_id",))
        }


def _run(file: Path, importer: Importer[Item], *, dry_run: bool, report: Path | None) -> None:
    """Import, print and write what became of the rows, and end with 1 when one was refused."""
    found = perform(lambda: run(file, importer, dry_run=dry_run, report=report))
    show(found, _console, dry_run=dry_run)
    if found.counts.refused:
        raise typer.Exit(1)
