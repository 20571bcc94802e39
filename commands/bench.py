"""`tanhui bench`: how fast, how large and how robust this machine makes it, each figure beside what it is held against.

Every measurement runs on servers of its own in a folder that is removed afterwards; it touches nobody's points.
What measures is imported when it is asked for: it brings the whole service along, and every command would wait for it.
"""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from bench.machine import machine
from core.children import ended_by_signals

app = typer.Typer(help="Measure this machine; on servers of its own, never on your data.", no_args_is_help=True)

_SECONDS: Final = typer.Option(min=1, max=600, help="Seconds for each figure.")
_WORKERS: Final = typer.Option(min=1, max=64, help="API processes; `tanhui up` runs one for each two processors.")

_console = Console(width=None if sys.stdout.isatty() else 140)  # a file has no width, and figures must not be cut
_progress = Console(stderr=True)


@app.command("ledger")
def ledger(seconds: Annotated[int, _SECONDS] = 5) -> None:
    """Credited activities a second, in batches, beside pgbench writing the same rows one activity at a time.

    Example: tanhui bench ledger --seconds 10
    """
    from bench import ledger as ledger_bench  # noqa: PLC0415 - see the head of this file

    with ended_by_signals():
        found = ledger_bench.measure(seconds=seconds, say=_say)
    _console.print(ledger_bench.table(found))
    _console.print(ledger_bench.verdict(found))
    if found.differences:
        raise typer.Exit(1)


class What(StrEnum):
    """What is sent to the service."""

    SCANS = "scans"
    SALES = "sales"
    BOTH = "both"


@app.command("http")
def http(
    seconds: Annotated[int, _SECONDS] = 5,
    rounds: Annotated[int, typer.Option(min=1, max=100, help="How often each route has its turn.")] = 5,
    workers: Annotated[int, _WORKERS] = 2,
    what: Annotated[What, typer.Option(help="Scans, batches of sale lines, or one after the other.")] = What.BOTH,
) -> None:
    """Credited scans and sale lines over HTTP, beside no database, a plain variant, pgbench and django-hordak.

    Sale lines are sent to so many processes and to one more, for either may be what suits the machine. django-hordak
    has its turn where `make bench-peers` has installed it.

    Example: tanhui bench http --what sales --rounds 9
    """
    right = True
    with ended_by_signals():
        if what is not What.SALES:
            right = _scans(seconds, rounds, workers)
        if what is not What.SCANS:
            right = _sales(seconds, rounds, workers) and right
    if not right:
        raise typer.Exit(1)


def _scans(seconds: int, rounds: int, workers: int) -> bool:
    """Measure scans; return whether the books are right afterwards."""
    from bench import http as http_bench  # noqa: PLC0415 - see the head of this file

    found = http_bench.compare(rounds=rounds, seconds=seconds, workers=workers, say=_say)
    _console.print(http_bench.table(found))
    _console.print(http_bench.verdict(found))
    return not found.differences and found.credited == found.acknowledged


def _sales(seconds: int, rounds: int, workers: int) -> bool:
    """Measure sale lines; return whether the books are right afterwards."""
    from bench import sales as sales_bench  # noqa: PLC0415 - see the head of this file

    found = sales_bench.measure(rounds=rounds, seconds=seconds, workers=(workers, workers + 1), say=_say)
    _console.print(sales_bench.table(found))
    _console.print(sales_bench.verdict(found))
    return not found.differences and found.credited == found.acknowledged


@app.command("growth")
def growth(
    millions: Annotated[str, typer.Option(help="Sizes in millions of activities, with commas between.")] = "0,1",
    rounds: Annotated[int, typer.Option(min=1, max=100, help="How often each database has its turn at a size.")] = 5,
    seconds: Annotated[int, _SECONDS] = 5,
    *,
    campaign: Annotated[bool, typer.Option(help="Let a campaign pay for every activity as well.")] = False,
) -> None:
    """Recording and reading with millions of activities there, and the bytes of each; a million takes about 1.5 GB.

    Example: tanhui bench growth --millions 0,1,5,10
    """
    from bench import growth as growth_bench  # noqa: PLC0415 - see the head of this file
    from bench import growth_figures as figures  # noqa: PLC0415 - the same

    sizes = figures.sizes_of(millions)
    if sizes is None:
        raise typer.BadParameter("must be whole numbers from 0 to 100 with commas between, such as 0,1,5,10")
    with ended_by_signals():
        found = growth_bench.measure(millions=sizes, rounds=rounds, seconds=seconds, campaign=campaign, say=_say)
    for shown in (figures.table(found), figures.bytes_table(found)):
        _console.print(shown)
    _console.print(figures.verdict(found))
    if found.differences:
        raise typer.Exit(1)


