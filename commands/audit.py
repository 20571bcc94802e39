"""`tanhui audit`: the proof that nothing was lost, doubled or made up."""

from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from commands.door import chosen_programmes, perform
from commands.progress import Bar
from core.db import transaction
from workers.auditing import Audited, audited

_SHOWN: Final = 20

_console = Console()


def audit(
    programme: Annotated[str | None, typer.Option(help="Only the programme with this slug.")] = None,
    *,
    receipts: Annotated[
        bool, typer.Option("--receipts", help="Also work every receipt out again from the rows it names.")
    ] = False,
) -> None:
    """Re-add everything and print what was compared and what differs. Exit code 1 when anything does.

    Each programme is read in one snapshot, so it can run while the service works. It changes nothing.

    Example: tanhui audit --programme demo --receipts
    """

    async def work() -> list[Audited]:
        async with transaction() as session:
            chosen = await chosen_programmes(session, programme)
        with Bar("Working receipts out again", None) as bar:
            return [await audited(each, receipts=receipts, done=bar.set) for each in chosen]

    found = perform(work)
    for each in found:
        show(each)
    if not found:
        _console.print("There is no programme, and so nothing to audit.")
    if any(each.differences for each in found):
        raise typer.Exit(1)


def show(found: Audited) -> None:
    """Print the proofs as a table, and the receipts that differ by their ids."""
    table = Table(title=f"Audit of {found.slug}", title_justify="left")
    table.add_column("What must hold")
    table.add_column("Compared", justify="right")
    table.add_column("Differences", justify="right")
    for finding in found.findings:
        style = "bold red" if finding.differences else ""
        table.add_row(finding.name, f"{finding.checked:,}", f"{finding.differences:,}", style=style)
    _console.print(table)
    for receipt_id in found.differing[:_SHOWN]:
        _console.print(f"Differs: receipt {receipt_id}", style="bold red", highlight=False)
    if len(found.differing) > _SHOWN:
        _console.print(f"... and {len(found.differing) - _SHOWN:,} more.", style="bold red")
    outcome = f"{found.differences:,} differences" if found.differences else "no differences"
    _console.print(f"{found.slug}: {outcome}.", highlight=False, markup=False)
