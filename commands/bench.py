"""`tanhui bench`: how fast, how large and how robust this machine makes it, each figure beside what it is held against.

Every measurement runs on servers of its own in a folder that is removed afterwards; it touches nobody's points.
What measures is imported when it is asked for: it brings the whole service along, and every command would wait for it.
"""

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

_console = Console()
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


@app.command("http")
def http(
    seconds: Annotated[int, _SECONDS] = 5,
    rounds: Annotated[int, typer.Option(min=1, max=100, help="How often each route has its turn.")] = 5,
    workers: Annotated[int, _WORKERS] = 2,
) -> None:
    """Credited scans over HTTP, beside the same app without a database and beside a plain variant.

    Example: tanhui bench http --rounds 9
    """
    from bench import http as http_bench  # noqa: PLC0415 - see the head of this file

    with ended_by_signals():
        found = http_bench.compare(rounds=rounds, seconds=seconds, workers=workers, say=_say)
    _console.print(http_bench.table(found))
    _console.print(http_bench.verdict(found))
    if found.differences or found.credited != found.acknowledged:
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
    """Kill -9 the API, the worker, Redis and PostgreSQL under load; then everything acknowledged must be there, once.

    Example: tanhui bench faults --rounds 20
    """
    from bench import faults as fault_bench  # noqa: PLC0415 - see the head of this file

    with ended_by_signals():
        found = fault_bench.ordeal(rounds=rounds, say=_say)
    answers = ", ".join(f"{count:,} x {status}" for status, count in sorted(found.statuses.items()))
    _console.print(
        f"{len(found.killed)} killed. {found.acknowledged:,} scans acknowledged, {found.lost} lost, "
        f"{found.doubled} doubled, {found.unasked} that nobody was told of. Answers: {answers}."
    )
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