@app.command("hot-budget")
def hot_budget(
    seconds: Annotated[int, _SECONDS] = 5,
    rounds: Annotated[int, typer.Option(min=1, max=100, help="How often each has its turn.")] = 3,
) -> None:
    """Credited activities a second when one campaign's budget pays for all of them, beside 64 that share them.

    Example: tanhui bench hot-budget --rounds 5
    """
    from bench import hot_budget as hot_bench  # noqa: PLC0415 - see the head of this file

    with ended_by_signals():
        found = hot_bench.measure(rounds=rounds, seconds=seconds, say=_say)
    _console.print(hot_bench.table(found))
    _console.print(hot_bench.verdict(found))
    if not found.good:
        raise typer.Exit(1)


@app.command("memory")
def memory(
    scans: Annotated[int, typer.Option(min=10_000, max=2_000_000, help="Scans to credit.")] = 100_000,
    workers: Annotated[int, _WORKERS] = 2,
) -> None:
    """Size of the API's processes before, during and after many scans.

    Example: tanhui bench memory --scans 500000
    """
    from bench import http as http_bench  # noqa: PLC0415 - see the head of this file

    with ended_by_signals():
        found = http_bench.memory(scans=scans, workers=workers, say=_say)
    shown = Table(title="Resident memory of each API process, MiB", caption=machine())
    shown.add_column("after scans", justify="right")
    for number in range(1, workers + 1):
        shown.add_column(f"process {number}", justify="right")
    for done, sizes in found.samples:
        shown.add_row(f"{done:,}", *(f"{size:.1f}" for size in sizes))
    _console.print(shown)
    most = max(size for _, sizes in found.samples for size in sizes)
    _console.print(f"Most: {most:.0f} MiB (goal below {http_bench.GOAL_MEBIBYTES}).")
    if most >= http_bench.GOAL_MEBIBYTES:
        raise typer.Exit(1)


@app.command("faults")
def faults(rounds: Annotated[int, typer.Option(min=1, max=1000, help="How often each part is killed.")] = 3) -> None:
    """Kill -9 the API, worker, Redis, PostgreSQL and beat under load; what was acknowledged must be there, once.

    The load is scans, sale lines, returns and a running import of a file, which must end with every line credited.

    Example: tanhui bench faults --rounds 20
    """
    from bench import faults as fault_bench  # noqa: PLC0415 - see the head of this file

    with ended_by_signals():
        found = fault_bench.ordeal(rounds=rounds, say=_say)
    answers = ", ".join(f"{count:,} x {status}" for status, count in sorted(found.statuses.items()))
    _console.print(
        f"{len(found.killed)} killed. {found.acknowledged:,} scans, {found.sold:,} sale lines and {found.returned:,} "
        f"returns acknowledged, {found.imported:,} lines of {found.files} files imported: {found.lost} lost, "
        f"{found.doubled} doubled, {found.unasked} that nobody was told of. Answers: {answers}."
    )
    for trouble in (*found.unfinished, *found.wrong):
        _console.print(trouble, style="bold red", highlight=False, markup=False)
    _console.print(found.audit or "The audit finds no difference, and every receipt works out to its own numbers.")
    if not found.clean:
        raise typer.Exit(1)


@app.command("import-products")
def import_products(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV.gz: gtin, gtin14, gs1_scope, name.")],
    rounds: Annotated[int, typer.Option(min=1, max=100, help="How often each has its turn.")] = 3,
) -> None:
    """A whole catalogue through `tanhui import products`, beside PostgreSQL's own COPY of the same file.

    Example: tanhui bench import-products products_off_bulk.csv.gz --rounds 5
    """
    from bench import registry_import  # noqa: PLC0415 - see the head of this file

    with ended_by_signals():
        found = registry_import.measure(file, rounds=rounds, say=_say)
    _console.print(registry_import.table(found, file))
    _console.print(registry_import.verdict(found))


@app.command("import")
def import_sales_file(
    lines: Annotated[int, typer.Option(min=1_000, max=1_000_000, help="Lines of the file.")] = 200_000,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Worker processes; TANHUI_TASK_WORKERS elsewhere.")] = 4,
) -> None:
    """A file of sales from its upload to the end of its import, beside raw COPY of the rows that it led to.

    Example: tanhui bench import --lines 1000000
    """
    from bench import sales_import  # noqa: PLC0415 - see the head of this file

    with ended_by_signals():
        found = sales_import.measure(lines=lines, processes=processes, say=_say)
    _console.print(sales_import.table(found))
    _console.print(sales_import.verdict(found))
    if found.differences:
        raise typer.Exit(1)


@app.command("lookups")
def lookups(
    seconds: Annotated[int, _SECONDS] = 5,
    rounds: Annotated[int, typer.Option(min=1, max=100, help="How often each route has its turn.")] = 3,
    workers: Annotated[int, _WORKERS] = 2,
) -> None:
    """Look-ups of products and comparators among 600,000, beside the same app without a database.

    Example: tanhui bench lookups --rounds 5
    """
    from bench import registry_lookup  # noqa: PLC0415 - see the head of this file

    with ended_by_signals():
        found = registry_lookup.measure(rounds=rounds, seconds=seconds, workers=workers, say=_say)
    _console.print(registry_lookup.table(found))


def _say(text: str) -> None:
    _progress.print(text, highlight=False, markup=False)
