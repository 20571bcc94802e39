"""Giving back what reversals took, once it turns out that they were wrong: by new entries, each of a reversal whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points.ledger import debt_queries, loss_queries, lot_queries
from points.ledger import reinstatement_queries as queries
from points.ledger.accounts import Account, AccountKind, Asset, Draft, EntryKind, LotTerms, Posting
from points.ledger.entries import append, lock
from points.ledger.repayments import owing
from points.ledger.sums import summed

Parts = dict[UUID, dict[UUID, int]]
"""Points by reversal and budget."""


@dataclass(frozen=True, slots=True)
class Reinstatement:
    """Give back all that reversal `reversal_id` took, as entry `entry_id`.

    `lapsed` of the points had lapsed when they were taken, and lapse again at once. The others can be spent until the
    award would have lapsed; where that is over, until `expires_at`. Where some of them were taken of other lots, which
    last longer, all can be spent as long as those.
    """

    entry_id: UUID
    reversal_id: UUID
    resident_id: UUID
    grams: int
    lapsed: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Reinstated:
    """What a reinstatement did: what each budget paid again, and how much ended of what was owed and of what was lost.

    What was forgiven before is in none of them: the resident had spent it and was let off, and the budget never got it.
    """

    entry_id: UUID
    paid: Mapping[UUID, int]
    owed: int
    lost: int


async def recovered(session: AsyncSession, programme_id: UUID, residents: Mapping[UUID, UUID]) -> Parts:
    """Return what each budget got back by reversals, at once or later: what it has to pay to reinstate them.

    `residents` are by reversal, and locked, so that it stays so.
    """
    return _parts(await queries.recovered(session, programme_id, residents) if residents else ())


async def reinstate(
    session: AsyncSession, programme_id: UUID, requests: Sequence[Reinstatement], *, now: datetime
) -> list[Reinstated]:
    """Give back what reversals took; afterwards it is as if they had never been, but for time.

    Grams are issued again. What is still owed since the reversal ends, and what was lost is made up for by nobody any
    more: those points were spent, and stay so. Budgets pay again what they had got back, into a lot of its own, under
    the award's own times, but for an expiry that is over or sooner than that of points which were taken. Points of
    somebody who owes for something else are pending until they mature, so that they pay that first.

    Callers have claimed a key for each reversal, hold the residents' locks, and know that the budgets cover it.

    Raises:
        BudgetsShortError: when they do not. The database transaction must not go on.
    """
    if not requests:
        return []
    residents = {each.reversal_id: each.resident_id for each in requests}
    await lock(session, programme_id, residents.values())
    paid = await recovered(session, programme_id, residents)
    owed, lost = await _ended(session, programme_id, list(residents))
    ended = summed((residents[reversal_id], sum(points.values())) for reversal_id, points in owed.items())
    owes = {
        who
        for who, points in (await owing(session, programme_id, residents.values())).items()
        if points > ended.get(who, 0)
    }
    lots = await queries.lots(session, programme_id, residents)
    drafts: list[Draft] = []
    for each in requests:
        points = paid.get(each.reversal_id, {})
        terms = _terms(each, points, lots, now, owes=each.resident_id in owes)
        drafts.append(_draft(programme_id, each, points, owed.get(each.reversal_id, {}), terms, now))
    await append(session, programme_id, drafts)
    await _lapse(session, programme_id, requests, drafts, now)
    return [
        Reinstated(
            entry_id=each.entry_id,
            paid=paid.get(each.reversal_id, {}),
            owed=sum(owed.get(each.reversal_id, {}).values()),
            lost=sum(lost.get(each.reversal_id, {}).values()),
        )
        for each in requests
    ]


async def _ended(session: AsyncSession, programme_id: UUID, reversal_ids: Sequence[UUID]) -> tuple[Parts, Parts]:
    """End what is owed and what is lost since reversals; return how much that was."""
    owed = _parts(await queries.debts(session, programme_id, reversal_ids))
    lost = _parts(await queries.losses(session, programme_id, reversal_ids))
    if owed:
        await debt_queries.end_debts(session, programme_id, _flat(owed))
    if lost:
        await loss_queries.make_up(session, programme_id, _flat(lost))
    return owed, lost


async def _lapse(
    session: AsyncSession, programme_id: UUID, requests: Sequence[Reinstatement], drafts: Sequence[Draft], now: datetime
) -> None:
    """Let those points lapse again that had lapsed when they were taken."""
    lapsing = [(each, draft.lot) for each, draft in zip(requests, drafts, strict=True) if draft.lot and each.lapsed]
    await lot_queries.change_lots(session, programme_id, {each.entry_id: -each.lapsed for each, _ in lapsing})
    expired = Account(AccountKind.EXPIRED, programme_id)
    entries = []
    for each, lot in lapsing:
        posting = Posting(_receiver(each, lot), expired, Asset.POINTS, each.lapsed)
        entries.append(Draft(new_id(), EntryKind.EXPIRY, now, (posting,), each.resident_id, subject_id=each.entry_id))
    await append(session, programme_id, entries)


def _terms(
    each: Reinstatement, paid: Mapping[UUID, int], lots: Mapping[UUID, Row[Any]], now: datetime, *, owes: bool
) -> LotTerms | None:
    """Return the lot of what comes back: as the award's own, but for an expiry that would be too soon.

    A lot has one expiry. Whoever had spent the award's points was taken others for them, and keeps what those had.
    """
    if not paid:
        return None
    own = lots[each.reversal_id]
    until = own.expires_at if own.expires_at > now else each.expires_at
    return LotTerms(
        amount=sum(paid.values()),
        matures_at=own.matures_at,
        expires_at=max(until, own.others_until or until),
        mature=own.matures_at <= now and not owes,
        priority=own.priority,
    )


def _draft(
    programme_id: UUID,
    each: Reinstatement,
    paid: Mapping[UUID, int],
    owed: Mapping[UUID, int],
    lot: LotTerms | None,
    now: datetime,
) -> Draft:
    own, debtor = (Account(kind, each.resident_id) for kind in (AccountKind.RESIDENT, AccountKind.OWED))
    postings = [
        Posting(Account(AccountKind.BUDGET, budget_id), _receiver(each, lot), Asset.POINTS, points)
        for budget_id, points in (paid.items() if lot else ())
    ]
    if each.grams:
        postings.insert(0, Posting(Account(AccountKind.ISSUED, programme_id), own, Asset.GRAMS, each.grams))
    if owed:
        postings.append(Posting(debtor, Account(AccountKind.CLAWBACK, programme_id), Asset.POINTS, sum(owed.values())))
    kind = EntryKind.REINSTATEMENT
    return Draft(each.entry_id, kind, now, tuple(postings), each.resident_id, lot, subject_id=each.reversal_id)


def _receiver(each: Reinstatement, lot: LotTerms | None) -> Account:
    return Account(AccountKind.RESIDENT if lot and lot.mature else AccountKind.PENDING, each.resident_id)


def _parts(rows: Sequence[Row[Any]]) -> Parts:
    found: Parts = {}
    for row in rows:
        found.setdefault(row.reversal_id, {})[row.budget_id] = row.points
    return found


def _flat(parts: Parts) -> dict[tuple[UUID, UUID], int]:
    return {(reversal_id, budget_id): points for reversal_id, by in parts.items() for budget_id, points in by.items()}
