"""Re-adding everything: the proof that what is kept says the same as what was posted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.sql import run
from points.ledger.accounts import KEPT, AccountKind, Asset, EntryKind
from points.ledger.checks import CHECKS


@dataclass(frozen=True, slots=True)
class Finding:
    """One proof: how many things it looked at, and how many differ. Zero differences is the only good answer."""

    name: str
    checked: int
    differences: int


def proofs(checks: Mapping[str, str]) -> TextClause:
    """Return one statement for all `checks`: one statement sees one moment, whatever is written meanwhile.

    A check is a SELECT whose every row tells in `differs` whether something does.
    """
    return text(
        " UNION ALL ".join(
            f"SELECT '{name.replace(chr(39), chr(39) * 2)}' AS name, count(*) AS checked,"  # noqa: S608 - constants
            f" count(*) FILTER (WHERE differs) AS differences FROM ({check}) AS checked"
            for name, check in checks.items()
        )
    )


_NAMED: Final = (EntryKind.REVERSAL, EntryKind.REPAYMENT, EntryKind.REFUND, EntryKind.REINSTATEMENT)
_AUDIT: Final = proofs(CHECKS)


_WITHOUT_LOOPS: Final = text("SELECT set_config('enable_nestloop', 'off', true)")
_AS_BEFORE: Final = text("SELECT set_config('enable_nestloop', 'on', true)")


async def prove(session: AsyncSession, checks: TextClause, parameters: Mapping[str, object]) -> list[Finding]:
    """Run what proofs() made.

    Each joins all of a programme. To a planner whose figures are older than the programme that is a row or two, good
    for going through the other side once for each: of twelve thousand receipts just made, for twenty seconds.
    """
    await run(session, _WITHOUT_LOOPS, {})
    rows = await run(session, checks, parameters)
    await run(session, _AS_BEFORE, {})
    return [Finding(row.name, row.checked, row.differences) for row in rows]


async def audit(session: AsyncSession, programme_id: UUID) -> list[Finding]:
    """Re-add the ledger of a programme, all of it as of one moment."""
    parameters: dict[str, object] = {
        "programme_id": programme_id,
        "kept": sorted(int(kind) for kind in KEPT),
        "points": int(Asset.POINTS),
        "grams": int(Asset.GRAMS),
        **{kind.name.lower(): int(kind) for kind in AccountKind},
        **{f"{kind.name.lower()}_kind": int(kind) for kind in _NAMED},
    }
    return await prove(session, _AUDIT, parameters)
