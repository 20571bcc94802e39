"""`tanhui audit`: the proof that nothing was lost, doubled or made up."""

from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from commands.door import chosen_programmes, perform
from commands.progress import Bar
from core.db import transaction
from points import ledger
from points.earning import audit as earning_audit
from points.ledger import Finding
from points.programmes.tables import Programme

_CHUNK: Final = 2_000
_FIRST: Final = UUID(int=0)

_console = Console()


@dataclass(frozen=True, slots=True)
class Audited:
    """What the audit of one programme found; `differing` are the receipts that recompute to something else."""

    slug: str
    findings: tuple[Finding, ...]
    differing: tuple[UUID, ...]

    @property
    def differences(self) -> int:
        """How many things differ, over all proofs."""
        return sum(finding.differences for finding in self.findings)


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
        return [await audited(each, receipts=receipts) for each in chosen]

    found = perform(work)
    for each in found:
        show(each)
    if not found:
        _console.print("There is no programme, and so nothing to audit.")
    if any(each.differences for each in found):
        raise typer.Exit(1)


async def audited(programme: Programme, *, receipts: bool) -> Audited:
    """Audit one programme in one snapshot of the database."""
    async with transaction(snapshot=True) as session:
        findings = [
            *await ledger.audit(session, programme.programme_id),
            *await earning_audit.audit(session, programme.programme_id),
        ]
        differing: list[UUID] = []
        if receipts:
            finding, differing = await _recomputed(session, programme.programme_id)
            findings.append(finding)
    return Audited(programme.slug, tuple(findings), tuple(differing))


async def _recomputed(session: AsyncSession, programme_id: UUID) -> tuple[Finding, list[UUID]]:
    after, total, differing = _FIRST, 0, list[UUID]()
    with Bar("Working receipts out again", await earning_audit.receipt_count(session, programme_id)) as bar:
        while True:
            checked, wrong = await earning_audit.recompute(session, programme_id, after=after, limit=_CHUNK)
            total += len(checked)
            differing += wrong
            bar.advance(len(checked))
            if len(checked) < _CHUNK:
                return Finding("every receipt recomputes to its own numbers", total, len(differing)), differing
            after = checked[-1]


def show(audited: Audited) -> None:
    """Print the proofs as a table, and the receipts that differ by their ids."""
    table = Table(title=f"Audit of {audited.slug}", title_justify="left")
    table.add_column("What must hold")
    table.add_column("Compared", justify="right")
    table.add_column("Differences", justify="right")
    for finding in audited.findings:
        style = "bold red" if finding.differences else ""
        table.add_row(finding.name, f"{finding.checked:,}", f"{finding.differences:,}", style=style)
    _console.print(table)
    for receipt_id in audited.differing[:20]:
        _console.print(f"Differs: receipt {receipt_id}", style="bold red", highlight=False)
    if len(audited.differing) > 20:  # noqa: PLR2004 - as many as were shown
        _console.print(f"... and {len(audited.differing) - 20:,} more.", style="bold red")
    outcome = f"{audited.differences:,} differences" if audited.differences else "no differences"
    _console.print(f"{audited.slug}: {outcome}.", highlight=False, markup=False)
