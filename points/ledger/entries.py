"""Making entries: key, locks, rows and balances together, or nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.errors import BudgetsShortError
from points.ledger import entry_queries, queries
from points.ledger.accounts import (
    KEPT,
    Account,
    AccountKind,
    Asset,
    ClaimState,
    Draft,
    EntryKind,
    KeyUse,
    Posted,
    Posting,
    Rejected,
    Rejection,
)
from points.ledger.claims import claim, input_hash


async def lock(session: AsyncSession, programme_id: UUID, resident_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Lock residents' points until the commit, in id order, and return each one's matured points.

    Whoever changes what a resident has takes this lock first: it guards lots, holds and day totals alike. An account
    is opened the first time it is locked.
    """
    wanted = sorted(set(resident_ids))
    # Accounts are opened while nothing is locked yet. To open them after the others are locked would be a second pass
    # out of order, and batches that meet at new residents would wait for each other in a circle.
    locked = await queries.lock_if_all_open(session, programme_id, wanted, AccountKind.RESIDENT, Asset.POINTS)
    if len(locked) == len(wanted):
        return locked
    await queries.open_accounts(session, programme_id, wanted, AccountKind.RESIDENT, Asset.POINTS)
    return await queries.lock(session, programme_id, wanted, AccountKind.RESIDENT, Asset.POINTS)


async def lock_budgets(session: AsyncSession, programme_id: UUID, budget_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Lock budgets until the commit and return what is left in each. A hot row: take it last, after the residents."""
    return await queries.lock(session, programme_id, sorted(set(budget_ids)), AccountKind.BUDGET, Asset.POINTS)


async def budgets_left(session: AsyncSession, programme_id: UUID, budget_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return what is left in each budget just now. Nothing is locked: `append` refuses what others drew meanwhile."""
    return await queries.kept(session, programme_id, list(set(budget_ids)), AccountKind.BUDGET, Asset.POINTS)


async def append(session: AsyncSession, programme_id: UUID, drafts: Sequence[Draft]) -> None:
    """Write entries whose keys are claimed and whose residents are locked: at most two statements for any number.

    Budgets are drawn last of all, and so this is called last of all: until the commit, others who draw on them wait.

    Raises:
        BudgetsShortError: when a budget does not cover what is drawn on it. The rest has been written, so that the
            database transaction must not go on.
        sqlalchemy.exc.IntegrityError: when another kept balance would fall below zero; callers check under the lock.
    """
    if not drafts:
        return
    total = changes(drafts)
    drawn = {key: change for key, change in total.items() if change and key[1] is AccountKind.BUDGET}
    others = {key: change for key, change in total.items() if key[1] is not AccountKind.BUDGET}
    await entry_queries.write(session, programme_id, drafts, others)
    if not drawn:
        return
    moved = await entry_queries.draw(session, programme_id, {owner: change for (owner, _, _), change in drawn.items()})
    if moved < len(drawn):
        raise BudgetsShortError


def changes(drafts: Iterable[Draft]) -> dict[tuple[UUID, AccountKind, Asset], int]:
    """Return what `drafts` together do to each kept balance."""
    total: dict[tuple[UUID, AccountKind, Asset], int] = defaultdict(int)
    for draft in drafts:
        for posting in draft.postings:
            for account, amount in ((posting.source, -posting.amount), (posting.destination, posting.amount)):
                if account.kind in KEPT:
                    total[account.owner, account.kind, posting.asset] += amount
    return dict(total)


async def fund(
    session: AsyncSession, programme_id: UUID, budget_id: UUID, points: int, *, key: str, now: datetime
) -> Posted | Rejected:
    """Put `points` into a budget, once under `key`: the only way points come into being."""
    entry_id = new_id()
    use = KeyUse(key, input_hash(budget_id, points), entry_id)
    [claimed] = await claim(session, programme_id, [use])
    if claimed.state is ClaimState.CONFLICT:
        return Rejected(Rejection.KEY_REUSED)
    if claimed.state is ClaimState.REPLAYED:
        return Posted(claimed.entry_id or entry_id, replayed=True)
    await queries.open_accounts(session, programme_id, [budget_id], AccountKind.BUDGET, Asset.POINTS)
    source, destination = Account(AccountKind.ISSUED, programme_id), Account(AccountKind.BUDGET, budget_id)
    posting = Posting(source, destination, Asset.POINTS, points)
    await append(session, programme_id, [Draft(entry_id, EntryKind.FUNDING, now, (posting,))])
    return Posted(entry_id)
