"""Taking awards back, wholly or in part, by new entries; never by editing old ones."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from points.ledger import debt_queries, hold_queries, loss_queries, lot_queries
from points.ledger.accounts import Account, AccountKind, Asset, Bearer, Draft, EntryKind, Posting, Reversal, Reversed
from points.ledger.entries import append, lock
from points.ledger.holds import releasing_void
from points.ledger.recoveries import Leg, Stock, Taking, divide, recover
from points.ledger.sums import summed

Shortage = tuple[tuple[UUID, int], ...]


async def reverse(
    session: AsyncSession, programme_id: UUID, reversals: Sequence[Reversal], *, now: datetime
) -> list[Reversed]:
    """Take awards back, as if one after the other in the order given; return where each one's points came from.

    Grams go back to `issued`. Points go back to the budgets that had paid, in this order:

    1. From the award's own lot: what remains in it, pending or mature, and what of it has lapsed, swept or not. What
       has been moved to `expired` comes back from there. Lapsed points are never owed.
    2. From the resident's other lots that can be spent at `now`, in drawing order. Holds past their time are released
       first; what open holds and other pending lots have is not touched.
    3. What is missing is owed by the resident, to the budgets it is missing from, which are the last ones named in
       `payments`; or the programme bears it, except for as much as open holds have, which is not spent yet and is owed
       all the same. Points that mature or come back later pay what is owed; those of the award itself that a refund
       gives back make up for what the programme bore.

    Each lot that gave is named in `lot_draw` under the reversal's entry. The callers have claimed a key for each entry,
    hold the residents' locks and see to it that no more is taken back of an award, over time, than it gave; `audit`
    proves that. A number of statements that does not grow with the batch; budgets come last.
    """
    if not reversals:
        return []
    residents = {reversal.resident_id for reversal in reversals}
    await lock(session, programme_id, residents)
    freed = await releasing_void(session, programme_id, residents, now)
    own, order = await _stocks(session, programme_id, reversals, now)
    takings = [
        recover(each.points, own.get((each.award_id, each.resident_id)), order.get(each.resident_id, ()), now)
        for each in reversals
    ]
    divided = [divide(taken, each.payments) for each, taken in zip(reversals, takings, strict=True)]
    await _write_lots(session, programme_id, reversals, takings)
    shortages = [short for _, short in divided]
    owed = _owed(reversals, shortages, await _unpledged(session, programme_id, reversals))
    await debt_queries.insert_debts(session, programme_id, _debts(reversals, owed))
    await loss_queries.insert_losses(session, programme_id, _losses(reversals, shortages, owed))
    drafts = [
        _draft(programme_id, each, legs, due) for each, (legs, _), due in zip(reversals, divided, owed, strict=True)
    ]
    await append(session, programme_id, [*freed, *drafts])
    return [_reversed(*each) for each in zip(reversals, takings, shortages, owed, strict=True)]


async def _stocks(
    session: AsyncSession, programme_id: UUID, reversals: Sequence[Reversal], now: datetime
) -> tuple[dict[tuple[UUID, UUID], Stock], dict[UUID, list[Stock]]]:
    """Return the awards' own lots by (lot, resident), and each resident's lots in drawing order; a lot is one object.

    What covers all that is wanted of a resident is enough: whatever an own lot gives is not wanted of the others.
    """
    taking = [each for each in reversals if each.payments]
    wanted = summed((each.resident_id, each.points) for each in taking)
    rows = await lot_queries.own_lots(session, programme_id, sorted({each.award_id for each in taking}))
    lots = {row.lot_id: Stock(**row) for row in rows}
    for row in await lot_queries.spendable(session, programme_id, wanted, now):
        lots.setdefault(row.lot_id, Stock(mature=True, **row))
    order: dict[UUID, list[Stock]] = {}
    for lot in sorted(lots.values(), key=lambda lot: (lot.priority, lot.expires_at, lot.lot_id)):
        order.setdefault(lot.resident_id, []).append(lot)
    return {(lot.lot_id, lot.resident_id): lot for lot in lots.values()}, order


async def _write_lots(
    session: AsyncSession, programme_id: UUID, reversals: Sequence[Reversal], takings: Sequence[tuple[Taking, ...]]
) -> None:
    """Take what was taken out of the lots, and name each lot under the reversal's entry."""
    taken = [(each.entry_id, one) for each, some in zip(reversals, takings, strict=True) for one in some]
    left = summed((one.lot_id, -one.points) for _, one in taken if one.account is not AccountKind.EXPIRED)
    await lot_queries.change_lots(session, programme_id, left)
    draws = summed(((entry_id, one.lot_id), one.points) for entry_id, one in taken)
    await hold_queries.insert_draws(session, programme_id, draws)


