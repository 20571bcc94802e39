"""Letting points wait for their budget, and granting them once it is funded: oldest first, each once.

An award waits with the times it would have had. Granted, it is an entry of its own with a lot of its own, a change of
what the activity is worth that its receipt tells, and points of the activity's day, under whose caps it counted all
along. Whoever changes what waits for a resident holds the resident's lock.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from points import ledger
from points.earning.activities import Kind
from points.earning.adjustments.queries import NewAdjustment, write
from points.earning.adjustments.values import AdjustmentKind
from points.earning.funding import queries
from points.earning.funding.waiting import NOBODY, Spoken, Waiting, may_wait, parted, payable
from points.earning.grants import Credit
from points.earning.queries import activities
from points.earning.rows import lot_times, priority_of
from points.ledger import Account, AccountKind, Asset
from points.programmes.policy import DrawOrder, Rulebook
from points.programmes.queries import rulebook as read_rulebook

_REASON: Final = "The budget was funded again."


async def spoken_for(
    session: AsyncSession,
    rulebook: Rulebook,
    budget_ids: Collection[UUID],
    resident_days: Collection[tuple[UUID, date]],
) -> Spoken:
    """Return what waits of budgets and of residents; costs nothing where the programme lets nothing wait."""
    if not may_wait(rulebook):
        return NOBODY
    budgets = await queries.spoken_budgets(session, rulebook.programme_id, budget_ids)
    return Spoken(budgets, await queries.spoken_days(session, rulebook.programme_id, resident_days))


async def note(session: AsyncSession, rulebook: Rulebook, credited: Iterable[Credit]) -> None:
    """Write down what of `credited` waits, in the transaction that credits the rest; the residents are locked."""
    awards = [each for credit in credited if credit.grant.waiting for each in _waits(credit, rulebook)]
    if awards:
        await queries.insert(session, rulebook.programme_id, awards)


async def grant(session: AsyncSession, programme_id: UUID, *, now: datetime, limit: int) -> int:
    """Grant what budgets cover of the oldest `limit` awards that wait; return how many left their queues.

    An award whose points would have lapsed by now is closed and not granted. One that its budget does not cover whole
    stays at the head, and those behind it wait with it.

    Raises:
        BudgetsShortError: never while the budgets' locks are held, which is from before it is decided what to grant.
    """
    seen = await queries.heads(session, programme_id, now=now, limit=limit)
    if not seen:
        return 0
    residents = {each.resident_id for each in seen}
    await ledger.lock(session, programme_id, residents)
    live, lapsed = parted(await queries.still_waiting(session, programme_id, seen), now)
    left = await ledger.lock_budgets(session, programme_id, {each.budget_id for each in live})
    awards = await _claimed(session, programme_id, payable(live, left))
    await queries.close(session, programme_id, awards, lapsed, now=now)
    await write(session, programme_id, [_adjustment(entry_id, each, now) for entry_id, each in awards.items()])
    owing = await ledger.owing(session, programme_id, residents)
    priorities = await _priorities(session, programme_id, list(awards.values()))
    drafts = [
        _draft(entry_id, each, now, owes=each.resident_id in owing, priority=priority)
        for (entry_id, each), priority in zip(awards.items(), priorities, strict=True)
    ]
    await ledger.append(session, programme_id, drafts)
    return len(awards) + len(lapsed)


async def lapse(session: AsyncSession, programme_id: UUID, *, now: datetime, limit: int) -> int:
    """Close awards whose points would be past their time, whether or not their budget was funded."""
    return await queries.lapse(session, programme_id, now=now, limit=limit)


async def _claimed(session: AsyncSession, programme_id: UUID, awards: Sequence[Waiting]) -> dict[UUID, Waiting]:
    """Claim the keys of awards and return them by their entries.

    Keys come before residents elsewhere. Here only who holds the resident's lock ever asks for the key, and only for
    what is sure to be granted: nobody waits for it, and none is used up for nothing.
    """
    uses = [ledger.KeyUse(_key(each), ledger.input_hash(each.points), new_id()) for each in awards]
    claimed = await ledger.claim(session, programme_id, uses)
    return {
        use.entry_id: award
        for use, award, each in zip(uses, awards, claimed, strict=True)
        if each.state is ledger.ClaimState.FRESH and use.entry_id is not None
    }


def _key(award: Waiting) -> str:
    """Return what an award is granted once under, and what is left of it once after each grant before."""
    own = f"deferred:{award.activity_id}:{award.budget_id}"
    return own if award.earlier_id is None else f"{own}:{award.earlier_id}"


def _waits(credit: Credit, rulebook: Rulebook) -> list[Waiting]:
    candidate = credit.candidate
    matures_at, expires_at = lot_times(candidate, rulebook)
    return [
        Waiting(
            activity_id=credit.activity_id,
            budget_id=payment.budget_id,
            resident_id=candidate.resident_id,
            points=payment.points,
            effective_at=candidate.effective_at,
            matures_at=matures_at,
            expires_at=expires_at,
            day=candidate.day,
        )
        for payment in credit.grant.waiting
    ]


async def _priorities(session: AsyncSession, programme_id: UUID, awards: Sequence[Waiting]) -> list[int]:
    """Return when each award's points are drawn, by the rules of its activity's time."""
    rulebook = await read_rulebook(session, programme_id)
    orders = {each.version: each.terms.draw_order for each in rulebook.policies}
    if not awards or set(orders.values()) == {DrawOrder()}:
        return [0] * len(awards)
    own = {rulebook.base_budget_id, rulebook.engagement_budget_id}
    rows = await activities(session, programme_id, {each.activity_id for each in awards})
    found = [(each, rows[each.activity_id]) for each in awards]
    return [
        priority_of(Kind(row.kind), orders[row.policy_version], campaign=each.budget_id not in own)
        for each, row in found
    ]


def _draft(entry_id: UUID, award: Waiting, now: datetime, *, owes: bool, priority: int) -> ledger.Draft:
    mature = award.matures_at <= now and not owes
    receiver = Account(AccountKind.RESIDENT if mature else AccountKind.PENDING, award.resident_id)
    posting = ledger.Posting(Account(AccountKind.BUDGET, award.budget_id), receiver, Asset.POINTS, award.points)
    return ledger.Draft(
        entry_id=entry_id,
        kind=ledger.EntryKind.DEFERRED,
        effective_at=award.effective_at,
        postings=(posting,),
        resident_id=award.resident_id,
        lot=ledger.LotTerms(award.points, award.matures_at, award.expires_at, mature, priority),
        subject_id=award.activity_id,
    )


def _adjustment(entry_id: UUID, award: Waiting, now: datetime) -> NewAdjustment:
    return NewAdjustment(
        adjustment_id=entry_id,
        activity_id=award.activity_id,
        resident_id=award.resident_id,
        order_id=None,
        effective_at=now,
        grams=0,
        points=award.points,
        owed=0,
        borne=0,
        units=0,
        day=award.day,
        kind=int(AdjustmentKind.FUNDED),
        reason=_REASON,
        detail={"payments": {str(award.budget_id): award.points}},
    )
