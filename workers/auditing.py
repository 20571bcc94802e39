"""The audit of one programme, read in one snapshot: the proof that nothing was lost, doubled or made up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.db import transaction
from points import ledger
from points.earning import audit as earning_audit
from points.earning.recomputations import recompute
from points.ledger import Finding
from points.programmes.tables import Programme

_CHUNK: Final = 2_000
_FIRST: Final = UUID(int=0)


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


async def audited(
    programme: Programme, *, receipts: bool, done: Callable[[int, int], None] = lambda _, __: None
) -> Audited:
    """Audit a programme. With `receipts`, work every one out again, and tell `done` how many of how many are."""
    async with transaction(snapshot=True) as session:
        findings = [
            *await ledger.audit(session, programme.programme_id),
            *await earning_audit.audit(session, programme.programme_id),
        ]
        differing: list[UUID] = []
        if receipts:
            finding, differing = await _recomputed(session, programme.programme_id, done)
            findings.append(finding)
    return Audited(programme.slug, tuple(findings), tuple(differing))


async def _recomputed(
    session: AsyncSession, programme_id: UUID, done: Callable[[int, int], None]
) -> tuple[Finding, list[UUID]]:
    total = await earning_audit.receipt_count(session, programme_id)
    after, count, differing = _FIRST, 0, list[UUID]()
    while True:
        checked, wrong = await recompute(session, programme_id, after=after, limit=_CHUNK)
        count += len(checked)
        differing += wrong
        done(count, total)
        if len(checked) < _CHUNK:
            return Finding("every receipt recomputes to its own numbers", count, len(differing)), differing
        after = checked[-1]
