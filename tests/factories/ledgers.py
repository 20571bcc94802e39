"""Awards of the ledger's own, with lots as a test wants them, and the proof that everything adds up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core import db
from core.ids import new_id
from points import ledger
from points.ledger import Account, AccountKind, Asset, Holdings, StatementLine
from points.programmes.tables import Programme
from tests.factories.residents import make_residents


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot that was awarded."""

    lot_id: UUID
    resident_id: UUID


async def resident_of(programme: Programme) -> UUID:
    """Let one more resident join."""
    async with db.transaction() as session:
        [resident_id] = await make_residents(session, programme, 1)
    return resident_id


def draft_award(
    programme: Programme,
    resident_id: UUID,
    points: int,
    *,
    now: datetime,
    grams: int = 0,
    mature: bool = True,
    matures_in: timedelta = timedelta(days=7),
    lasting: timedelta = timedelta(days=365),
    priority: int = 0,
    budgets: tuple[UUID, ...] = (),
) -> ledger.Draft:
    """Return an award of `points` from each of `budgets` (the base budget if none is named), in one lot."""
    programme_id, payers = programme.programme_id, budgets or (programme.base_budget_id,)
    own = Account(AccountKind.RESIDENT, resident_id)
    receiver = own if mature else Account(AccountKind.PENDING, resident_id)
    issued = Account(AccountKind.ISSUED, programme_id)
    saved = (ledger.Posting(issued, own, Asset.GRAMS, grams),) if grams else ()
    paid = [ledger.Posting(Account(AccountKind.BUDGET, payer), receiver, Asset.POINTS, points) for payer in payers]
    matures_at = now if mature else now + matures_in
    terms = ledger.LotTerms(points * len(payers), matures_at, now + lasting, mature, priority)
    return ledger.Draft(new_id(), ledger.EntryKind.AWARD, now, (*saved, *paid), resident_id, terms)


async def award(programme: Programme, resident_id: UUID, points: int, **terms: object) -> Lot:
    """Award points as `draft_award` says, in a transaction of its own."""
    draft = draft_award(programme, resident_id, points, **terms)  # type: ignore[arg-type]  # handed on as they are
    async with db.transaction() as session:
        await ledger.lock(session, programme.programme_id, [resident_id])
        await ledger.append(session, programme.programme_id, [draft])
    return Lot(draft.entry_id, resident_id)


async def left_in(programme: Programme) -> int:
    """Return the points left in the base budget."""
    async with db.transaction() as session:
        return await ledger.budget_left(session, programme.programme_id, programme.base_budget_id)


async def assert_clean(programme: Programme) -> None:
    """Fail unless the ledger re-adds; what is awarded here has no receipts, so that nothing else can be compared."""
    async with db.transaction() as session:
        findings = await ledger.audit(session, programme.programme_id)
    assert [finding for finding in findings if finding.differences] == []


def running(resident_id: UUID, lines: Sequence[StatementLine]) -> list[Holdings]:
    """Return what a resident's entries add up to after each, the oldest first."""
    columns = {
        (AccountKind.RESIDENT, Asset.GRAMS): 0,
        (AccountKind.RESIDENT, Asset.POINTS): 1,
        (AccountKind.PENDING, Asset.POINTS): 2,
        (AccountKind.HELD, Asset.POINTS): 3,
        (AccountKind.OWED, Asset.POINTS): 4,
    }
    sums, balances = [0] * 5, []
    for line in reversed(lines):
        for posting in line.postings:
            for account, change in ((posting.source, -posting.amount), (posting.destination, posting.amount)):
                if account.owner == resident_id:
                    sums[columns[account.kind, posting.asset]] += change
        balances.append(Holdings(*sums))
    return balances