async def _unpledged(session: AsyncSession, programme_id: UUID, reversals: Sequence[Reversal]) -> dict[UUID, int]:
    """Return what open holds have that no debt waits for, of residents for whom the programme bears something."""
    borne_for = {each.resident_id for each in reversals if each.payments and each.bearer is Bearer.PROGRAMME}
    return await hold_queries.unpledged(session, programme_id, borne_for) if borne_for else {}


def _owed(reversals: Sequence[Reversal], shortages: Sequence[Shortage], held: dict[UUID, int]) -> list[Shortage]:
    """Return what of each shortage is owed, each reversal after those before it; `held` is drawn down."""
    owed: list[Shortage] = []
    for each, short in zip(reversals, shortages, strict=True):
        left = held.get(each.resident_id, 0)
        due = short if each.bearer is Bearer.RESIDENT else _first(short, left)
        held[each.resident_id] = max(0, left - sum(points for _, points in due))
        owed.append(due)
    return owed


def _first(short: Shortage, most: int) -> Shortage:
    """Return the first `most` points of a shortage."""
    parts: list[tuple[UUID, int]] = []
    for budget_id, points in short:
        part = min(points, most)
        most -= part
        if part:
            parts.append((budget_id, part))
    return tuple(parts)


def _debts(reversals: Sequence[Reversal], owed: Sequence[Shortage]) -> list[tuple[UUID, UUID, UUID, int]]:
    return [
        (each.entry_id, budget_id, each.resident_id, points)
        for each, due in zip(reversals, owed, strict=True)
        for budget_id, points in due
    ]


def _losses(
    reversals: Sequence[Reversal], shortages: Sequence[Shortage], owed: Sequence[Shortage]
) -> list[tuple[UUID, UUID, UUID, int]]:
    """Return what the programme bears: what is missing in each budget and nobody owes."""
    return [
        (each.entry_id, budget_id, each.award_id, points - dict(due).get(budget_id, 0))
        for each, short, due in zip(reversals, shortages, owed, strict=True)
        for budget_id, points in short
        if points > dict(due).get(budget_id, 0)
    ]


def _draft(programme_id: UUID, each: Reversal, legs: Sequence[Leg], due: Shortage) -> Draft:
    resident = Account(AccountKind.RESIDENT, each.resident_id)
    grams = (
        Posting(resident, Account(AccountKind.ISSUED, programme_id), Asset.GRAMS, each.grams) if each.grams else None
    )
    back = [
        Posting(_source(programme_id, each, leg), Account(AccountKind.BUDGET, leg.budget_id), Asset.POINTS, leg.points)
        for leg in legs
    ]
    owed = sum(points for _, points in due)
    clawback, debtor = Account(AccountKind.CLAWBACK, programme_id), Account(AccountKind.OWED, each.resident_id)
    debt = Posting(clawback, debtor, Asset.POINTS, owed) if owed else None
    postings = tuple(posting for posting in (grams, *back, debt) if posting)
    return Draft(
        each.entry_id, EntryKind.REVERSAL, each.effective_at, postings, each.resident_id, subject_id=each.award_id
    )


def _source(programme_id: UUID, each: Reversal, leg: Leg) -> Account:
    return Account(leg.account, programme_id if leg.account is AccountKind.EXPIRED else each.resident_id)


def _reversed(each: Reversal, takings: Sequence[Taking], short: Shortage, due: Shortage) -> Reversed:
    missing, owed = (sum(points for _, points in some) for some in (short, due))
    own = [one for one in takings if one.lot_id == each.award_id]
    return Reversed(
        entry_id=each.entry_id,
        from_award=sum(one.points for one in own if not one.lapsed),
        from_others=sum(one.points for one in takings if one.lot_id != each.award_id),
        lapsed=sum(one.points for one in own if one.lapsed),
        owed=owed,
        borne=missing - owed,
    )
