"""The one use case behind every scan and every sale: report, appraise, claim, cap, pay, write. A batch at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.queries import facts_for
from points import ledger
from points.campaigns.queries import open_campaigns
from points.campaigns.rules import OpenCampaign
from points.earning import queries
from points.earning.activities import Evidence, Outcome, Reason, Receipt, Refusal
from points.earning.appraisals import Candidate, Identified, appraise, identify
from points.earning.grants import Credit, Rooms, day_totals, grant
from points.earning.rows import draft_of, receipt_of, recorded_of
from points.ledger import ClaimState
from points.programmes.policy import Rulebook
from points.programmes.queries import rulebook as read_rulebook
from points.residents.queries import present

_AMPLE: Final = 100
"""Budgets are rows that everybody draws on: to hold them while a batch is written makes batches wait in line. As long
as this many batches more are left in them, they are only looked at, and taken last of all. Else they are taken first,
so that nobody else draws what was granted here.
"""


async def record(
    session: AsyncSession, programme_id: UUID, activities: Sequence[Evidence], *, now: datetime
) -> list[Outcome]:
    """Credit what is worth a credit, once; return a receipt or a refusal for each activity, in order.

    The number of statements does not depend on the number of activities. Locks are taken in the ledger's order.

    Raises:
        UnknownProgrammeError: when there is no such programme.
        BudgetsShortError: when an ample budget was emptied while this was written. Try again.
    """
    if not activities:
        return []
    rulebook = await read_rulebook(session, programme_id)
    identified = [identify(evidence, rulebook.time_zone) for evidence in activities]
    appraised = await _appraise(session, rulebook, identified, now)
    claimed = await _claim(session, programme_id, identified, appraised)
    fresh = {
        each.entry_id: candidate
        for each, candidate in zip(claimed, appraised, strict=True)
        if isinstance(candidate, Candidate) and each is not None and each.entry_id and each.state is ClaimState.FRESH
    }
    receipts = await _credit(session, rulebook, fresh, now)
    earlier = await _earlier(session, programme_id, claimed)
    return [_outcome(each, candidate, receipts, earlier) for each, candidate in zip(claimed, appraised, strict=True)]


async def _appraise(
    session: AsyncSession, rulebook: Rulebook, identified: Sequence[Identified | Refusal], now: datetime
) -> list[Candidate | Refusal]:
    found = [each for each in identified if isinstance(each, Identified)]
    facts = await facts_for(session, {each.gtin for each in found})
    residents = {each.evidence.resident_id for each in found if each.evidence.resident_id is not None}
    here = await present(session, rulebook.programme_id, residents)
    return [
        each if isinstance(each, Refusal) else appraise(each, rulebook=rulebook, facts=facts, present=here, now=now)
        for each in identified
    ]


async def _claim(
    session: AsyncSession,
    programme_id: UUID,
    identified: Sequence[Identified | Refusal],
    appraised: Sequence[Candidate | Refusal],
) -> list[ledger.Claimed | None]:
    """Claim the keys of candidates; of what is refused today, find out whether it was credited earlier."""
    uses = {
        index: ledger.KeyUse(each.key, ledger.input_hash(*each.told_apart_by()), new_id())
        for index, each in enumerate(identified)
        if isinstance(each, Identified)
    }
    wanted = {index: use for index, use in uses.items() if isinstance(appraised[index], Candidate)}
    others = {index: use for index, use in uses.items() if index not in wanted}
    claimed = dict(zip(wanted, await ledger.claim(session, programme_id, list(wanted.values())), strict=True))
    standing = dict(zip(others, await ledger.find(session, programme_id, list(others.values())), strict=True))
    return [claimed.get(index) or standing.get(index) for index in range(len(identified))]


async def _credit(
    session: AsyncSession, rulebook: Rulebook, candidates: dict[UUID, Candidate], now: datetime
) -> dict[UUID, Receipt]:
    """Cap, pay and write what was claimed; the residents' lock comes before anything that counts is read."""
    if not candidates:
        return {}
    programme_id = rulebook.programme_id
    campaigns = await _campaigns(session, programme_id, candidates.values())
    await ledger.lock(session, programme_id, {each.resident_id for each in candidates.values()})
    used = await queries.usage(session, programme_id, {(each.resident_id, each.day) for each in candidates.values()})
    budget_ids = {rulebook.base_budget_id, rulebook.engagement_budget_id, *(each.budget_id for each in campaigns)}

    def granted(budgets: dict[UUID, int]) -> list[Credit]:
        rooms = Rooms.after(used)
        return [
            Credit(activity_id, each, grant(each, campaigns, rulebook, budgets, rooms.of(each.resident_id, each.day)))
            for activity_id, each in candidates.items()
        ]

    looked = await ledger.budgets_left(session, programme_id, budget_ids)
    left = dict(looked)
    credited = granted(left)
    if any(left[budget_id] < _AMPLE * (looked[budget_id] - left[budget_id]) for budget_id in left):
        credited = granted(await ledger.lock_budgets(session, programme_id, budget_ids))
    return await _write(session, rulebook, credited, now)


async def _write(
    session: AsyncSession, rulebook: Rulebook, credited: Sequence[Credit], now: datetime
) -> dict[UUID, Receipt]:
    """Write activities and their residents' days, then the entries that draw on budgets."""
    rows = [recorded_of(each) for each in credited]
    await queries.write(session, rulebook.programme_id, rows, day_totals(credited), now)
    await ledger.append(session, rulebook.programme_id, [draft_of(each, rulebook, now) for each in credited])
    potentials = {each.activity_id: each.candidate.saving.full_grams for each in credited}
    return {row.activity_id: receipt_of(row, potential_grams=potentials[row.activity_id]) for row in rows}


async def _campaigns(
    session: AsyncSession, programme_id: UUID, candidates: Collection[Candidate]
) -> list[OpenCampaign]:
    times = [each.effective_at for each in candidates]
    return await open_campaigns(session, programme_id, min(times), max(times))


async def _earlier(
    session: AsyncSession, programme_id: UUID, claimed: Sequence[ledger.Claimed | None]
) -> dict[UUID, Receipt]:
    """Return the receipts of what had been credited before this batch."""
    entry_ids = [each.entry_id for each in claimed if each is not None and each.state is ClaimState.REPLAYED]
    if not entry_ids:
        return {}
    rows = await queries.activities(session, programme_id, [each for each in entry_ids if each is not None])
    return {activity_id: receipt_of(row, replayed=True) for activity_id, row in rows.items()}


def _outcome(
    claimed: ledger.Claimed | None,
    appraised: Candidate | Refusal,
    receipts: Mapping[UUID, Receipt],
    earlier: Mapping[UUID, Receipt],
) -> Outcome:
    if claimed is not None and claimed.entry_id is not None:
        if claimed.state is ClaimState.FRESH:
            return receipts[claimed.entry_id]
        if claimed.state is ClaimState.REPLAYED:
            potential = appraised.saving.full_grams if isinstance(appraised, Candidate) else None
            return replace(earlier[claimed.entry_id], potential_grams=potential)
    if isinstance(appraised, Refusal):
        return appraised
    return Refusal(
        Reason.REPORTED_DIFFERENTLY,
        "This was reported before, for another resident or with another quantity or time; the first report stands.",
    )
